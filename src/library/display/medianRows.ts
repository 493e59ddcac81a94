import { fail } from "../ground/validation.js";
import { short } from "../ground/format.js";
import { type Numbers, spread } from "../measures/statistics.js";

/** Both quartiles of some numbers, as a text for a table: "0.12 to 0.34". */
export function quartileText(values: Numbers): string {
  const { lower, upper } = spread(values);
  return `${short(lower)} to ${short(upper)}`;
}

/** A row of a table: the group's name, a median for each measure, and the quartiles of one of them. */
export type MedianRow<Measure extends string> = Readonly<
  Record<Measure, number> & Record<"network" | "quartiles", string>
>;

/**
 * Rows for `showTable`: one for each group of networks, with the median of each measure over the group, and the quartiles
 * of the first measure in a column of its own, at its right.
 *
 * @example
 * const rows = medianRows({ tanh: [1, 2, 9], relu: [4, 5, 6] }, { size: (one) => one, square: (one) => one ** 2 });
 * rows[0]; // { network: "tanh", size: 2, quartiles: "1.5 to 5.5", square: 4 }
 * @throws RangeError for no group, an empty group or no measure.
 */
export function medianRows<T, Measure extends string>(
  groups: Readonly<Record<string, readonly T[]>>,
  measures: Readonly<Record<Measure, (one: T) => number>>,
): MedianRow<Measure>[] {
  const owner = "medianRows";
  const entries = Object.entries<(one: T) => number>(measures);
  if (Object.keys(groups).length === 0) {
    fail(owner, "groups", [], "an object with at least one group");
  }
  if (entries.length === 0) {
    fail(owner, "measures", [], "an object with at least one measure");
  }
  return Object.entries(groups).map(([network, group]) => {
    if (group.length === 0) {
      fail(owner, `groups.${network}`, [], "a list of at least one");
    }
    const columns = entries.flatMap(([name, measure], i): [string, string | number][] => {
      const values = group.map((one) => measure(one));
      const { median } = spread(values);
      return i === 0
        ? [
            [name, median],
            ["quartiles", quartileText(values)],
          ]
        : [[name, median]];
    });
    return { network, ...Object.fromEntries(columns) } as MedianRow<Measure>;
  });
}
