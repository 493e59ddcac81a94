import { fail, keysOf, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";
import { activationNames, activations } from "../models/activations.js";
import { correlationLimit, depthScale } from "./correlationLimit.js";
import { gaussianMean } from "./gaussian.js";
import {
  LARGEST,
  type RandomLayers,
  SMALLEST,
  varianceLimit,
  varianceSlope,
  zeroBetween,
} from "./signalMaps.js";

/**
 * What happens in very wide and very deep random networks. Each of the three depths is a number of layers in which something
 * changes by a factor of e, and is Infinity where it does not, or more slowly than by any factor.
 */
export interface MeanField {
  /** q*: the variance of z that layers come to from 1; Infinity if it grows without end, 0 if it dies out. */
  readonly variance: number;
  /**
   * xi_q = 1 / |ln(sigma_w^2 E[f(z) f'(z) z] / q*)|: in which the variance of z comes closer to q*; where that is 0 or Infinity, in
   * which the variance itself changes (for ReLU 1 / |ln(sigma_w^2 / 2)|). Schoenholz et al. (2017).
   */
  readonly varianceDepth: number;
  /** chi = sigma_w^2 E[f'(z)^2]: by which a squared gradient is multiplied in each layer on its way back. */
  readonly chi: number;
  /** sqrt(chi): the same for the gradient. Below 1 it vanishes, above 1 it explodes. */
  readonly gradientFactor: number;
  /** 2 / |ln chi|: in which the gradient changes. Twice the scale of the squared gradient in Schoenholz et al. (2017). */
  readonly gradientDepth: number;
  /**
   * c*: the correlation between the z of two examples that layers come to. 1: they become alike. Undefined where layers leave
   * any correlation as it is, because the function is as good as linear: tanh without biases and with sigma_w of at most 1, whose
   * z die out; a linear function.
   */
  readonly correlation: number | undefined;
  /**
   * xi_c = 1 / |ln(sigma_w^2 E[f'(z1) f'(z2)])|, with z1 and z2 of correlation c*: in which the correlation comes closer to c*
   * (Schoenholz et al. 2017, who could train networks of up to about 6 xi_c, with biases). For ReLU without biases it is Infinity
   * whatever sigma_w is: c comes to 1, but like 1 - 9 pi^2 / (2 layers^2) (Hayou et al. 2019).
   */
  readonly correlationDepth: number;
}

/**
 * Mean-field theory of random networks: B. Poole et al., "Exponential expressivity in deep neural networks through
 * transient chaos" (2016), S. Schoenholz et al., "Deep information propagation" (2017), and S. Hayou et al., "On the impact of
 * the activation function on deep neural networks training" (2019). It holds for many units in each layer and at the start of
 * training, with and without biases.
 *
 * What limits the depth of a network differs: without biases and below the edge of chaos it is the gradient (`gradientDepth`),
 * in chaos and with biases the correlation (`correlationDepth`) too.
 *
 * @example
 * meanField({ activation: "relu", weightStd: 1 }).chi.toFixed(3); // "0.500"
 * meanField({ activation: "relu", weightStd: 1 }).correlationDepth; // Infinity
 * @throws RangeError for an unknown activation or a standard deviation below 0.
 */
export function meanField(layers: RandomLayers): MeanField {
  const resolved = check("meanField", layers);
  const limit = varianceLimit(resolved);
  // 0 and Infinity stand for what happens on the way there.
  const variance = Math.min(Math.max(limit, SMALLEST), LARGEST);
  const chi = chiAt(variance, resolved);
  return {
    variance: limit,
    varianceDepth: depthScale(varianceSlope(variance, resolved)),
    chi,
    gradientFactor: Math.sqrt(chi),
    gradientDepth: 2 * depthScale(chi),
    ...correlationLimit(variance, chi, resolved),
  };
}

/**
 * The sigma_w for which chi = 1, so that a gradient neither vanishes nor explodes: the edge of chaos.
 *
 * @throws RangeError if there is none from 0.001 to 1000.
 */
export function criticalWeightStd(layers: Omit<RandomLayers, "weightStd">): number {
  const owner = "criticalWeightStd";
  requireKnownKeys(owner, "layers", layers, keysOf<typeof layers>({ activation: true, biasStd: true }));
  const resolved = check(owner, { ...layers, weightStd: 1 });
  const chi = (weightStd: number): number => {
    const candidate = { ...resolved, weightStd };
    return chiAt(Math.min(Math.max(varianceLimit(candidate), SMALLEST), LARGEST), candidate);
  };
  if (!(chi(1e-3) < 1 && chi(1e3) > 1)) {
    fail(owner, "activation", resolved.activation, "one whose chi passes 1 between sigma_w = 0.001 and 1000");
  }
  return Math.exp(zeroBetween((logarithm) => 1 - chi(Math.exp(logarithm)), Math.log(1e-3), Math.log(1e3)));
}

function chiAt(variance: number, { activation, weightStd }: RandomLayers): number {
  const { derivative } = activations[activation];
  const scale = Math.sqrt(variance);
  return weightStd ** 2 * gaussianMean((z) => derivative(scale * z) ** 2);
}

function check(owner: string, layers: RandomLayers): Required<RandomLayers> {
  requireKnownKeys(
    owner,
    "layers",
    layers,
    keysOf<RandomLayers>({ activation: true, weightStd: true, biasStd: true }),
  );
  return {
    activation: requireOneOf(owner, "activation", layers.activation, activationNames),
    weightStd: requireNumber(owner, "weightStd", layers.weightStd, { min: 0 }),
    biasStd: requireNumber(owner, "biasStd", layers.biasStd ?? 0, { min: 0 }),
  };
}
