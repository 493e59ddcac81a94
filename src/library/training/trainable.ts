import type { tf } from "../tensorflow/tf.js";
import type { Tools } from "../tensorflow/compileGraph.js";
import type { Loss } from "./losses.js";
import type { LayerRecord, OutputLayer, StateGradients } from "./record.js";

/** One trainable array of one network, and where its numbers lie. */
export interface ParameterPlace {
  readonly name: string;
  readonly layer: string;
  /** As Keras and tfjs have it. */
  readonly shape: readonly number[];
  /** The array, flat and in that shape's order, from all numbers of one network. */
  readonly of: (network: Float32Array) => Float32Array;
}

/** A layer that is recorded: its weights train. */
export interface LayerPlace extends Pick<
  LayerRecord,
  "name" | "units" | "positions" | "activation" | "isScaling" | "notMeasured"
> {
  /** Of a recurrent layer: its states, and the number of its time steps. */
  readonly states?: { readonly names: readonly StateName[]; readonly timeSteps: number };
}

/** A state of a recurrent layer. */
export type StateName = keyof StateGradients;

/**
 * What a forward pass shows of one layer: [networks, units, examples] if `unitsFirst`, else [networks, examples, units].
 * Of a convolution, each place of an image is an example; of a recurrent layer, each time step. What is not there
 * cannot be measured. Layers that only scale show nothing.
 */
export interface Signal extends Pick<LayerPlace, "activation"> {
  readonly unitsFirst: boolean;
  /** z, what enters the activation function. */
  readonly z?: tf.Tensor;
  /** a = f(z), what leaves it. */
  readonly a: tf.Tensor;
}

/** The same with both factors of the layer's gradient: dL/dW = (what entered) x (dL/dz). */
export interface TrainingSignal extends Signal {
  /** What entered the layer: [networks or 1, ..., ...]. */
  readonly input?: tf.Tensor;
  /** dL/dz of the mean loss, of z's shape. */
  readonly delta?: tf.Tensor;
  /** dL/dstate of the mean loss at each time step, for each state: [time steps, numbers] of one network, or [networks, ...] of those. */
  readonly states?: readonly tf.Tensor[];
}

/** One forward and one backward pass. */
export interface Pass {
  /** Mean loss of the batch, penalties on weights included: [networks]. */
  readonly loss: tf.Tensor;
  /** Number of examples that are told rightly; NaN where there is no right or wrong: [networks]. */
  readonly right: () => tf.Tensor;
  /** dL/dW: [networks, parameters]. */
  readonly gradient: tf.Tensor;
  /** Of each layer but those that only scale. */
  readonly signals: readonly TrainingSignal[];
  /** The state after the pass. */
  readonly state: readonly tf.Tensor[];
  /** With a dynamic loss scale: the scale, and whether the step is to be taken, [networks] each. */
  readonly scaling?: { readonly scale: tf.Tensor; readonly isTaken: tf.Tensor };
}

/** Whose mean and variance batch normalization uses on test examples. */
export type Normalization =
  | { readonly by: "movingAverages" }
  /** The statistics of these examples, with the weights as they are: [examples, ...]. */
  | { readonly by: "trainingSet"; readonly x: tf.Tensor };

/**
 * What is trained: one model, or many networks of one shape. All its trainable numbers are one tensor,
 * [networks, parameters], and what it changes besides (moving averages) is a list of tensors, its state. Its methods are
 * functions of these: they remember nothing.
 */
export interface Trainable {
  readonly networks: number;
  /** The trainable arrays of a network, in order. */
  readonly parameters: readonly ParameterPlace[];
  /** How many numbers a network has. */
  readonly size: number;
  /** In order of computation. */
  readonly layers: readonly LayerPlace[];
  readonly loss: Loss;
  /** As in the record. */
  readonly frozen?: readonly string[];
  readonly output?: OutputLayer;
  readonly hasNormalization: boolean;
  /** Whether a pass of the same examples gives the same numbers each time in training mode: no dropout, no noise. */
  readonly isDeterministic: boolean;
  /** Whether its methods are written out in plain operations, so that it need not be found out. */
  readonly isPure: boolean;
  initialWeights(): tf.Tensor2D;
  /** What is kept of the weights from step to step, where it is not all of their bits. */
  kept?(weights: tf.Tensor): tf.Tensor;
  initialState(): tf.Tensor[];
  /** A forward and a backward pass in training mode. */
  pass(weights: tf.Tensor, state: readonly tf.Tensor[], batch: BatchTensors, tools: Tools): Pass;
  /** A forward pass with batch normalization by these examples, and without dropout. */
  inspect(weights: tf.Tensor, state: readonly tf.Tensor[], x: tf.Tensor, tools: Tools): readonly Signal[];
  /** What the loss takes, in inference mode: [networks, examples, outputs]. */
  predict(
    weights: tf.Tensor,
    state: readonly tf.Tensor[],
    x: tf.Tensor,
    normalization: Normalization,
    tools: Tools,
  ): tf.Tensor;
  /** Throws if something else has changed the weights since. */
  requireUntouched?(): void;
  /** Called at the end with the weights as they are then. */
  store(weights: tf.Tensor, state: readonly tf.Tensor[]): void;
}

/** Some examples: [examples, ...the model's input shape], and what the network should say: [examples, outputs]. */
export interface BatchTensors {
  readonly x: tf.Tensor;
  readonly targets: tf.Tensor;
}
