import { requireList } from "../ground/validation.js";
import { type FloatFormatName, roundTo } from "../models/floatFormats.js";

/**
 * The share of numbers that become 0 when each is rounded to a format, of those that are not 0 before: what a format
 * loses at its lower end. NaN if all are 0.
 *
 * @example
 * shareLost([1, 0, 1e-8, 1e-9], "float16"); // 2 / 3
 */
export function shareLost(values: ArrayLike<number> & Iterable<number>, format: FloatFormatName): number {
  requireList("shareLost", "values", Array.from(values), "numbers", 1);
  let [present, lost] = [0, 0];
  for (const value of values) {
    if (value !== 0) {
      present += 1;
      lost += Number(roundTo(value, format) === 0);
    }
  }
  return lost / present;
}
