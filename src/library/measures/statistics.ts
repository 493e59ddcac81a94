import { quantileSorted } from "simple-statistics";
import { requireNumber } from "../ground/validation.js";

/** Any list of numbers. */
export type Numbers = ArrayLike<number> & Iterable<number>;

/** Median and quartiles: how a result spreads over seeds. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/** Mean of the absolute values. */
export function meanAbs(values: Numbers): number {
  let sum = 0;
  for (const value of values) {
    sum += Math.abs(value);
  }
  return sum / notEmpty("meanAbs", values);
}

/** Mean. */
export function mean(values: Numbers): number {
  return meanOf("mean", values);
}

/** Standard deviation (of the population). */
export function std(values: Numbers): number {
  const middle = meanOf("std", values);
  let squares = 0;
  for (const value of values) {
    squares += (value - middle) ** 2;
  }
  return Math.sqrt(squares / values.length);
}

/** Euclidean (L2) norm: the square root of the sum of squares. */
export function l2Norm(values: Numbers): number {
  let sum = 0;
  for (const value of values) {
    sum += value ** 2;
  }
  return Math.sqrt(sum);
}

/** Largest absolute value. */
export function maxAbs(values: Numbers): number {
  let max = 0;
  for (const value of values) {
    max = Math.max(max, Math.abs(value));
  }
  return max;
}

/**
 * Median and quartiles, by linear interpolation between neighbors, as numpy and R have it. All are NaN if a value is:
 * NaN has no place in an order.
 */
export function spread(values: Numbers): Spread {
  const [lower, median, upper] = quantilesOf("spread", values, [0.25, 0.5, 0.75]) as [number, number, number];
  return { lower, median, upper };
}

/** The numbers below which the given shares of the values lie, each from 0 to 1, in the way of `spread`. */
export function quantiles(values: Numbers, shares: readonly number[]): number[] {
  shares.forEach((share, i) => requireNumber("quantiles", `shares[${i}]`, share, { min: 0, max: 1 }));
  return quantilesOf("quantiles", values, shares);
}

/** Median. */
export function median(values: Numbers): number {
  return quantilesOf("median", values, [0.5])[0]!;
}

function meanOf(owner: string, values: Numbers): number {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return sum / notEmpty(owner, values);
}

function quantilesOf(owner: string, values: Numbers, shares: readonly number[]): number[] {
  notEmpty(owner, values);
  const sorted = Array.from(values).sort((a, b) => a - b);
  return shares.map((share) => (sorted.some(Number.isNaN) ? NaN : quantileSorted(sorted, share)));
}

function notEmpty(owner: string, values: Numbers): number {
  if (values.length === 0) {
    throw new RangeError(`${owner}(): values is empty; at least one number is needed`);
  }
  return values.length;
}
