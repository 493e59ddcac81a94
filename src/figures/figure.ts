/**
 * A figure in plotly's form, with a text that says the same. Its types are loose on purpose: plotly's own would be
 * loaded into every notebook, and cost it 20 MB.
 */
export interface Figure {
  /** Plotly's traces. */
  readonly data: readonly object[];
  /** Plotly's layout. */
  readonly layout: Readonly<{ width?: number; height?: number }> & object;
  /** What the figure shows, with its numbers, for those who do not see it. */
  readonly alt: string;
}
