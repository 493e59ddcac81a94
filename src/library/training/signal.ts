import { isActivationName } from "../models/activations.js";
import { contains, type Region, slopeRegions } from "../models/slopes.js";

/** What passed through one layer's activation function in one forward pass. */
export interface Signal {
  /** Name of the layer with the kernel before it. */
  readonly layer: string;
  /** Name of the activation function. */
  readonly activation: string;
  readonly units: number;
  /** z, what entered, flat, [examples * units]. */
  readonly z: Float32Array;
  /** a = f(z), what left. */
  readonly a: Float32Array;
}

/** The same, summed up. */
export interface SignalSummary extends Pick<Signal, "layer" | "activation" | "units"> {
  readonly preActivations: Moments;
  readonly activations: Moments;
  readonly saturated: number;
  readonly dead: number;
}

/** Mean and standard deviation. */
export interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** Sums up a signal. */
export function summarize({ layer, activation, units, z, a }: Signal): SignalSummary {
  const all = { start: 0, units, examples: z.length / units, unitByUnit: false };
  const [zMean, zStd, aMean, aStd, saturated, dead] = statisticsOf(activation, z, a, all);
  return {
    ...{ layer, activation, units, saturated, dead },
    preActivations: { mean: zMean, std: zStd },
    activations: { mean: aMean, std: aStd },
  };
}

/** Where a layer's numbers lie in a list: from `start`, either unit by unit or example by example. */
export interface Place {
  readonly start: number;
  readonly units: number;
  readonly examples: number;
  readonly unitByUnit: boolean;
}

/** Mean and standard deviation of z and of a, share of z that is saturated, share of units that are dead. */
export type Statistics = readonly [
  zMean: number,
  zStd: number,
  aMean: number,
  aStd: number,
  saturated: number,
  dead: number,
];

/**
 * Statistics of a layer, [units, examples] or [examples, units], in one pass over z and one over a. Saturated is where
 * |f'(z)| is below 5 % of its largest value; dead is a unit for which f'(z) = 0 in every example. Both are NaN for a
 * function that is not in the table of activations (softmax).
 */
export function statisticsOf(activation: string, z: Float32Array, a: Float32Array, place: Place): Statistics {
  const end = place.start + place.units * place.examples;
  const [zMean, zStd] = moments(z, place.start, end);
  const [aMean, aStd] = moments(a, place.start, end);
  if (!isActivationName(activation)) {
    return [zMean, zStd, aMean, aStd, NaN, NaN];
  }
  const { small, zero } = slopeRegions(activation);
  const above = small.flips.map((flip) => countAbove(z, place.start, end, flip));
  const size = end - place.start;
  // Each flip that a z lies above changes whether it is saturated.
  const saturated = above.reduce(
    (count, number, i) => count + (small.below === (i % 2 === 0) ? -number : number),
    small.below ? size : 0,
  );
  return [zMean, zStd, aMean, aStd, saturated / size, deadUnits(z, place, zero) / place.units];
}

/**
 * Mean and standard deviation (of the population). Deviations are taken from the first value, so that one pass is
 * enough: large squares that nearly cancel do not arise. Four sums at a time, as a processor adds them at once: with
 * `countAbove` this is the busiest loop of a recording.
 */
function moments(values: Float32Array, start: number, end: number): [mean: number, std: number] {
  const origin = values[start]!;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let q0 = 0;
  let q1 = 0;
  let q2 = 0;
  let q3 = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    const d0 = values[i]! - origin;
    const d1 = values[i + 1]! - origin;
    const d2 = values[i + 2]! - origin;
    const d3 = values[i + 3]! - origin;
    s0 += d0;
    s1 += d1;
    s2 += d2;
    s3 += d3;
    q0 += d0 * d0;
    q1 += d1 * d1;
    q2 += d2 * d2;
    q3 += d3 * d3;
  }
  for (; i < end; i++) {
    const d = values[i]! - origin;
    s0 += d;
    q0 += d * d;
  }
  const size = end - start;
  const mean = (s0 + s1 + s2 + s3) / size;
  const variance = (q0 + q1 + q2 + q3) / size - mean * mean;
  return [origin + mean, Math.sqrt(variance < 0 ? 0 : variance)];
}

/** How many values are above a limit. */
function countAbove(values: Float32Array, start: number, end: number, limit: number): number {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    c0 += values[i]! > limit ? 1 : 0;
    c1 += values[i + 1]! > limit ? 1 : 0;
    c2 += values[i + 2]! > limit ? 1 : 0;
    c3 += values[i + 3]! > limit ? 1 : 0;
  }
  for (; i < end; i++) {
    c0 += values[i]! > limit ? 1 : 0;
  }
  return c0 + c1 + c2 + c3;
}

/** Number of units with f'(z) = 0 in every example. */
function deadUnits(z: Float32Array, { start, units, examples, unitByUnit }: Place, zero: Region): number {
  if (zero.flips.length === 0 && !zero.below) {
    return 0;
  }
  const unitStride = unitByUnit ? examples : 1;
  const exampleStride = unitByUnit ? 1 : units;
  let dead = 0;
  for (let unit = 0; unit < units; unit++) {
    const first = start + unit * unitStride;
    const end = first + examples * exampleStride;
    let i = first;
    while (i < end && contains(zero, z[i]!)) {
      i += exampleStride;
    }
    dead += i < end ? 0 : 1;
  }
  return dead;
}
