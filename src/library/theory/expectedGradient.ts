import {
  fail,
  keysOf,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
} from "../ground/validation.js";
import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { kernelVariance } from "../models/initializers.js";
import { checkEnsembleSpec, type EnsembleSpec, mlpLayers } from "../models/mlpSpec.js";
import { gaussianMean } from "./gaussian.js";

/** What `linearizedFactor` is told of a layer. */
export interface LinearizedLayer {
  readonly activation: ActivationName;
  /** Units of the layer that the gradient comes from. */
  readonly units: number;
  /** Standard deviation of its kernel's weights. */
  readonly kernelStd: number;
}

/**
 * By how much a layer multiplies the gradient on its way back if its units work near z = 0: sqrt(units) * kernelStd *
 * |f'(0)|. For sigmoid that is 1 / 6.93 with PyTorch's default kernels (uniform within 1 / sqrt(inputs)) and 1 / 4 with
 * Glorot's, if all layers have one size. Better known, and weaker, is the bound max |f'| that leaves out the kernel:
 * `activations.sigmoid.steepest`, 1 / 4.
 *
 * @throws RangeError for a function whose slope jumps at 0: it has no f'(0). See `meanField`.
 */
export function linearizedFactor(layer: LinearizedLayer): number {
  const owner = "linearizedFactor";
  const keys = keysOf<LinearizedLayer>({ activation: true, units: true, kernelStd: true });
  requireKnownKeys(owner, "layer", layer, keys);
  const name = requireOneOf(owner, "activation", layer.activation, activationNames);
  const units = requireInteger(owner, "units", layer.units, { min: 1 });
  const kernelStd = requireNumber(owner, "kernelStd", layer.kernelStd, { min: 0 });
  const { derivative } = activations[name];
  const step = 1e-6;
  if (Math.abs(derivative(step) - derivative(-step)) > 1e-3) {
    fail(owner, "activation", name, "a function with one slope at 0");
  }
  return Math.sqrt(units) * kernelStd * Math.abs(derivative(0));
}

/** What is known of the data: the mean square of a feature, 1 if they are standardized. */
export interface InputSize {
  readonly meanSquare?: number;
}

/**
 * The size of dL/dW that mean-field theory expects in each layer at the start of training, as a multiple of that in the
 * output layer: from the first layer to the output, where it is 1. Layer by layer, with the kernels' own variances:
 *
 *     q[l]       = inputs * Var(W[l]) * E[a[l-1]^2]                    variance of z
 *     E[delta^2] = E[f'(z)^2] * units[l+1] * Var(W[l+1]) * E[delta[l+1]^2]
 *     dL/dW[l]   ~ sqrt(E[delta[l]^2] * E[a[l-1]^2])
 *
 * It holds for wide layers without batch normalization or residual connections.
 *
 * @throws RangeError for a spec that is none, or one with batch normalization or residual connections.
 */
export function expectedGradientByLayer(spec: EnsembleSpec, input: InputSize = {}): number[] {
  const owner = "expectedGradientByLayer";
  const resolved = checkEnsembleSpec(owner, spec);
  for (const key of ["batchNormalization", "residual"] as const) {
    if (resolved[key]) {
      fail(owner, key, true, "false: the theory is of plain networks");
    }
  }
  requireKnownKeys(owner, "input", input, keysOf<InputSize>({ meanSquare: true }));
  const meanSquare = requireNumber(owner, "meanSquare", input.meanSquare ?? 1, { min: 0 });
  const { output, derivative } = activations[resolved.activation];
  const layers = mlpLayers(resolved).map(({ inputs, units }) => ({
    inputs,
    units,
    variance: kernelVariance(resolved.kernelInitializer, inputs, units) * resolved.kernelScale ** 2,
  }));
  // Forward: what enters each layer, and the spread of its z.
  const entering = [meanSquare];
  const slopes: number[] = [];
  for (const { inputs, variance } of layers.slice(0, -1)) {
    const std = Math.sqrt(inputs * variance * entering.at(-1)!);
    entering.push(gaussianMean((z) => output(std * z) ** 2));
    slopes.push(gaussianMean((z) => derivative(std * z) ** 2));
  }
  // Backward, from 1 in the output layer.
  const deltas = [1];
  for (let l = layers.length - 2; l >= 0; l--) {
    const { units, variance } = layers[l + 1]!;
    deltas.unshift(slopes[l]! * units * variance * deltas[0]!);
  }
  const sizes = deltas.map((delta, l) => Math.sqrt(delta * entering[l]!));
  return sizes.map((size) => size / sizes.at(-1)!);
}
