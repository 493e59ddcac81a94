import { short } from "../ground/format.js";
import { fail, requireList } from "../ground/validation.js";
import { type Spread, spread } from "./statistics.js";

/**
 * Median and quartiles of a measure over networks: of records, or of whatever there is one of for each network.
 *
 * @example
 * const record = await recordTraining(model, iris.train, { optimizer: "sgd", learningRate: 0.1, epochs: 1 });
 * spreadOf([record, record], (network) => network.steps.length).median; // 4
 */
export function spreadOf<Network>(
  networks: readonly Network[],
  measure: (network: Network) => number,
): Spread {
  requireList("spreadOf", "networks", networks, "records", 1);
  return spread(networks.map((network) => measure(network)));
}

/** Medians with their quartiles, one for each x: the numbers of a line that `linesFigure` draws. */
export interface SpreadLine {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * The line through the medians of groups of networks, with a band between the quartiles. Entry i of groups belongs to x[i].
 *
 * @example
 * const { y, lower, upper } = spreadLine([0.01, 0.1], [[1, 2, 3], [4, 5, 6]], (value) => 10 * value);
 * y; // [20, 50]
 * lower; // [15, 45]
 * upper; // [25, 55]
 * @throws RangeError if there are not as many groups as x, or a group is empty.
 */
export function spreadLine<Network>(
  x: readonly number[],
  groups: readonly (readonly Network[])[],
  measure: (network: Network) => number,
): SpreadLine {
  if (groups.length !== x.length) {
    fail("spreadLine", "groups.length", groups.length, `${x.length}, as there are ${x.length} x`);
  }
  const spreads = groups.map((networks, i) => {
    requireList("spreadLine", `groups[${i}]`, networks, "records", 1);
    return spread(networks.map((network) => measure(network)));
  });
  return {
    x,
    y: spreads.map(({ median }) => median),
    lower: spreads.map(({ lower }) => lower),
    upper: spreads.map(({ upper }) => upper),
  };
}

/**
 * Both quartiles as a table has them, with three digits.
 *
 * @example
 * quartiles({ lower: 0.34, median: 0.66, upper: 0.925 }); // "0.34 to 0.925"
 */
export function quartiles({ lower, upper }: Spread): string {
  return `${short(lower)} to ${short(upper)}`;
}
