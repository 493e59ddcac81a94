import type { Data, Layout } from "plotly.js-dist";

/** A figure in plotly's form, with a text that says the same. */
export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What the figure shows, with its numbers, for those who do not see it. */
  readonly alt: string;
}
