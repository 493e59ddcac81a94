import * as tf from "@tensorflow/tfjs-node";
import {
  requireBoolean,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
} from "../ground/validation.js";
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
  /** What the initial kernels are multiplied by; 1 if not given. */
  readonly kernelScale?: number;
  /** Batch normalisation in each hidden layer, between kernel and activation function; false if not given. */
  readonly batchNormalization?: boolean;
  /** Residual connections: each hidden layer but the first adds its input to its output; false if not given. */
  readonly residual?: boolean;
  /** Decides the initial kernels. Two networks with the same seed and the same shapes start from the same ones. */
  readonly seed: number;
}

/** A spec with the defaults filled in. */
export type ResolvedMlpSpec = Required<MlpSpec>;

/** Settings of batch normalisation: tfjs' and Keras' defaults. */
export const BATCH_NORMALIZATION = { momentum: 0.99, epsilon: 1e-3 } as const;

const SIZES = ["inputs", "outputs", "hiddenLayers", "width"];
const SWITCHES = ["batchNormalization", "residual"];
const KEYS = [...SIZES, "activation", "kernelInitializer", "kernelScale", ...SWITCHES, "seed"];

/**
 * Builds an ordinary `tf.Sequential`: hidden layers "hidden1", "hidden2", ... and "output". With residual connections,
 * which a sequence cannot have, it is a `tf.LayersModel`. Dispose of it with `model.dispose()` when it is no longer
 * needed.
 *
 * @example
 * const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 8, width: 10, activation: "sigmoid", seed: 1 });
 * model.countParams(); // 853
 * @throws RangeError for a size that is not a whole number of at least 1 (hiddenLayers: 0), or an unknown name.
 */
export function buildMlp(spec: MlpSpec & { readonly residual?: false }): tf.Sequential;
export function buildMlp(spec: MlpSpec): tf.LayersModel;
export function buildMlp(spec: MlpSpec): tf.LayersModel {
  const resolved = checkMlpSpec("buildMlp", spec);
  const name = resolved.activation;
  const stages = stagesOf(resolved);
  const model = resolved.residual
    ? withShortcuts(name, resolved.inputs, stages)
    : tf.sequential({ name, layers: stages.flat() });
  if (resolved.kernelScale !== 1) {
    scaleKernels(model, resolved.kernelScale);
  }
  return model;
}

/** The layers: one list for each hidden layer (kernel, normalisation, activation), and one for the output. */
function stagesOf(spec: ResolvedMlpSpec): tf.layers.Layer[][] {
  const { inputs, outputs, hiddenLayers, width, kernelInitializer, seed } = spec;
  const common = (layer: number) => ({
    kernelInitializer: makeInitializer(kernelInitializer, seed, layer),
    ...(layer === 0 ? { inputShape: [inputs] } : {}),
  });
  const hidden = Array.from({ length: hiddenLayers }, (_, layer) =>
    hiddenStage(spec, { name: `hidden${layer + 1}`, units: width, ...common(layer) }),
  );
  const last = { units: outputs, activation: outputActivation(outputs), ...common(hiddenLayers) };
  return [...hidden, [tf.layers.dense({ name: "output", ...last })]];
}

function hiddenStage(
  { activation, batchNormalization }: ResolvedMlpSpec,
  dense: { readonly name: string; readonly units: number },
): tf.layers.Layer[] {
  const name = `${dense.name}_${activation}`;
  const normalization = tf.layers.batchNormalization({
    name: `${dense.name}_batchNormalization`,
    ...BATCH_NORMALIZATION,
  });
  const between = batchNormalization ? [normalization] : [];
  if (activation === "leakyRelu") {
    // tfjs-layers has it as a layer only.
    const leaky = tf.layers.leakyReLU({ alpha: LEAKY_SLOPE, name });
    return [tf.layers.dense(dense), ...between, leaky];
  }
  return batchNormalization
    ? [tf.layers.dense(dense), normalization, tf.layers.activation({ activation, name })]
    : [tf.layers.dense({ ...dense, activation })];
}

/** Each stage but the first and the last adds its input to its output. */
function withShortcuts(name: string, inputs: number, stages: readonly tf.layers.Layer[][]): tf.LayersModel {
  const input = tf.input({ shape: [inputs] });
  let stream = input;
  stages.forEach((layers, stage) => {
    const through = layers.reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, stream);
    const isAround = stage > 0 && stage < stages.length - 1;
    const add = isAround && tf.layers.add({ name: `hidden${stage + 1}_add` });
    stream = add ? (add.apply([stream, through]) as tf.SymbolicTensor) : through;
  });
  return tf.model({ name, inputs: input, outputs: stream });
}

function scaleKernels(model: tf.LayersModel, scale: number): void {
  tf.tidy(() => {
    for (const layer of model.layers.filter(({ name }) => /^(hidden\d+|output)$/.test(name))) {
      const [kernel, ...others] = layer.getWeights();
      layer.setWeights([kernel!.mul(scale), ...others]);
    }
  });
}

/** A layer with a kernel, as `buildMlp` makes it. */
export interface MlpLayer {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly activation: string;
}

/** The layers with a kernel, in order of computation. */
export function mlpLayers({ inputs, outputs, hiddenLayers, width, activation }: MlpSpec): MlpLayer[] {
  const hidden = Array.from({ length: hiddenLayers }, (_, i) => ({
    ...{ name: `hidden${i + 1}`, activation },
    ...{ inputs: i === 0 ? inputs : width, units: width },
  }));
  const last = hiddenLayers === 0 ? inputs : width;
  return [...hidden, { name: "output", activation: outputActivation(outputs), inputs: last, units: outputs }];
}

/** Two classes need one output only. */
function outputActivation(outputs: number): "sigmoid" | "softmax" {
  return outputs === 1 ? "sigmoid" : "softmax";
}

/** Checks a spec and fills in the defaults. */
export function checkMlpSpec(owner: string, spec: MlpSpec): ResolvedMlpSpec {
  requireKnownKeys(owner, "spec", spec, KEYS);
  return {
    inputs: requireInteger(owner, "inputs", spec.inputs, { min: 1 }),
    outputs: requireInteger(owner, "outputs", spec.outputs, { min: 1 }),
    hiddenLayers: requireInteger(owner, "hiddenLayers", spec.hiddenLayers, { min: 0 }),
    width: requireInteger(owner, "width", spec.width, { min: 1 }),
    activation: requireOneOf(owner, "activation", spec.activation, activationNames),
    kernelInitializer: spec.kernelInitializer ?? "glorotUniform",
    kernelScale: requireNumber(owner, "kernelScale", spec.kernelScale ?? 1),
    batchNormalization: requireBoolean(owner, "batchNormalization", spec.batchNormalization ?? false),
    residual: requireBoolean(owner, "residual", spec.residual ?? false),
    seed: requireInteger(owner, "seed", spec.seed),
  };
}
