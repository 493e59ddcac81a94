import { activations } from "../models/activations.js";
import { gaussianMean, gaussianProductMean } from "./gaussian.js";
import { nextCorrelation, nextVariance, type RandomLayers, zeroBetween } from "./signalMaps.js";

/** c*, if there is one, and its depth scale: see `MeanField`. */
export interface CorrelationLimit {
  readonly correlation: number | undefined;
  readonly correlationDepth: number;
}

/** Differences below this are taken for rounding. */
const ROUNDING = 1e-9;

/**
 * What correlations come to where the variance of z is (or, for one that stands for 0 or Infinity, on its way to be) the given one:
 * see `MeanField`.
 */
export function correlationLimit(
  variance: number,
  chi: number,
  layers: Required<RandomLayers>,
): CorrelationLimit {
  const { activation, weightStd, biasStd } = layers;
  const { output, derivative } = activations[activation];
  const scale = Math.sqrt(variance);
  const next = nextVariance(variance, layers);
  if (next === 0) {
    return { correlation: undefined, correlationDepth: 0 };
  }
  // Correlations are shares of the next layer's variance, which only where q* is finite is the same as this layer's.
  const share = variance / next;
  const meanSlope = gaussianMean((z) => derivative(scale * z));
  const common = ((weightStd * gaussianMean((z) => output(scale * z))) ** 2 + biasStd ** 2) / next;
  const isLinear = chi - (weightStd * meanSlope) ** 2 < 1e-12 * chi;
  if (isLinear && common < 1e-12) {
    return { correlation: undefined, correlationDepth: Infinity };
  }
  // The next correlation is a convex function of the correlation that gives 1 for 1 (Poole et al. 2016).
  if (chi * share <= 1 + ROUNDING) {
    return { correlation: 1, correlationDepth: depthScale(chi * share) };
  }
  if (common < ROUNDING) {
    return { correlation: 0, correlationDepth: depthScale((weightStd * meanSlope) ** 2 * share) };
  }
  const correlation = zeroBetween((c) => nextCorrelation(c, variance, layers) - c, 0, 1);
  const slope = weightStd ** 2 * gaussianProductMean((z) => derivative(scale * z), correlation);
  return { correlation, correlationDepth: depthScale(slope * share) };
}

/** Layers in which a number that is multiplied by a factor in each layer changes by e. */
export function depthScale(factor: number): number {
  return Math.abs(factor - 1) < ROUNDING ? Infinity : 1 / Math.abs(Math.log(factor));
}
