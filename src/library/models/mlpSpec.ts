import {
  fail,
  keysOf,
  requireBoolean,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
} from "../ground/validation.js";
import { type ActivationName, activationNames } from "./activations.js";
import { checkInitializer, type InitializerSpec } from "./initializers.js";

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
  /** How kernels start; biases start at 0. Glorot's uniform initialization, Keras' default, if not given. */
  readonly kernelInitializer?: InitializerSpec;
  /** What the initial kernels are multiplied by; 1 if not given. */
  readonly kernelScale?: number;
  /** Batch normalization in each hidden layer, between kernel and activation function; false if not given. */
  readonly batchNormalization?: boolean;
  /** Residual connections: each hidden layer but the first adds its input to its output; false if not given. */
  readonly residual?: boolean;
  /** Decides the initial kernels. Two networks with the same seed and the same shapes start from the same ones. */
  readonly seed: number;
}

/** A spec of networks of one shape: each has a seed of its own. */
export type EnsembleSpec = Omit<MlpSpec, "seed">;

/** A spec with the defaults filled in. */
export type ResolvedMlpSpec = Required<MlpSpec>;

/** An ensemble's spec with the defaults filled in. */
export type ResolvedEnsembleSpec = Required<EnsembleSpec>;

const ENSEMBLE_KEYS = keysOf<EnsembleSpec>({
  inputs: true,
  outputs: true,
  hiddenLayers: true,
  width: true,
  activation: true,
  kernelInitializer: true,
  kernelScale: true,
  batchNormalization: true,
  residual: true,
});
/** Whether a setting is one of an ensemble's spec. */
export const isSpecKey = (key: string): boolean => (ENSEMBLE_KEYS as readonly string[]).includes(key);

const KEYS: readonly (keyof MlpSpec)[] = [...ENSEMBLE_KEYS, "seed"];

/** Checks a network's spec and fills in the defaults. */
export function checkMlpSpec(owner: string, spec: MlpSpec): ResolvedMlpSpec {
  requireKnownKeys(owner, "spec", spec, KEYS);
  return { ...resolve(owner, spec), seed: requireInteger(owner, "seed", spec.seed) };
}

/** Checks the spec of an ensemble and fills in the defaults. It must not have a seed, which would have no effect. */
export function checkEnsembleSpec(owner: string, spec: EnsembleSpec): ResolvedEnsembleSpec {
  if (typeof spec === "object" && (spec as EnsembleSpec | null) !== null && "seed" in spec) {
    fail(owner, "spec.seed", spec.seed, "left out, as each network has a seed of its own");
  }
  requireKnownKeys(owner, "spec", spec, ENSEMBLE_KEYS);
  return resolve(owner, spec);
}

function resolve(owner: string, spec: EnsembleSpec): ResolvedEnsembleSpec {
  const {
    kernelInitializer = "glorotUniform",
    kernelScale = 1,
    batchNormalization = false,
    residual = false,
  } = spec;
  return {
    inputs: requireInteger(owner, "inputs", spec.inputs, { min: 1 }),
    outputs: requireInteger(owner, "outputs", spec.outputs, { min: 1 }),
    hiddenLayers: requireInteger(owner, "hiddenLayers", spec.hiddenLayers, { min: 0 }),
    width: requireInteger(owner, "width", spec.width, { min: 1 }),
    activation: requireOneOf(owner, "activation", spec.activation, activationNames),
    kernelInitializer: checkInitializer(owner, "kernelInitializer", kernelInitializer),
    kernelScale: requireNumber(owner, "kernelScale", kernelScale),
    batchNormalization: requireBoolean(owner, "batchNormalization", batchNormalization),
    residual: requireBoolean(owner, "residual", residual),
  };
}

/** A layer with a kernel, as `buildMlp` makes it. */
export interface MlpLayer {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly activation: string;
}

/** The layers with a kernel, in order of computation. */
export function mlpLayers({ inputs, outputs, hiddenLayers, width, activation }: EnsembleSpec): MlpLayer[] {
  const hidden = Array.from({ length: hiddenLayers }, (_, i) => ({
    name: `hidden${i + 1}`,
    inputs: i === 0 ? inputs : width,
    units: width,
    activation,
  }));
  const last = hiddenLayers === 0 ? inputs : width;
  return [...hidden, { name: "output", inputs: last, units: outputs, activation: outputActivation(outputs) }];
}

/** Two classes need one output only. */
export function outputActivation(outputs: number): "sigmoid" | "softmax" {
  return outputs === 1 ? "sigmoid" : "softmax";
}
