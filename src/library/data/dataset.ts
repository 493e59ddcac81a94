import { tf } from "../tensorflow/tf.js";
import { fail, keysOf, requireList } from "../ground/validation.js";

/** What all datasets have. */
interface Examples {
  readonly name: string;
  /** The inputs, [examples][features]. */
  readonly features: readonly Row[];
  readonly featureNames: readonly string[];
}

type Row = readonly number[];

/** Examples with known classes, in plain numbers. */
export interface Dataset extends Examples {
  /** The class of each example: an index into classNames. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
}

/** Examples with numbers that are to be told: for regression, or with 0 and 1 for several labels at once. */
export interface TargetDataset extends Examples {
  /** What is to be told of each example, [examples][targets]. */
  readonly targets: readonly Row[];
  readonly targetNames: readonly string[];
}

/** A dataset of either kind. */
export type AnyDataset = Dataset | TargetDataset;

/** A dataset cut in two: one part to train on, one to test with. */
export interface Split<D extends AnyDataset = Dataset> {
  readonly train: D;
  readonly test: D;
}

/** Whether a dataset has numbers to be told in place of classes. */
export function hasTargets(dataset: AnyDataset): dataset is TargetDataset {
  return "targets" in dataset;
}

/** The same dataset with only the examples whose indices are given, in that order. */
export function selectExamples<D extends AnyDataset>(dataset: D, indices: readonly number[]): D {
  const pick = <T>(values: readonly T[]): T[] =>
    indices.map((index) => {
      const value = values[index];
      if (value === undefined) {
        throw new RangeError(`selectExamples(): index ${index} is not one of the ${values.length} examples`);
      }
      return value;
    });
  const all: AnyDataset = dataset;
  const told = hasTargets(all) ? { targets: pick(all.targets) } : { labels: pick(all.labels) };
  return { ...dataset, features: pick(dataset.features), ...told };
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
  const x = tf.tensor2d(flatRows(features), [features.length, dataset.featureNames.length]);
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
const TARGET_KEYS = keysOf<TargetDataset>({
  name: true,
  features: true,
  targets: true,
  featureNames: true,
  targetNames: true,
});

/** The numbers of all rows, one row after the other. */
export function flatRows(rows: readonly Row[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const flat = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    flat.set(row, i * width);
  });
  return flat;
}

/**
 * Throws a RangeError, in the name of the function that calls it, unless each example has a label that is an index
 * into classNames (or a row of as many finite numbers as there are targetNames), and a row of as many finite numbers as there
 * are featureNames.
 */
export function requireWhole(owner: string, dataset: AnyDataset, name = "dataset"): void {
  requireDataset(owner, name, dataset);
  const { features, featureNames } = dataset;
  requireRows(owner, name, "features", features, namedColumns(featureNames));
  requireAsMany(owner, name, dataset);
  if (hasTargets(dataset)) {
    requireRows(owner, name, "targets", dataset.targets, namedColumns(dataset.targetNames));
    return;
  }
  const { labels, classNames } = dataset;
  requireLabels(owner, name, labels, classNames.length, `as there are ${classNames.length} classNames`);
}

/** Throws unless each label is a whole number below the number of classes. */
export function requireLabels(
  owner: string,
  name: string,
  labels: readonly number[],
  classes: number,
  why: string,
): void {
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong >= 0) {
    const text = typeof labels[wrong] === "string" ? "; see datasetFromRows for labels that are text" : "";
    const allowed = `a whole number from 0 to ${classes - 1}, ${why}${text}`;
    fail(owner, `${name}.labels[${wrong}]`, labels[wrong], allowed);
  }
}

/** The columns that rows must have. */
export interface Columns {
  readonly names: readonly string[];
  /** Why there are so many, after their number. */
  readonly why: string;
}

function namedColumns(names: readonly string[]): Columns {
  const told = 5;
  return { names, why: `: ${names.slice(0, told).join(", ")}${names.length > told ? ", ..." : ""}` };
}

/** Throws, naming row and column, unless each row has a finite number in each column. */
export function requireRows(
  owner: string,
  name: string,
  key: "features" | "targets",
  rows: readonly Row[],
  { names, why }: Columns,
): void {
  const count = names.length;
  if (count === 0) {
    fail(owner, `${name}.${key === "features" ? "featureNames" : "targetNames"}.length`, 0, "at least 1");
  }
  rows.forEach((row: unknown, i) => {
    if (!(Array.isArray(row) || ArrayBuffer.isView(row)) || (row as Row).length !== count) {
      const allowed = `${count} finite number${count === 1 ? "" : "s"}${why}`;
      fail(owner, `${name}.${key}[${i}]`, row, allowed);
    }
    for (let j = 0; j < count; j++) {
      const value: unknown = (row as Row)[j];
      if (typeof value !== "number" || !Number.isFinite(value)) {
        const allowed = `a finite number (${key} row ${i}, column "${names[j]}")`;
        fail(owner, `${name}.${key}[${i}][${j}]`, value, allowed);
      }
    }
  });
}

/** Throws unless there are as many rows of features as labels or targets. */
export function requireAsMany(owner: string, name: string, dataset: AnyDataset): void {
  const [key, list] = toldBy(dataset);
  const { length } = dataset.features;
  if (length !== list.length) {
    fail(owner, `${name}.features.length`, length, `${list.length}, as there are ${list.length} ${key}`);
  }
}

/** What a dataset tells of its examples, with its name. */
export function toldBy(dataset: AnyDataset): ["targets", readonly Row[]] | ["labels", readonly number[]] {
  return hasTargets(dataset) ? ["targets", dataset.targets] : ["labels", dataset.labels];
}

/** Throws a RangeError unless a value has all that a dataset has: a split of two, which is easily mixed up with one, has not. */
export function requireDataset(owner: string, name: string, value: AnyDataset): void {
  const given = value as Partial<Dataset & TargetDataset> | null | undefined;
  if (typeof given !== "object" || given === null) {
    fail(owner, name, given, "a dataset");
  }
  const keys = "targets" in given ? TARGET_KEYS : KEYS;
  const missing = keys.find((key) => given[key] === undefined);
  if (missing !== undefined) {
    const part = "train" in given ? `; is ${name}.train meant?` : "";
    throw new RangeError(`${owner}(): ${name} has no ${missing}; a dataset has ${keys.join(", ")}${part}`);
  }
  for (const key of keys) {
    if (key !== "name") {
      requireList<unknown>(owner, `${name}.${key}`, given[key]!, "entries");
    }
  }
}
