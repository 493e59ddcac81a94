/**
 * A figure in plotly's form, with a text that says the same. Plotly's own types describe traces and layouts where they
 * are made (see theme.ts), and stay out of here: the compiler of a notebook would read a megabyte of them.
 */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: FigureLayout;
  /** What the figure shows, with its numbers, for those who do not see it. */
  readonly alt: string;
}

/** One line, set of points, heatmap, ... */
export type Trace = Readonly<Record<string, unknown>>;

/** Title, axes, legend; the size is in pixels. */
export interface FigureLayout extends Readonly<Record<string, unknown>> {
  readonly width: number;
  readonly height: number;
}
