import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { fail, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";
import { gaussianMean, gaussianProductMean } from "./gaussian.js";

/** Random layers: kernels with variance weightStd^2 / inputs, biases with variance biasStd^2, both around 0. */
export interface RandomLayers {
  readonly activation: ActivationName;
  /** sigma_w */
  readonly weightStd: number;
  /** sigma_b; 0 if not given. */
  readonly biasStd?: number;
}

/** What happens in very wide and very deep random networks. A depth scale is a number of layers. */
export interface MeanField {
  /** q*: the variance of z that layers come to; Infinity if it grows without end, 0 if it dies out. */
  readonly variance: number;
  /** chi = sigma_w^2 E[f'(z)^2]: by which a squared gradient is multiplied in each layer on its way back. */
  readonly chi: number;
  /** sqrt(chi): the same for the gradient. Below 1 it vanishes, above 1 it explodes. */
  readonly gradientFactor: number;
  /** Layers in which the gradient changes by a factor of e: 1 / |ln sqrt(chi)|. */
  readonly gradientDepth: number;
  /** c*: the correlation between the signals of two examples that layers come to. 1: they become alike. */
  readonly correlation: number;
  /** xi_c: layers in which the correlation comes closer to that by a factor of e. Networks of more than about 6 cannot be trained. */
  readonly correlationDepth: number;
}

/**
 * Mean-field theory of random networks: B. Poole et al., "Exponential expressivity in deep neural networks through
 * transient chaos" (2016), and S. Schoenholz et al., "Deep information propagation" (2017). It holds for many units in
 * each layer and at the start of training.
 *
 * @example
 * meanField({ activation: "tanh", weightStd: 1 }).chi; // 1: the gradient neither vanishes nor explodes
 * @throws RangeError for an unknown activation or a standard deviation below 0.
 */
export function meanField(layers: RandomLayers): MeanField {
  const { activation, weightStd, biasStd } = check("meanField", layers);
  const { output, derivative } = activations[activation];
  const { variance, scale, chi } = squaredGradient(activation, weightStd, biasStd);
  const next = (c: number): number =>
    (weightStd ** 2 * gaussianProductMean((z) => output(scale * z), c) + biasStd ** 2) / scale ** 2;
  const isOrdered = chi <= 1 || !Number.isFinite(variance);
  const correlation = isOrdered ? 1 : fixedPoint(next, 0, (c) => Math.min(Math.max(c, -1), 1));
  const slope = isOrdered
    ? chi
    : weightStd ** 2 * gaussianProductMean((z) => derivative(scale * z), correlation);
  return {
    ...{ variance, chi, gradientFactor: Math.sqrt(chi), gradientDepth: 2 * depthScale(chi) },
    ...{ correlation, correlationDepth: depthScale(slope) },
  };
}

/**
 * The sigma_w for which chi = 1, so that a gradient neither vanishes nor explodes: the edge of chaos.
 *
 * @throws RangeError if there is none from 0.001 to 1000.
 */
export function criticalWeightStd(layers: Omit<RandomLayers, "weightStd">): number {
  const owner = "criticalWeightStd";
  const { activation, biasStd } = check(owner, { ...layers, weightStd: 1 });
  const chi = (weightStd: number): number => squaredGradient(activation, weightStd, biasStd).chi;
  let [low, high] = [1e-3, 1e3];
  if (!(chi(low) < 1 && chi(high) > 1)) {
    fail(owner, "activation", activation, "one whose chi passes 1 between sigma_w = 0.001 and 1000");
  }
  while (high / low > 1 + 1e-9) {
    const middle = Math.sqrt(low * high);
    [low, high] = chi(middle) < 1 ? [middle, high] : [low, middle];
  }
  return low;
}

/** q*, the standard deviation of z that stands for it where it is 0 or Infinity, and chi. */
function squaredGradient(
  activation: ActivationName,
  weightStd: number,
  biasStd: number,
): { variance: number; scale: number; chi: number } {
  const variance = varianceFixedPoint(activation, weightStd, biasStd);
  const scale = Math.sqrt(Math.min(Math.max(variance, SMALLEST), LARGEST));
  const { derivative } = activations[activation];
  return { variance, scale, chi: weightStd ** 2 * gaussianMean((z) => derivative(scale * z) ** 2) };
}

/** The variance of z in the next layer: sigma_w^2 E[f(z)^2] + sigma_b^2. */
export function nextVariance(variance: number, { activation, weightStd, biasStd = 0 }: RandomLayers): number {
  const scale = Math.sqrt(variance);
  const { output } = activations[activation];
  return weightStd ** 2 * gaussianMean((z) => output(scale * z) ** 2) + biasStd ** 2;
}

/** What counts as 0 and as Infinity. */
const SMALLEST = 1e-20;
const LARGEST = 1e20;

function varianceFixedPoint(activation: ActivationName, weightStd: number, biasStd: number): number {
  const limits = (q: number): number => (q < SMALLEST ? 0 : q > LARGEST ? Infinity : q);
  return fixedPoint((q) => nextVariance(q, { activation, weightStd, biasStd }), 1, limits);
}

/**
 * Where x = next(x), from a start: by steps, each third of which jumps ahead to where a geometric approach would end
 * (Aitken), as near the edge of chaos plain steps hardly move.
 */
function fixedPoint(next: (x: number) => number, start: number, limit: (x: number) => number): number {
  let x = start;
  for (let i = 0; i < 2000; i++) {
    const first = limit(next(x));
    if (first === 0 || !Number.isFinite(first) || Math.abs(first - x) <= 1e-13 * Math.abs(x)) {
      return first;
    }
    const second = limit(next(first));
    if (second === 0 || !Number.isFinite(second)) {
      return second;
    }
    const ratio = (second - first) / (first - x);
    const jump = second + ((second - first) * ratio) / (1 - ratio);
    x = ratio > 0 && ratio < 0.999999 && limit(jump) === jump && jump > 0 ? jump : second;
  }
  return x;
}

/** Layers in which a number that is multiplied by a factor in each layer changes by e. */
function depthScale(factor: number): number {
  return factor === 1 ? Infinity : 1 / Math.abs(Math.log(factor));
}

function check(owner: string, layers: RandomLayers): Required<RandomLayers> {
  requireKnownKeys(owner, "layers", layers, ["activation", "weightStd", "biasStd"]);
  return {
    activation: requireOneOf(owner, "activation", layers.activation, activationNames),
    weightStd: requireNumber(owner, "weightStd", layers.weightStd, { min: 0 }),
    biasStd: requireNumber(owner, "biasStd", layers.biasStd ?? 0, { min: 0 }),
  };
}
