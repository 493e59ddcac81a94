import * as tf from "@tensorflow/tfjs-node";
import type { Dataset } from "../data/dataset.js";
import { fail, requireInteger, requireKnownKeys } from "../validation.js";
import { type OptimizerOptions, resolveOptimizer } from "./optimizers.js";
import type { Progress } from "./progress.js";
import type { OptimizerRecord } from "./record.js";

/** How to train, and what to record. The optimiser's settings stand beside these. */
export interface TrainingOptions extends OptimizerOptions {
  readonly epochs: number;
  /** Examples a step; 32 if not given. */
  readonly batchSize?: number;
  /** Shuffles the examples anew before each epoch. Without it they keep the dataset's order. */
  readonly seed?: number;
  /** Records every n-th step, and the last; 1 if not given. */
  readonly recordEvery?: number;
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
  readonly recordEvery: number;
  readonly resolvedOptimizer: OptimizerRecord;
}

const OWN_KEYS = ["epochs", "batchSize", "seed", "recordEvery", "test", "label", "onProgress", "signal"];
const OPTIMIZER_KEYS = ["optimizer", "learningRate", "momentum", "beta1", "beta2", "epsilon", "epsilonForm"];

/** A record larger than this would not fit beside the rest in a small machine's memory. */
const MAX_RECORD_BYTES = 2e9;

/** Weights after the step, gradient, update; the weights before it are those after the last one. */
const ARRAYS_A_STEP = 3;

/** Checks the options of `recordTraining`. */
export function resolveOptions(options: TrainingOptions): ResolvedOptions {
  const owner = "recordTraining";
  requireKnownKeys(owner, "options", options, [...OPTIMIZER_KEYS, ...OWN_KEYS]);
  if (options.seed !== undefined) {
    requireInteger(owner, "seed", options.seed);
  }
  return {
    ...options,
    resolvedOptimizer: resolveOptimizer(owner, options),
    epochs: requireInteger(owner, "epochs", options.epochs, { min: 1 }),
    batchSize: requireInteger(owner, "batchSize", options.batchSize ?? 32, { min: 1 }),
    recordEvery: requireInteger(owner, "recordEvery", options.recordEvery ?? 1, { min: 1 }),
  };
}

/** Checks that a dataset fits a model: as many features as it has inputs, and no more classes than outputs. */
export function checkFit(model: tf.LayersModel, dataset: Dataset, name: string): void {
  const inputs = inputShape(model).reduce((product, length) => product * length, 1);
  const units = model.outputs[0]?.shape.at(-1) ?? 1;
  if (dataset.labels.length === 0) {
    fail("recordTraining", `${name}.labels.length`, 0, "at least 1");
  }
  const row = dataset.features.findIndex(
    (values) => values.length !== inputs || !values.every((value) => Number.isFinite(value)),
  );
  if (row >= 0) {
    const allowed = `${inputs} finite numbers, as the model has ${inputs} inputs`;
    fail("recordTraining", `${name}.features[${row}]`, dataset.features[row], allowed);
  }
  const classes = Math.max(units, 2);
  const wrong = dataset.labels.findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
  );
  if (wrong >= 0) {
    const allowed = `a whole number from 0 to ${classes - 1}, as the model tells ${classes} classes apart`;
    fail("recordTraining", `${name}.labels[${wrong}]`, dataset.labels[wrong], allowed);
  }
}

/** Throws if the record would be too large to hold. */
export function checkRecordSize(parameters: number, steps: number, recordEvery: number): void {
  const bytes = Math.ceil(steps / recordEvery) * parameters * ARRAYS_A_STEP * Float32Array.BYTES_PER_ELEMENT;
  if (bytes > MAX_RECORD_BYTES) {
    const enough = Math.ceil(
      (steps * parameters * ARRAYS_A_STEP * Float32Array.BYTES_PER_ELEMENT) / MAX_RECORD_BYTES,
    );
    const allowed = `at least ${enough} here: recording ${parameters} weights over ${steps} steps would take ${(bytes / 1e9).toFixed(1)} GB`;
    fail("recordTraining", "recordEvery", recordEvery, allowed);
  }
}

/** The model's input shape without the batch axis. */
export function inputShape(model: tf.LayersModel): number[] {
  return (model.inputs[0]?.shape ?? []).slice(1).map((length) => length ?? 1);
}
