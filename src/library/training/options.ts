import { tf } from "../tensorflow/tf.js";
import { type Dataset, requireDataset } from "../data/dataset.js";
import {
  fail,
  requireInteger,
  requireKnownKeys,
  requireOneOf,
  requirePositive,
} from "../ground/validation.js";
import {
  type OptimizerOptions,
  optimizerSettings,
  type OptimizerRecord,
  resolveOptimizer,
} from "./optimizers.js";
import type { Progress } from "./progress.js";
import type { Engine, TestNormalization } from "./record.js";

/** How to train, and what to record. The optimizer's settings stand beside these. */
export interface TrainingOptions extends OptimizerOptions {
  readonly epochs: number;
  /** Examples a step; 32 if not given. */
  readonly batchSize?: number;
  /**
   * Gradient clipping: a gradient whose L2 norm over all weights is larger is scaled down to this norm before the
   * optimizer gets it (Pascanu et al. 2013). Not clipped if not given.
   */
  readonly clipNorm?: number;
  /** Shuffles the examples anew before each epoch. Without it they keep the dataset's order. */
  readonly seed?: number;
  /** Records every n-th step, and the last; or with "ends" the first and the last alone. 1 if not given. */
  readonly recordEvery?: number | "ends";
  /**
   * Statistics of activations are over this many of the training examples, the first ones: the same at each step. All of
   * them if not given.
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
  readonly test?: Dataset;
  /** What legends call this network; its first activation function if not given. */
  readonly label?: string;
  /** Called after each step. See `progressBar`. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops training before the next step when aborted, as an interrupt does. */
  readonly signal?: AbortSignal;
}

/** The options, checked, with the defaults filled in. */
export interface ResolvedOptions extends TrainingOptions {
  readonly batchSize: number;
  readonly recordEvery: number | "ends";
  readonly testNormalization: TestNormalization;
  readonly engine: Engine["mode"];
  readonly resolvedOptimizer: OptimizerRecord;
}

/** Every option but the optimizer's settings: the compiler finds one that is missing. */
const OWN_KEYS = {
  optimizer: true,
  learningRate: true,
  epochs: true,
  batchSize: true,
  clipNorm: true,
  seed: true,
  recordEvery: true,
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

/** Checks the options of a training function, the owner. */
export function resolveOptions(owner: string, options: TrainingOptions): ResolvedOptions {
  requireKnownKeys(owner, "options", options, [...Object.keys(OWN_KEYS), ...optimizerSettings]);
  if (options.seed !== undefined) {
    requireInteger(owner, "seed", options.seed);
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
    recordEvery:
      options.recordEvery === "ends"
        ? "ends"
        : requireInteger(owner, "recordEvery", options.recordEvery ?? 1, { min: 1 }),
    engine: requireOneOf(owner, "engine", options.engine ?? "graph", ["graph", "eager"]),
    testNormalization: requireOneOf(owner, "testNormalization", options.testNormalization ?? "trainingSet", [
      "trainingSet",
      "movingAverages",
    ]),
  };
}

/** Checks that a model has one input and something to train. */
export function checkModel(owner: string, model: tf.LayersModel): void {
  if (model.inputs.length !== 1) {
    throw new Error(`${owner}(): the model has ${model.inputs.length} inputs; it must have 1`);
  }
  if (model.trainableWeights.length === 0) {
    throw new Error(`${owner}(): the model has no weights that train; at least one layer must be trainable`);
  }
}

/** Checks that a dataset fits a network: as many features as it has inputs, and no more classes than it tells apart. */
export function checkDataset(
  owner: string,
  name: string,
  dataset: Dataset,
  network: { readonly inputs: number; readonly outputs: number },
): void {
  requireDataset(owner, name, dataset);
  const { features, labels } = dataset;
  if (labels.length === 0) {
    fail(owner, `${name}.labels.length`, 0, "at least 1");
  }
  if (features.length !== labels.length) {
    fail(
      owner,
      `${name}.features.length`,
      features.length,
      `${labels.length}, as there are ${labels.length} labels`,
    );
  }
  const row = features.findIndex(
    (values) => !(values.length === network.inputs && values.every(Number.isFinite)),
  );
  if (row >= 0) {
    const allowed = `${network.inputs} finite numbers, as the network has ${network.inputs} inputs`;
    fail(owner, `${name}.features[${row}]`, features[row], allowed);
  }
  const classes = Math.max(network.outputs, 2);
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong >= 0) {
    const allowed = `a whole number from 0 to ${classes - 1}, as the network tells ${classes} classes apart`;
    fail(owner, `${name}.labels[${wrong}]`, labels[wrong], allowed);
  }
}

/** Throws if the record would be too large to hold. */
export function checkRecordSize(
  owner: string,
  weights: number,
  steps: number,
  recordEvery: number | "ends",
): void {
  if (recordEvery === "ends") {
    return;
  }
  const bytes = (every: number): number => {
    const arrays = every === 1 ? ARRAYS_A_STEP.every : ARRAYS_A_STEP.others;
    return Math.ceil(steps / every) * weights * arrays * Float32Array.BYTES_PER_ELEMENT;
  };
  const wanted = bytes(recordEvery);
  if (wanted > MAX_RECORD_BYTES) {
    const enough = Math.ceil((steps * weights * ARRAYS_A_STEP.others * 4) / MAX_RECORD_BYTES);
    const gigabytes = (wanted / 1e9).toFixed(1);
    const reason = `recording ${weights} weights over ${steps} steps would take ${gigabytes} GB`;
    fail(owner, "recordEvery", recordEvery, `at least ${enough} here, or "ends": ${reason}`);
  }
}

/** A model's number of inputs and outputs. */
export function sizeOf(model: tf.LayersModel): { inputs: number; outputs: number } {
  const inputs = inputShape(model).reduce((product, length) => product * length, 1);
  return { inputs, outputs: model.outputs[0]?.shape.at(-1) ?? 1 };
}

/** The model's input shape without the batch axis. */
export function inputShape(model: tf.LayersModel): number[] {
  return (model.inputs[0]?.shape ?? []).slice(1).map((length) => length ?? 1);
}
