import { mean } from "simple-statistics";
import { type AnyDataset, type Dataset, hasTargets } from "../data/dataset.js";
import { standardizeRows } from "../data/split.js";
import { fitLinear, type LinearSummary } from "./linearFit.js";

/** What a training set is like: the numbers by which wrong inputs and wrong targets can be told. */
export interface DataSummary {
  readonly examples: number;
  readonly features: FeatureSummary;
  readonly targets: TargetSummary;
  /** How well the nearest other example tells what an example is: see `NeighborSummary`. */
  readonly neighbors: NeighborSummary;
  /** Absent where there are too many features for the examples, and in records of before. */
  readonly linear?: LinearSummary;
}

/** Sizes are root mean squares. */
export interface FeatureSummary {
  readonly count: number;
  /** How many have one value in all examples. */
  readonly constant: number;
  /** How many of the others have in each example the value of an earlier feature. */
  readonly copies: number;
  /** Share of all values that are 0. */
  readonly zeros: number;
  /** Of all values. */
  readonly size: number;
  /** Of the feature whose values are largest. */
  readonly largestSize: number;
}

/** Of classes, their shares are told; of numbers, how large they are, over all targets. */
export interface TargetSummary {
  readonly kind: "classes" | "labels" | "numbers";
  /** Of classes, the share of each; of labels, that of each one's examples. Empty for numbers. */
  readonly shares: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Share of examples of which not exactly one label holds; 0 for classes and numbers. */
  readonly notOneOf: number;
}

/**
 * The nearest other example, features being standardized: what share of the targets' variance it explains, and the
 * standard error of that where nothing is to be explained. About 0 where targets have nothing to do with features.
 */
export interface NeighborSummary {
  readonly examples: number;
  readonly explained: number;
  readonly error: number;
}

/** About so many multiplications are spent on nearest neighbors. */
const NEIGHBOR_COST = 2e7;
const MOST_NEIGHBORS = 500;

/** The summary of a dataset. */
export function summarize(dataset: AnyDataset): DataSummary {
  const targets = summarizeTargets(dataset);
  const linear = summarizeLinear(dataset, targets.kind);
  return {
    examples: dataset.features.length,
    features: summarizeFeatures(dataset.features),
    targets,
    neighbors: summarizeNeighbors(dataset),
    ...(linear && { linear }),
  };
}

type Rows = readonly (readonly number[])[];

interface Column {
  readonly mean: number;
  readonly std: number;
  readonly size: number;
  readonly isConstant: boolean;
  /** The same for columns with the same numbers, and for hardly any others. */
  readonly mark: number;
}

/** Weights of rows that do not repeat: the same numbers in a column have the same sum with them. */
function marksOf({ length }: Rows): number[] {
  return Array.from({ length }, (_, i) => Math.sin(i + 1));
}

function columnsOf(rows: Rows): Column[] {
  const marks = marksOf(rows);
  return Array.from(rows[0] ?? [], (_, j) => {
    const first = rows[0]![j]!;
    let [sum, squares, mark, isConstant] = [0, 0, 0, true];
    rows.forEach((row, i) => {
      const value = row[j]!;
      sum += value;
      squares += value * value;
      mark += value * marks[i]!;
      isConstant &&= value === first;
    });
    const average = sum / rows.length;
    const variance = Math.max(0, squares / rows.length - average * average);
    return {
      mean: average,
      std: Math.sqrt(variance),
      size: Math.sqrt(squares / rows.length),
      isConstant,
      mark,
    };
  });
}

function summarizeFeatures(rows: Rows): FeatureSummary {
  const columns = columnsOf(rows);
  const varying = columns.filter(({ isConstant }) => !isConstant);
  const zeros = rows.reduce((count, row) => count + row.filter((value) => value === 0).length, 0);
  return {
    count: columns.length,
    constant: columns.length - varying.length,
    copies: varying.length - new Set(varying.map(({ mark }) => mark)).size,
    zeros: zeros / (rows.length * columns.length),
    size: Math.sqrt(mean(columns.map(({ size }) => size * size))),
    largestSize: columns.reduce((most, { size }) => Math.max(most, size), 0),
  };
}

/** The share of each class, also of one without a name. */
export function classShares(dataset: Dataset): number[] {
  const { labels } = dataset;
  return classesOf(dataset).map((label) => labels.filter((own) => own === label).length / labels.length);
}

function classesOf({ labels, classNames }: Dataset): number[] {
  const count = labels.reduce((most, label) => Math.max(most, label + 1), classNames.length);
  return Array.from({ length: count }, (_, label) => label);
}

export function summarizeTargets(dataset: AnyDataset): TargetSummary {
  if (!hasTargets(dataset)) {
    return { kind: "classes", shares: classShares(dataset), ...spread([dataset.labels]), notOneOf: 0 };
  }
  const { targets } = dataset;
  const isLabel = targets.every((row) => row.every((value) => value === 0 || value === 1));
  const isOneOf = (row: readonly number[]): boolean => row.filter((value) => value === 1).length === 1;
  return {
    kind: isLabel ? "labels" : "numbers",
    shares: isLabel ? columnsOf(targets).map((column) => column.mean) : [],
    ...spread(targets),
    notOneOf: isLabel ? targets.filter((row) => !isOneOf(row)).length / targets.length : 0,
  };
}

function spread(rows: Rows): Pick<TargetSummary, "min" | "max" | "mean" | "std"> {
  let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0];
  for (const row of rows) {
    for (const value of row) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
      squares += value * value;
      count += 1;
    }
  }
  const average = sum / count;
  return { min, max, mean: average, std: Math.sqrt(Math.max(0, squares / count - average * average)) };
}

/** A line through so many examples is known well enough. */
const MOST_FITTED = 1000;

function summarizeLinear(dataset: AnyDataset, kind: TargetSummary["kind"]): LinearSummary | undefined {
  const chosen = evenly(dataset.features.length, Math.min(dataset.features.length, MOST_FITTED));
  const points = standardizeRows(chosen.map((i) => dataset.features[i]!));
  return fitLinear(points, answersOf(dataset, chosen), kind);
}

/** So many places, evenly from all of the set, which may be sorted by class. */
const evenly = (length: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));

/** What is to be told of examples, as numbers: of a class, a 1 among zeros. */
function answersOf(dataset: AnyDataset, chosen: readonly number[]): Rows {
  return hasTargets(dataset)
    ? chosen.map((i) => dataset.targets[i]!)
    : chosen.map((i) => classesOf(dataset).map((label) => Number(label === dataset.labels[i])));
}

function summarizeNeighbors(dataset: AnyDataset): NeighborSummary {
  const { features } = dataset;
  const width = features[0]?.length ?? 1;
  const examples = Math.min(
    features.length,
    MOST_NEIGHBORS,
    Math.max(2, Math.floor(Math.sqrt(NEIGHBOR_COST / width))),
  );
  const chosen = evenly(features.length, examples);
  const points = standardizeRows(chosen.map((i) => features[i]!)).map((row) => Float64Array.from(row));
  const answers = answersOf(dataset, chosen);
  const differences = points.map((point, i) => squared(answers[i]!, answers[nearest(points, point, i)]!));
  const variance = columnsOf(answers).reduce((sum, { std }) => sum + std * std, 0);
  // Of two examples drawn at random the mean squared difference is twice the variance.
  const shares = differences.map((difference) => difference / (2 * variance));
  const typical = mean(shares.map((value) => value * value));
  return {
    examples,
    explained: variance === 0 ? NaN : 1 - mean(shares),
    error: variance === 0 ? NaN : Math.sqrt(Math.max(typical - mean(shares) ** 2, 1e-12) / examples),
  };
}

function squared(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + (value - b[j]!) ** 2, 0);
}

/** Which other point is nearest to one. */
function nearest(points: readonly Float64Array[], point: Float64Array, own: number): number {
  let [least, place] = [Infinity, own];
  points.forEach((other, i) => {
    if (i === own) {
      return;
    }
    let distance = 0;
    for (let j = 0; j < point.length && distance < least; j++) {
      distance += (point[j]! - other[j]!) ** 2;
    }
    if (distance < least) {
      [least, place] = [distance, i];
    }
  });
  return place;
}
