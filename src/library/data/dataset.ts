import { tf } from "../tensorflow/tf.js";
import { fail, keysOf, requireList } from "../ground/validation.js";

/** Examples with known classes, in plain numbers. */
export interface Dataset {
  readonly name: string;
  /** The inputs, [examples][features]. */
  readonly features: readonly (readonly number[])[];
  /** The class of each example: an index into classNames. */
  readonly labels: readonly number[];
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
}

/** A dataset cut in two: one part to train on, one to test with. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** The same dataset with only the examples whose indices are given, in that order. */
export function selectExamples(dataset: Dataset, indices: readonly number[]): Dataset {
  const pick = <T>(values: readonly T[]): T[] =>
    indices.map((index) => {
      const value = values[index];
      if (value === undefined) {
        throw new RangeError(`selectExamples(): index ${index} is not one of the ${values.length} examples`);
      }
      return value;
    });
  return { ...dataset, features: pick(dataset.features), labels: pick(dataset.labels) };
}

/**
 * The tensors that `model.fit` takes. The caller disposes of them.
 *
 * `x` is [examples, features]. With two classes `y` is [examples, 1] of 0 and 1, for one sigmoid output and
 * binary cross-entropy; with more it is one-hot, [examples, classes], for softmax and categorical cross-entropy.
 *
 * @throws RangeError if rows, labels and names do not fit together.
 */
export function toTensors(dataset: Dataset): { x: tf.Tensor2D; y: tf.Tensor2D } {
  requireWhole("toTensors", dataset);
  const { features, labels, classNames } = dataset;
  const x = tf.tensor2d(features.flat(), [features.length, dataset.featureNames.length]);
  const y = tf.tidy(() =>
    classNames.length === 2
      ? tf.tensor2d([...labels], [labels.length, 1])
      : tf.oneHot(tf.tensor1d([...labels], "int32"), classNames.length).toFloat(),
  );
  return { x, y: y as tf.Tensor2D };
}

const KEYS = keysOf<Dataset>({
  name: true,
  features: true,
  labels: true,
  featureNames: true,
  classNames: true,
});

/**
 * Throws a RangeError, in the name of the function that calls it, unless each example has a label that is an index
 * into classNames, and a row of as many finite numbers as there are featureNames.
 */
export function requireWhole(owner: string, dataset: Dataset): void {
  requireDataset(owner, "dataset", dataset);
  const { features, labels, featureNames, classNames } = dataset;
  if (features.length !== labels.length) {
    fail(owner, "features.length", features.length, `${labels.length}, as there are ${labels.length} labels`);
  }
  const width = featureNames.length;
  const row = features.findIndex((values) => values.length !== width || !values.every(Number.isFinite));
  if (row >= 0) {
    fail(owner, `features[${row}]`, features[row], `${width} finite number${width === 1 ? "" : "s"}`);
  }
  const label = labels.findIndex((value) => classNames[value] === undefined);
  if (label >= 0) {
    fail(owner, `labels[${label}]`, labels[label], `a whole number from 0 to ${classNames.length - 1}`);
  }
}

/** Throws a RangeError unless a value has all that a dataset has: a split of two, which is easily mixed up with one, has not. */
export function requireDataset(owner: string, name: string, value: Dataset): void {
  const given = value as Partial<Dataset> | null | undefined;
  if (typeof given !== "object" || given === null) {
    fail(owner, name, given, "a dataset");
  }
  const missing = KEYS.find((key) => given[key] === undefined);
  if (missing !== undefined) {
    const part = "train" in given ? `; is ${name}.train meant?` : "";
    throw new RangeError(`${owner}(): ${name} has no ${missing}; a dataset has ${KEYS.join(", ")}${part}`);
  }
  for (const key of ["features", "labels", "featureNames", "classNames"] as const) {
    requireList<unknown>(owner, `${name}.${key}`, value[key], "entries");
  }
}
