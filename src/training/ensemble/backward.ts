import * as tf from "@tensorflow/tfjs-node";
import { type Activation, activations, type ActivationName } from "../../models/activations.js";
import { layerOf, type MlpSpec } from "../../models/mlp.js";
import type { Signal } from "../signal.js";

/** What a forward pass leaves behind for the backward pass. Layer l is list entry l; n networks, m examples. */
export interface ForwardPass {
  /** What enters layer l, with a column of ones for the bias: [n, m, inputs + 1]; layer 0's is [1, m, features + 1]. */
  readonly inputs: tf.Tensor[];
  /** z = [a, 1] K, [n, m, units]. The last one belongs to the output layer. */
  readonly z: tf.Tensor[];
  /** a = f(z) of the hidden layers, [n, m, units]. */
  readonly a: tf.Tensor[];
}

/**
 * The forward pass of many networks at once. `kernels[l]` is layer l's kernel with the bias as its last row,
 * [n, inputs + 1, units]; `x` is [1, m, features + 1] with a column of ones.
 */
export function forwardPass(
  x: tf.Tensor,
  kernels: readonly tf.Tensor[],
  activation: ActivationName,
): ForwardPass {
  const { tensorOutput } = activations[activation];
  const pass: ForwardPass = { inputs: [x], z: [], a: [] };
  kernels.forEach((kernel, layer) => {
    const z = tf.matMul(pass.inputs[layer]!, kernel);
    pass.z.push(z);
    if (layer < kernels.length - 1) {
      const a = tensorOutput(z);
      pass.a.push(a);
      pass.inputs.push(withOnes(a));
    }
  });
  return pass;
}

/**
 * The backward pass: the gradient dL/dK of every layer's kernel and bias, [n, inputs + 1, units].
 *
 * It starts from delta = dL/dz of the output layer and goes back layer by layer:
 *
 *     dL/dK[l]  = [a[l-1], 1]^T delta[l]
 *     delta[l-1] = (delta[l] W[l]^T) * f'(z[l-1])
 *
 * The second line is where gradients vanish or explode: each layer multiplies what comes back by its weights and
 * by the slope of its activation function. `weights[l]` is layer l's kernel without the bias, [n, inputs, units].
 */
export function backwardPass(
  pass: ForwardPass,
  outputDelta: tf.Tensor,
  weights: readonly tf.Tensor[],
  activation: ActivationName,
): tf.Tensor[] {
  const gradients: tf.Tensor[] = [];
  let delta = outputDelta;
  for (let layer = weights.length - 1; layer >= 0; layer--) {
    gradients[layer] = tf.matMul(pass.inputs[layer]!, delta, true, false);
    if (layer > 0) {
      const slope = slopeOf(activations[activation], pass.z[layer - 1]!, pass.a[layer - 1]!);
      delta = tf.matMul(delta, weights[layer]!, false, true).mul(slope);
    }
  }
  return gradients;
}

/** What passed through the activation functions of one network, by layer. */
export function signalsOf(spec: MlpSpec, { z, a }: ForwardPass): (network: number) => Signal[] {
  const last = z.at(-1)!;
  const probabilities = spec.outputs === 1 ? tf.sigmoid(last) : tf.softmax(last);
  const numbers = [...a, probabilities].map((output, layer) => ({
    z: z[layer]!.dataSync<"float32">(),
    a: output.dataSync<"float32">(),
    units: output.shape.at(-1)!,
  }));
  return (network) =>
    numbers.map(({ z, a, units }, layer) => {
      const size = z.length / last.shape[0];
      const own = (values: Float32Array): Float32Array =>
        values.subarray(network * size, (network + 1) * size);
      return { ...layerOf(spec, layer), units, z: own(z), a: own(a) };
    });
}

/** A tensor with a column of ones added to its last axis. */
export function withOnes(a: tf.Tensor): tf.Tensor {
  return tf.concat([a, tf.ones([...a.shape.slice(0, -1), 1])], -1);
}

function slopeOf({ tensorDerivative, tensorOutput }: Activation, z: tf.Tensor, a: tf.Tensor): tf.Tensor {
  return tensorDerivative ? tensorDerivative(z, a) : tf.grad(tensorOutput)(z);
}
