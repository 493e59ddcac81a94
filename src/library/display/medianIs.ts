import { requireList, requireNumber } from "../ground/validation.js";
import { median, quantiles } from "../measures/statistics.js";
import { wilsonInterval } from "../measures/wilsonInterval.js";
import { tf } from "../tensorflow/tf.js";

/**
 * Whether the median over networks is the one that a lesson names, up to `within`. Where TensorFlow does the arithmetic, it has to
 * be that. Elsewhere (in a page) the last digits differ, and with them the way that a training takes: there the interval in which
 * the median lies (95 %, between the values at the ends of the Wilson interval of one half) has to come as near to what is named.
 *
 * @example
 * checkClaims({ "the median accuracy is 77.6 %": medianIs(accuracies, 0.776, 0.001) });
 * @throws RangeError for an empty list, or a negative `within`.
 */
export function medianIs(values: readonly number[], named: number, within: number): boolean {
  const owner = "medianIs";
  requireList(owner, "values", values, "numbers", 1);
  requireNumber(owner, "named", named);
  requireNumber(owner, "within", within, { min: 0 });
  if (tf.getBackend() === "tensorflow") {
    return Math.abs(median(values) - named) <= within;
  }
  const { lower, upper } = wilsonInterval(Math.round(values.length / 2), values.length);
  const [least, most] = quantiles(values, [lower, upper]) as [number, number];
  return least <= named + within && named - within <= most;
}
