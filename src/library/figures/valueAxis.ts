/**
 * An axis of values: its title, with the unit, and whether decades matter. Without plotly's types, which a notebook's
 * compiler would have to read.
 */
export interface ValueAxis {
  readonly title: string;
  readonly log: boolean;
  /** The part that is shown, in powers of ten if decades matter; what the lines need, if not given. */
  readonly range?: readonly [number, number];
  /** Whether it begins at 0. */
  readonly fromZero?: boolean;
  /** How its labels are written, in d3's form. */
  readonly labels?: string;
}
