import type { Engine } from "../tensorflow/compileGraph.js";
import type { OptimizerRecord } from "./optimizers.js";

export type { Engine, OptimizerRecord };

/**
 * What a training leaves behind: plain numbers, by layer and recorded step.
 *
 * Three quantities that must not be mixed up:
 * - gradient: dL/dW, from the backward pass. This is what vanishes.
 * - update: W after a step - W before it. What the optimizer made of the gradient.
 * - weight change: W after - W before, over an epoch or a whole run (see `weightChange`).
 */
export interface TrainingRecord {
  /** What legends call this network. */
  readonly label: string;
  readonly optimizer: OptimizerRecord;
  /** Which network of an ensemble it is. */
  readonly member?: { readonly seed: number; readonly kernelScale: number; readonly learningRate: number };
  /** The layers with a kernel that trains, in order of computation. */
  readonly layers: readonly LayerRecord[];
  /** How many training examples `preActivations`, `activations`, `saturated` and `dead` are measured on: see `LayerRecord`. */
  readonly probeExamples: number;
  /** Whether the steps ran as one TensorFlow graph or operation by operation, and if the latter, why. */
  readonly engine: Engine;
  /**
   * With batch normalization: whose mean and variance it used when test accuracy was measured. Absent if the model has
   * none.
   */
  readonly testNormalization?: TestNormalization;
  /** Every trainable array, those of layers without a kernel (batch normalization) included. */
  readonly parameters: readonly ParameterRecord[];
  /** The recorded steps, counted from 0. Entry i of every recorded list belongs to step steps[i]. */
  readonly steps: readonly number[];
  readonly stepsPerEpoch: number;
  /** Mean loss of the batch, in nats, for each recorded step, before its update; penalties on weights included. */
  readonly loss: readonly number[];
  /**
   * With the option clipNorm: what the gradient of each recorded step was multiplied by before the optimizer got it, 1
   * where it was not clipped. The gradients of `parameters` are as they were before that.
   */
  readonly clipFactor?: readonly number[];
  readonly epochs: readonly EpochRecord[];
  /** Why training ended before its last epoch. Absent if it did not. */
  readonly stopped?: Stopped;
}

/** Mean and variance of the training set as the weights are now, or the moving averages that training kept. */
export type TestNormalization = "trainingSet" | "movingAverages";

/** One layer with a kernel (dense, convolution), and the activation function that follows it. */
export interface LayerRecord {
  readonly name: string;
  readonly units: number;
  readonly kernel: ParameterRecord;
  readonly bias?: ParameterRecord;
  /** Name of the activation function, "linear" if there is none. */
  readonly activation: string;
  /**
   * z, what enters the activation function: statistics over the probe and the units, with the weights before the step,
   * by recorded step. The probe is the same for all steps: the whole training set, unless the option probeExamples says
   * otherwise.
   */
  readonly preActivations: SignalRecord;
  /** a = f(z), what leaves it, on the probe. */
  readonly activations: SignalRecord;
  /** Share of all z of the probe where |f'(z)| is below 5 % of its largest value, by recorded step. */
  readonly saturated: readonly number[];
  /** Share of units with f'(z) = 0 for every example of the probe, by recorded step. */
  readonly dead: readonly number[];
  /** Size of what entered the layer, on the step's batch. dL/dW = (what entered) x (dL/dz), summed over the batch. */
  readonly input: SizeRecord;
  /** Size of dL/dz, the gradient of the batch's mean loss by the pre-activations: the factor that vanishes. */
  readonly preActivationGradient: SizeRecord;
}

/** One trainable array (kernel, bias, gamma, beta): flat, row by row, one entry a recorded step. */
export interface ParameterRecord {
  /** Which it is within its layer, for example "kernel". */
  readonly name: string;
  readonly layer: string;
  /** A dense kernel is [inputs, units]. */
  readonly shape: readonly number[];
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  /** dL/dW of the batch's mean loss: the very numbers that the optimizer was given, but for clipping. */
  readonly gradient: readonly Float32Array[];
  /** after - before. */
  readonly update: readonly Float32Array[];
}

/** Mean and standard deviation by recorded step. */
export interface SignalRecord {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** How large numbers are, by recorded step. */
export interface SizeRecord {
  /** Mean of the absolute values. */
  readonly meanAbs: readonly number[];
  /** Root of the mean of the squares. */
  readonly rms: readonly number[];
}

/** One pass over the training data. */
export interface EpochRecord {
  /** Mean of the batch losses, each taken before its update, weighted by batch size, in nats. */
  readonly loss: number;
  /** Share of training examples named rightly, counted in the same way. */
  readonly accuracy: number;
  /** After the epoch, on the test set, where one was given. */
  readonly testLoss?: number;
  readonly testAccuracy?: number;
}

/** Why and where a training ended early. */
export interface Stopped {
  readonly reason: "not finite" | "interrupt";
  /** The step, counted from 0, in which it happened. */
  readonly step: number;
  /** The first layer, from the input, where a number was not finite, and which quantity it was. */
  readonly layer?: string;
  readonly quantity?: "activations" | "loss" | "gradient" | "weights";
  /** The same as a sentence. */
  readonly message: string;
}
