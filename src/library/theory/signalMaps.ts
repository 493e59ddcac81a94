import { activations, type ActivationName } from "../models/activations.js";
import { gaussianMean, gaussianProductMean } from "./gaussian.js";

/** Random layers: kernels with variance weightStd^2 / inputs, biases with variance biasStd^2, both around 0. */
export interface RandomLayers {
  readonly activation: ActivationName;
  /** sigma_w */
  readonly weightStd: number;
  /** sigma_b; 0 if not given. */
  readonly biasStd?: number;
}

/** The variance of z in the next layer: sigma_w^2 E[f(z)^2] + sigma_b^2. */
export function nextVariance(variance: number, { activation, weightStd, biasStd = 0 }: RandomLayers): number {
  const scale = Math.sqrt(variance);
  const { output } = activations[activation];
  return weightStd ** 2 * gaussianMean((z) => output(scale * z) ** 2) + biasStd ** 2;
}

/** By how much a small change of the variance of z is multiplied from layer to layer: sigma_w^2 E[f(z) f'(z) z] / variance. */
export function varianceSlope(variance: number, { activation, weightStd }: RandomLayers): number {
  const scale = Math.sqrt(variance);
  const { output, derivative } = activations[activation];
  return (weightStd ** 2 * gaussianMean((z) => output(scale * z) * derivative(scale * z) * z)) / scale;
}

/**
 * The correlation between the z of two examples in the next layer, both with the given variance:
 * (sigma_w^2 E[f(z1) f(z2)] + sigma_b^2) / (variance in the next layer).
 */
export function nextCorrelation(correlation: number, variance: number, layers: RandomLayers): number {
  const { activation, weightStd, biasStd = 0 } = layers;
  const scale = Math.sqrt(variance);
  const { output } = activations[activation];
  const product = gaussianProductMean((z) => output(scale * z), correlation);
  return (weightStd ** 2 * product + biasStd ** 2) / nextVariance(variance, layers);
}

/** What counts as 0 and as Infinity. */
export const SMALLEST = 1e-20;
export const LARGEST = 1e20;

/** Changes of the variance of a smaller share than this are taken for rounding. */
const STILL = 1e-12;

/**
 * q*: the variance of z that layers come to from a variance of 1; 0 if it dies out, Infinity if it grows without end. Where any
 * variance stays as it is (ReLU with sigma_w = sqrt 2) it is 1.
 */
export function varianceLimit(layers: RandomLayers): number {
  // As the next variance grows with the variance, it goes one way, to the first that stays.
  const growth = (logarithm: number): number =>
    Math.log(nextVariance(Math.exp(logarithm), layers)) - logarithm;
  const atStart = growth(0);
  if (Math.abs(atStart) < STILL) {
    return 1;
  }
  const direction = Math.sign(atStart);
  const step = Math.LN10 / 4;
  for (let distance = step; distance <= Math.log(LARGEST); distance += step) {
    if (direction * growth(direction * distance) < -STILL) {
      return Math.exp(
        direction * zeroBetween((x) => direction * growth(direction * x), distance - step, distance),
      );
    }
  }
  return direction > 0 ? Infinity : 0;
}

/** Where a function that is above 0 at `from` and below 0 at `to` is 0. */
export function zeroBetween(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    [low, high] = f(middle) > 0 ? [middle, high] : [low, middle];
  }
  return low;
}
