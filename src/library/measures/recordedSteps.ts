import { fail } from "../ground/validation.js";

/** Which recorded step a measure is of. */
export interface At {
  /** The step's place in `record.steps`: 0, the first one, if not given; a negative one counts from the end, as in `Array.at`. */
  readonly at?: number;
}

/** Which recorded steps a change spans: from the weights before the step at `from` to those after the step at `to`. */
export interface Span {
  /** Place in `record.steps`, negative from the end: 0 if not given. */
  readonly from?: number;
  /** Place in `record.steps`, negative from the end: -1, the last one, if not given. */
  readonly to?: number;
}

/** The place of a recorded step, counted from 0, of so many. */
export function requirePlace(owner: string, name: string, value: number, count: number): number {
  if (!(Number.isInteger(value) && value >= -count && value < count)) {
    const range = count > 0 ? `a whole number from ${-count} to ${count - 1}` : "but no step was recorded";
    fail(owner, name, value, `the place of a recorded step, ${range}`);
  }
  return value < 0 ? value + count : value;
}

/** Both ends of a span of so many recorded steps, counted from 0. */
export function requireSpan(owner: string, { from = 0, to = -1 }: Span, count: number): Required<Span> {
  const places = { from: requirePlace(owner, "from", from, count), to: requirePlace(owner, "to", to, count) };
  if (places.from > places.to) {
    fail(owner, "from", from, `a recorded step at or before to, which is ${to}`);
  }
  return places;
}
