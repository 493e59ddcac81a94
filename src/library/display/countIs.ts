import { requireInteger } from "../ground/validation.js";
import { wilsonInterval } from "../measures/wilsonInterval.js";
import { tf } from "../tensorflow/tf.js";

/**
 * Whether a count of networks is the one that a lesson names. Where TensorFlow does the arithmetic, it has to be that very
 * number. Elsewhere (in a page, where JavaScript does it) the last digits differ, and with them the way that a training takes: there the
 * Wilson intervals (95 %) of both counts have to overlap, as they do if nothing but chance is between them.
 *
 * @example
 * checkClaims({ "91 of 400 learn": countIs(learned, 91, 400) });
 * @throws RangeError for counts that are no whole numbers from 0 to `of`.
 */
export function countIs(count: number, named: number, of: number): boolean {
  const owner = "countIs";
  requireInteger(owner, "of", of, { min: 1 });
  requireInteger(owner, "count", count, { min: 0, max: of });
  requireInteger(owner, "named", named, { min: 0, max: of });
  if (tf.getBackend() === "tensorflow") {
    return count === named;
  }
  const [own, other] = [wilsonInterval(count, of), wilsonInterval(named, of)];
  return own.lower <= other.upper && other.lower <= own.upper;
}
