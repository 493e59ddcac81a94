import { keysOf, requireInteger, requireKnownKeys, requireNumber } from "../ground/validation.js";

/** How sure an interval is to be. */
export interface IntervalOptions {
  /** Share of such intervals that hold the true share, above 0 and below 1: 0.95 if not given. */
  readonly level?: number;
}

/** From where to where a share lies, and the one that was seen. */
export interface ShareInterval {
  readonly lower: number;
  readonly share: number;
  readonly upper: number;
}

/**
 * Wilson's score interval for a share (E. B. Wilson 1927): in which range the true share of networks that learn lies, if
 * `successes` of `trials` networks did. Unlike share ± 2 standard errors it is right for few networks, for none and for all.
 *
 *     (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)      p = successes / trials, n = trials
 *
 * @example
 * wilsonInterval(0, 20).upper.toFixed(2); // "0.16"
 * @throws RangeError unless 0 <= successes <= trials, both whole, and level is between 0 and 1.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  options: IntervalOptions = {},
): ShareInterval {
  const owner = "wilsonInterval";
  requireKnownKeys(owner, "options", options, keysOf<IntervalOptions>({ level: true }));
  const n = requireInteger(owner, "trials", trials, { min: 1 });
  const share = requireInteger(owner, "successes", successes, { min: 0, max: n }) / n;
  const level = requireNumber(owner, "level", options.level ?? 0.95, { min: 1e-9, max: 1 - 1e-9 });
  const z = halfWidthOf(level);
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  // For none and for all, one end is 0 or 1 but for rounding.
  return { lower: share === 0 ? 0 : middle - half, share, upper: share === 1 ? 1 : middle + half };
}

/** The z for which a standard normal number lies between -z and z with a given probability: 1.96 for 0.95. */
function halfWidthOf(probability: number): number {
  let [low, high] = [0, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    [low, high] = probabilityWithin(middle) < probability ? [middle, high] : [low, middle];
  }
  return low;
}

/** The probability that a standard normal number lies between -z and z, by Simpson's rule. */
function probabilityWithin(z: number): number {
  const steps = 400;
  const weightOf = (i: number): number => (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += weightOf(i) * Math.exp(-(((z * i) / steps) ** 2) / 2);
  }
  return (sum * z * 2) / (3 * steps * Math.sqrt(2 * Math.PI));
}
