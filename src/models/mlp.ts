import * as tf from "@tensorflow/tfjs-node";
import { requireInteger, requireKnownKeys, requireOneOf } from "../validation.js";
import { type ActivationName, activationNames, LEAKY_SLOPE } from "./activations.js";
import { type InitializerSpec, makeInitializer } from "./initializers.js";

/** A multilayer perceptron: equal hidden layers between an input and an output. */
export interface MlpSpec {
  /** Number of features. */
  readonly inputs: number;
  /** 1 for two classes (a sigmoid), else the number of classes (a softmax). */
  readonly outputs: number;
  readonly hiddenLayers: number;
  /** Units of each hidden layer. */
  readonly width: number;
  /** The hidden layers' activation function. */
  readonly activation: ActivationName;
  /** How kernels start; biases start at 0. Glorot's uniform initialisation, Keras' default, if not given. */
  readonly kernelInitializer?: InitializerSpec;
  /** Decides the initial kernels. Two networks with the same seed and the same shapes start from the same ones. */
  readonly seed: number;
}

const KEYS = ["inputs", "outputs", "hiddenLayers", "width", "activation", "kernelInitializer", "seed"];

/**
 * Builds an ordinary `tf.Sequential`: hidden layers "hidden1", "hidden2", ... and "output". Dispose of it with
 * `model.dispose()` when it is no longer needed.
 *
 * @example
 * const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 8, width: 10, activation: "sigmoid", seed: 1 });
 * model.countParams(); // 853
 * @throws RangeError for a size that is not a whole number of at least 1 (hiddenLayers: 0), or an unknown name.
 */
export function buildMlp(spec: MlpSpec): tf.Sequential {
  const { inputs, outputs, hiddenLayers, width, activation, kernelInitializer, seed } = checkMlpSpec(
    "buildMlp",
    spec,
  );
  const model = tf.sequential({ name: activation });
  const kernelOf = (layer: number) => makeInitializer(kernelInitializer, seed, layer);
  for (let layer = 0; layer < hiddenLayers; layer++) {
    const shape = layer === 0 ? { inputShape: [inputs] } : {};
    const name = `hidden${layer + 1}`;
    const common = { name, units: width, kernelInitializer: kernelOf(layer), ...shape };
    if (activation === "leakyRelu") {
      // tfjs-layers has it as a layer only.
      model.add(tf.layers.dense(common));
      model.add(tf.layers.leakyReLU({ alpha: LEAKY_SLOPE, name: `${name}_leakyRelu` }));
    } else {
      model.add(tf.layers.dense({ ...common, activation }));
    }
  }
  model.add(
    tf.layers.dense({
      name: "output",
      units: outputs,
      activation: outputs === 1 ? "sigmoid" : "softmax",
      kernelInitializer: kernelOf(hiddenLayers),
      ...(hiddenLayers === 0 ? { inputShape: [inputs] } : {}),
    }),
  );
  return model;
}

/** Name and activation function of a layer, counted from 0. */
export function layerOf(spec: MlpSpec, index: number): { layer: string; activation: string } {
  return index === spec.hiddenLayers
    ? { layer: "output", activation: spec.outputs === 1 ? "sigmoid" : "softmax" }
    : { layer: `hidden${index + 1}`, activation: spec.activation };
}

/** Checks a spec and fills in the defaults. */
export function checkMlpSpec(owner: string, spec: MlpSpec): Required<MlpSpec> {
  requireKnownKeys(owner, "spec", spec, KEYS);
  return {
    inputs: requireInteger(owner, "inputs", spec.inputs, { min: 1 }),
    outputs: requireInteger(owner, "outputs", spec.outputs, { min: 1 }),
    hiddenLayers: requireInteger(owner, "hiddenLayers", spec.hiddenLayers, { min: 0 }),
    width: requireInteger(owner, "width", spec.width, { min: 1 }),
    activation: requireOneOf(owner, "activation", spec.activation, activationNames),
    kernelInitializer: spec.kernelInitializer ?? "glorotUniform",
    seed: requireInteger(owner, "seed", spec.seed),
  };
}
