import { tf } from "../tensorflow/tf.js";
import {
  type AnyDataset,
  type Columns,
  hasTargets,
  requireAsMany,
  requireDataset,
  requireLabels,
  requireRows,
  toldBy,
} from "../data/dataset.js";
import {
  fail,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
  requirePositive,
} from "../ground/validation.js";
import {
  type OptimizerOptions,
  optimizerSettings,
  type OptimizerRecord,
  resolveOptimizer,
} from "./optimizers.js";
import type { LossFunction, LossName } from "./losses.js";
import type { Schedule } from "./schedules.js";
import type { Progress } from "./progress.js";
import { keptBy, type RecordedArrays, SIZED } from "./keptArrays.js";
import type { Precision } from "./ensemble/precision.js";
import type { Engine, TestNormalization } from "./record.js";
import type { LayerPlace, ParameterPlace } from "./trainable.js";

/** How to train, and what to record. The optimizer's settings stand beside these. */
export interface TrainingOptions extends OptimizerOptions {
  readonly epochs: number;
  /**
   * What is made small: the name of a loss, or a function of one's own. If not given, cross-entropy for a model that ends in
   * one sigmoid unit or a softmax; and for targets that are numbers, the mean squared error.
   */
  readonly loss?: LossName | LossFunction;
  /**
   * How much the examples of each class count in the loss, one number for each class; of two classes told by one output, the
   * first is that of 0. All count 1 if not given.
   */
  readonly classWeights?: readonly number[];
  /**
   * What the learning rate is multiplied by, step by step: `warmUp`, `cosine`, `inSteps` or a function of one's own. Always 1 if
   * not given.
   */
  readonly schedule?: Schedule;
  /**
   * Early stopping: training ends when so many epochs have not brought the test loss below its least. It needs the option
   * test. The weights are those of the last epoch.
   */
  readonly patience?: number;
  /** Examples a step; 32 if not given. */
  readonly batchSize?: number;
  /**
   * Gradient accumulation: a step is by the mean gradient of so many batches, one after the other, as if they were one. 1 if not
   * given. Batch normalization is by each batch.
   */
  readonly accumulate?: number;
  /**
   * Gradient clipping: a gradient whose L2 norm over all weights is larger is scaled down to this norm before the
   * optimizer gets it (Pascanu et al. 2013). Not clipped if not given.
   */
  readonly clipNorm?: number;
  /** With how many bits to compute: `trainEnsemble` alone takes it. float32 if not given. */
  readonly precision?: Precision;
  /** Shuffles the examples anew before each epoch. Without it they keep the dataset's order. */
  readonly seed?: number;
  /** Records every n-th step, and the last; or with "ends" the first and the last alone. 1 if not given. */
  readonly recordEvery?: number | "ends";
  /**
   * Whether weights, gradients and updates are recorded number by number: those of all layers if not given, those of the
   * layers of these names, or with false those of none. Of the others their sizes are: see `sizes` in the record. Of a
   * thousand weights a size takes a hundredth of the memory.
   */
  readonly recordArrays?: RecordedArrays;
  /**
   * Statistics of activations are over this many of the training examples, the first ones: the same at each step. All of
   * them if not given; but as many as a batch has, where all would be more than a million activations, as with
   * convolutions. The record says how many it were: `probeExamples`.
   */
  readonly probeExamples?: number;
  /**
   * With batch normalization: whose mean and variance it uses on the test set. Those of the training set (of the probe)
   * with the weights as they are, if not given; or the moving averages that training keeps, which lag behind: after
   * n steps a share of 0.99^n of them is still what they started from.
   */
  readonly testNormalization?: TestNormalization;
  /**
   * "graph", if not given: steps run as one TensorFlow graph where that can be done. "eager": operation by operation, ten
   * times as slow and with the same numbers up to rounding.
   */
  readonly engine?: Engine["mode"];
  /** Loss and accuracy on these examples are computed after each epoch. */
  readonly test?: AnyDataset;
  /** What legends call this network; its first activation function if not given. */
  readonly label?: string;
  /** Called after each step, and waited for. What it throws ends the training. See `progressBar`. */
  readonly onProgress?: (progress: Progress) => unknown;
  /** Stops training before the next step when aborted, as an interrupt does. */
  readonly signal?: AbortSignal;
}

/** The options, checked, with the defaults filled in. */
export interface ResolvedOptions extends TrainingOptions {
  readonly batchSize: number;
  readonly accumulate: number;
  readonly recordEvery: number | "ends";
  readonly recordArrays: RecordedArrays;
  readonly testNormalization: TestNormalization;
  readonly engine: Engine["mode"];
  readonly resolvedOptimizer: OptimizerRecord;
}

/** Every option but the optimizer's settings: the compiler finds one that is missing. */
const OWN_KEYS = {
  optimizer: true,
  learningRate: true,
  epochs: true,
  loss: true,
  classWeights: true,
  schedule: true,
  patience: true,
  batchSize: true,
  accumulate: true,
  clipNorm: true,
  precision: true,
  seed: true,
  recordEvery: true,
  recordArrays: true,
  probeExamples: true,
  testNormalization: true,
  engine: true,
  test: true,
  label: true,
  onProgress: true,
  signal: true,
} satisfies Record<Exclude<keyof TrainingOptions, (typeof optimizerSettings)[number]>, true>;

/** A record larger than this would not fit beside the rest in a small machine's memory. */
const MAX_RECORD_BYTES = 2e9;

/** Weights after the step, gradient, update; and the weights before it, unless they are those after the last one. */
const ARRAYS_A_STEP = { every: 3, others: 4 };

/** Of each array, where some are recorded by size alone. */
const BYTES_OF_SIZES = SIZED.length * 2 * Float64Array.BYTES_PER_ELEMENT;

/** Checks the options of a training function, the owner. */
export function resolveOptions(owner: string, options: TrainingOptions): ResolvedOptions {
  requireKnownKeys(owner, "options", options, [...Object.keys(OWN_KEYS), ...optimizerSettings]);
  if (options.seed !== undefined) {
    requireInteger(owner, "seed", options.seed);
  }
  options.classWeights?.forEach((weight, i) => {
    requireNumber(owner, `classWeights[${i}]`, weight, { min: 0 });
  });
  if (options.schedule !== undefined && typeof options.schedule !== "function") {
    fail(owner, "schedule", options.schedule, "a function of step and steps, such as cosine()");
  }
  if (options.patience !== undefined) {
    requireInteger(owner, "patience", options.patience, { min: 1 });
    if (options.test === undefined) {
      fail(owner, "patience", options.patience, "left out where there is no option test");
    }
  }
  if (options.clipNorm !== undefined) {
    requirePositive(owner, "clipNorm", options.clipNorm);
  }
  if (options.probeExamples !== undefined) {
    requireInteger(owner, "probeExamples", options.probeExamples, { min: 1 });
  }
  return {
    ...options,
    resolvedOptimizer: resolveOptimizer(owner, options),
    epochs: requireInteger(owner, "epochs", options.epochs, { min: 1 }),
    batchSize: requireInteger(owner, "batchSize", options.batchSize ?? 32, { min: 1 }),
    accumulate: requireInteger(owner, "accumulate", options.accumulate ?? 1, { min: 1 }),
    recordEvery:
      options.recordEvery === "ends"
        ? "ends"
        : requireInteger(owner, "recordEvery", options.recordEvery ?? 1, { min: 1 }),
    recordArrays: options.recordArrays ?? true,
    engine: requireOneOf(owner, "engine", options.engine ?? "graph", ["graph", "eager"]),
    testNormalization: requireOneOf(owner, "testNormalization", options.testNormalization ?? "trainingSet", [
      "trainingSet",
      "movingAverages",
    ]),
  };
}

/** Options that a training function has not, each with the reason. */
export type RefusedOptions = Readonly<Partial<Record<keyof TrainingOptions, string>>>;

/** Refuses options that a training function has not. */
export function refuseOptions(owner: string, options: TrainingOptions, refused: RefusedOptions): void {
  for (const [key, why] of Object.entries(refused)) {
    const value = options[key as keyof TrainingOptions];
    if (value !== undefined) {
      fail(owner, key, value, `left out: ${why}`);
    }
  }
}

/** Checks that a model has one input, one output for each example, and something to train. */
export function checkModel(owner: string, model: tf.LayersModel): void {
  if (!(model instanceof tf.LayersModel)) {
    fail(owner, "model", model, "a tf.layers model");
  }
  for (const key of ["inputs", "outputs"] as const) {
    if (model[key].length !== 1) {
      throw new Error(`${owner}(): the model has ${model[key].length} ${key}; it must have 1`);
    }
  }
  const [input, output] = [model.inputs[0]!.shape, model.outputs[0]!.shape];
  const told = (shape: tf.Shape): string => `[${shape.map((length) => length ?? "any").join(", ")}]`;
  if (output.length !== 2) {
    throw new Error(
      `${owner}(): the model says something in several places of an example (its output is ${told(output)}); it must say one thing of each example, [examples, units]: a recurrent layer does without returnSequences`,
    );
  }
  const open = input.slice(1).findIndex((length) => length === null);
  if (open >= 0) {
    throw new Error(
      `${owner}(): the model takes inputs of any length (axis ${open + 1} of ${told(input)}); its input shape must be given in full`,
    );
  }
  requireTrained(owner, model);
}

/** Checks that a model has something to train. */
export function requireTrained(owner: string, model: tf.LayersModel): void {
  if (model.trainableWeights.length === 0) {
    throw new Error(`${owner}(): the model has no weights that train; at least one layer must be trainable`);
  }
}

/** What legends call a network if no label is given: its first activation function. */
export function labelOf(model: tf.LayersModel, layers: readonly LayerPlace[]): string {
  return layers.find(({ isScaling }) => !isScaling)?.activation ?? model.name;
}

/** Checks that a dataset fits a network: as many features as it has inputs, and targets or classes that it can tell. */
export function checkDataset(
  owner: string,
  name: string,
  dataset: AnyDataset,
  network: { readonly inputs: number; readonly outputs: number },
): void {
  requireDataset(owner, name, dataset);
  const [key, list] = toldBy(dataset);
  if (list.length === 0) {
    fail(owner, `${name}.${key}.length`, 0, "at least 1");
  }
  requireAsMany(owner, name, dataset);
  const columns = (names: readonly string[], width: number, of: string): Columns => ({
    names: names.length === width ? names : Array.from({ length: width }, (_, j) => String(j)),
    why: `, as the network has ${width} ${of}`,
  });
  const { inputs, outputs } = network;
  requireRows(owner, name, "features", dataset.features, columns(dataset.featureNames, inputs, "inputs"));
  if (hasTargets(dataset)) {
    requireRows(owner, name, "targets", dataset.targets, columns(dataset.targetNames, outputs, "outputs"));
    return;
  }
  const classes = Math.max(outputs, 2);
  requireLabels(owner, name, dataset.labels, classes, `as the network tells ${classes} classes apart`);
}

/** Checks that there is a weight for each class. */
export function checkClassWeights(
  owner: string,
  classWeights: readonly number[],
  dataset: AnyDataset,
  outputs: number,
): void {
  if (hasTargets(dataset)) {
    fail(owner, "classWeights", classWeights, "left out where targets are no classes");
  }
  const classes = Math.max(outputs, 2);
  if (classWeights.length !== classes) {
    fail(owner, "classWeights", classWeights, `${classes} numbers, one for each class`);
  }
}

/** What a record will hold. */
interface RecordSize extends Pick<ResolvedOptions, "recordEvery" | "recordArrays"> {
  readonly networks: number;
  readonly steps: number;
}

/** Throws if recordArrays names a layer that is not there, or if the record would be too large to hold. */
export function checkRecord(
  owner: string,
  parameters: readonly ParameterPlace[],
  { networks, steps, recordEvery, recordArrays }: RecordSize,
): void {
  requireRecordedArrays(owner, parameters, recordArrays);
  if (recordEvery === "ends") {
    return;
  }
  const kept = parameters.filter(keptBy(recordArrays));
  const weights = networks * kept.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
  const sizes = kept.length < parameters.length ? networks * parameters.length * BYTES_OF_SIZES : 0;
  const bytesOfOne = (arrays: number): number => weights * arrays * Float32Array.BYTES_PER_ELEMENT + sizes;
  const arrays = recordEvery === 1 ? ARRAYS_A_STEP.every : ARRAYS_A_STEP.others;
  const wanted = Math.ceil(steps / recordEvery) * bytesOfOne(arrays);
  if (wanted > MAX_RECORD_BYTES) {
    const enough = Math.ceil((steps * bytesOfOne(ARRAYS_A_STEP.others)) / MAX_RECORD_BYTES);
    const gigabytes = (wanted / 1e9).toFixed(1);
    const reason = `recording ${weights} weights over ${steps} steps would take ${gigabytes} GB`;
    const or = weights > 0 ? "; or recordArrays false, for sizes alone" : "";
    fail(owner, "recordEvery", recordEvery, `at least ${enough} here, or "ends": ${reason}${or}`);
  }
}

/** Checks that recordArrays names layers that are there. */
export function requireRecordedArrays(
  owner: string,
  parameters: readonly ParameterPlace[],
  recordArrays: RecordedArrays,
): void {
  const names = new Set(parameters.map(({ layer }) => layer));
  const isList = Array.isArray(recordArrays) && recordArrays.every((name) => names.has(name as string));
  if (typeof recordArrays !== "boolean" && !isList) {
    const expected = `names of layers with weights that train, of ${[...names].join(", ")}; or true or false`;
    fail(owner, "recordArrays", recordArrays, expected);
  }
}

/** How many test examples go through a network at a time: all of a small set, few of large images. */
export function examplesAtOnce(inputs: number): number {
  return Math.max(32, Math.min(1000, Math.floor(200_000 / inputs)));
}

/** Numbers that a test in parts may have in memory for one array of all networks: 32 MB. */
const AT_ONCE = 8_000_000;

/**
 * How many test examples go through many networks at a time, of which each takes so many numbers. Where the examples are parts of
 * equal size then, there is one graph for all of them.
 */
export function examplesOfPart(examples: number, numbers: number): number {
  const most = Math.max(16, Math.min(examples, Math.floor(AT_ONCE / numbers)));
  const parts = Math.ceil(examples / most);
  const equal = Array.from({ length: parts }, (_, i) => parts + i).find((count) => examples % count === 0);
  return equal === undefined ? most : examples / equal;
}

/** A model's number of inputs and outputs. */
export function sizeOf(model: tf.LayersModel): { inputs: number; outputs: number } {
  const inputs = tf.util.sizeFromShape(inputShape(model));
  return { inputs, outputs: model.outputs[0]?.shape.at(-1) ?? 1 };
}

/** The model's input shape without the batch axis. */
export function inputShape(model: tf.LayersModel): number[] {
  return (model.inputs[0]?.shape ?? []).slice(1).map((length) => length ?? 1);
}
