import type { Engine } from "../tensorflow/compileGraph.js";
import type { DataSummary } from "./dataSummary.js";
import type { FloatFormatName } from "../models/floatFormats.js";
import type { LossName } from "./losses.js";
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
  /** Name of the loss, or "custom". */
  readonly lossName: LossName | "custom";
  /** What a constant answer would reach on the training set, where that is known. */
  readonly baseline?: Baseline;
  /** What the training set is like. Absent in records of before. */
  readonly data?: DataSummary;
  /** Which network of an ensemble it is. */
  readonly member?: { readonly seed: number; readonly kernelScale: number; readonly learningRate: number };
  /** The layers with weights that train, in order of computation. */
  readonly layers: readonly LayerRecord[];
  /** The layers whose weights were kept from training. Absent if there are none. */
  readonly frozen?: readonly string[];
  /** With frozen layers: the model's last one, which may be one of them. */
  readonly output?: OutputLayer;
  /** How many training examples `preActivations`, `activations`, `saturated` and `dead` are measured on: see `LayerRecord`. */
  readonly probeExamples: number;
  /** Whether the steps ran as one TensorFlow graph or operation by operation, and if the latter, why. */
  readonly engine: Engine;
  /**
   * With batch normalization: whose mean and variance it used when test accuracy was measured. Absent if the model has
   * none.
   */
  readonly testNormalization?: TestNormalization;
  /** Every trainable array of all layers. */
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
  /** With the option precision: the format in which the network computed. Absent if that was float32. */
  readonly format?: FloatFormatName;
  /**
   * With a dynamic loss scale: what the loss of each recorded step was multiplied by. The gradients of `parameters` are
   * divided by it; one that is not finite was not applied.
   */
  readonly lossScale?: readonly number[];
  /** With the option schedule: what the learning rate of each recorded step was multiplied by. */
  readonly rateFactor?: readonly number[];
  readonly epochs: readonly EpochRecord[];
  /** Why training ended before its last epoch. Absent if it did not. */
  readonly stopped?: Stopped;
}

/** The layer that says what a model says. */
export type OutputLayer = Pick<LayerRecord, "name" | "activation" | "units">;

/** What the best answer that is the same for all training examples reaches: the shares of classes, the mean of numbers. */
export interface Baseline {
  readonly loss: number;
  /** NaN where there is no right or wrong. */
  readonly accuracy: number;
}

/** Mean and variance of the training set as the weights are now, or the moving averages that training kept. */
export type TestNormalization = "trainingSet" | "movingAverages";

/** What is measured of a layer beside its weights, by recorded step. NaN where it cannot be: `notMeasured` says why. */
export interface LayerMeasurements {
  /**
   * z, what enters the activation function: statistics over the probe and the units, with the weights before the step,
   * by recorded step. The probe is the same for all steps: the whole training set, if it is not large and the option
   * probeExamples says nothing else. Of a convolution or a recurrent layer, over all positions.
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

/** The name of something that is measured of a layer. */
export type LayerQuantity = keyof LayerMeasurements;

/** One layer with weights that train, and the activation function that follows it. */
export interface LayerRecord extends LayerMeasurements {
  /**
   * The layer's name. Of TimeDistributed it is the wrapper's; both halves of a bidirectional layer have records of their
   * own, "name/forward" and "name/backward".
   */
  readonly name: string;
  /** Its outputs: the last axis of what leaves it, or the channels. */
  readonly units: number;
  /** In how many places of an example it works: pixels of a convolution's output, time steps; 1 of a dense layer. */
  readonly positions: number;
  /** All of its trainable arrays, under the names and in the shapes that tfjs gives them. */
  readonly parameters: readonly ParameterRecord[];
  /** The first of them: see its name. "kernel" mostly; also "depthwise_kernel", "embeddings", "alpha", "gamma". */
  readonly kernel: ParameterRecord;
  readonly bias?: ParameterRecord;
  /** Name of the activation function, "linear" if there is none, "unknown" if it is inside of a layer of one's own. */
  readonly activation: string;
  /**
   * Whether it only scales number by number (normalization, PReLU). Such a layer is recorded by its weights, and is
   * none of the layers of measures and figures by layer: see `weightLayers`.
   */
  readonly isScaling?: true;
  /** What cannot be measured in this layer and is NaN, and why. */
  readonly notMeasured: Readonly<Partial<Record<LayerQuantity, string>>>;
  /** Of a recurrent layer: the gradient by time step. */
  readonly stateGradients?: StateGradients;
}

/**
 * Of a recurrent layer: dL/dh_t, the gradient of the batch's mean loss by the state h after each time step t, through all that
 * the state goes into later; and dL/dc_t where there is a cell state (LSTM). Of stacked cells, those of the last one.
 */
export interface StateGradients {
  readonly h: TimeSizeRecord;
  readonly c?: TimeSizeRecord;
}

/** How large numbers are, [recorded steps][time steps]: time as the series has it, also of a layer that goes backwards. */
export interface TimeSizeRecord {
  /** Mean of the absolute values, over units and batch. */
  readonly meanAbs: readonly Float32Array[];
  /** Root of the mean of the squares. */
  readonly rms: readonly Float32Array[];
}

/** One trainable array (kernel, bias, recurrent kernel, gamma, ...): flat, row by row, one entry a recorded step. */
export interface ParameterRecord {
  /** Which it is within its layer, for example "kernel". */
  readonly name: string;
  readonly layer: string;
  /** A dense kernel is [inputs, units], that of a convolution [height, width, inputs, filters]. */
  readonly shape: readonly number[];
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  /** dL/dW of the batch's mean loss: the very numbers that the optimizer was given, but for clipping. */
  readonly gradient: readonly Float32Array[];
  /** after - before. */
  readonly update: readonly Float32Array[];
  /**
   * How large the numbers are, of an array that the option recordArrays leaves out: then the four lists above are empty. See
   * `sizeAt`.
   */
  readonly sizes?: ParameterSizes;
}

/** How large the numbers of a trainable array are, by recorded step. */
export interface ParameterSizes {
  /** The weights before the step. */
  readonly weights: SizeRecord;
  /** dL/dW, before clipping. */
  readonly gradient: SizeRecord;
  /** What the step changed. */
  readonly update: SizeRecord;
  /** What has changed since the first recorded step, with this one. */
  readonly change: SizeRecord;
}

/** What there is a size of. */
export type ParameterQuantity = keyof ParameterSizes;

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
  readonly reason: "not finite" | "interrupt" | "early stopping";
  /** The step, counted from 0, in which it happened, or before which training ended. */
  readonly step: number;
  /** The first layer, from the input, where a number was not finite, and which quantity it was. */
  readonly layer?: string;
  readonly quantity?: "activations" | "loss" | "gradient" | "weights";
  /** The same as a sentence. */
  readonly message: string;
}
