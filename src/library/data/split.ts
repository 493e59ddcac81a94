import { mean, standardDeviation } from "simple-statistics";
import { deriveSeed, shuffledIndices } from "../ground/random.js";
import { fail, keysOf, requireInteger, requireKnownKeys, requirePositive } from "../ground/validation.js";
import {
  type AnyDataset,
  type Dataset,
  hasTargets,
  requireWhole,
  selectExamples,
  type Split,
  type TargetDataset,
} from "./dataset.js";

/** How `splitTrainTest` cuts. */
export interface SplitOptions {
  /** Share of the examples that are kept for testing, between 0 and 1. */
  readonly testShare: number;
  readonly seed: number;
}

const KEYS = keysOf<SplitOptions>({ testShare: true, seed: true });

/**
 * Cuts a dataset into a training and a test part, both in random order. Each class keeps its share in both parts
 * (a stratified split), as nearly as whole examples allow.
 *
 * @throws RangeError if testShare is not between 0 and 1, or leaves one of the parts empty; if a row has a hole.
 */
export function splitTrainTest<D extends AnyDataset>(dataset: D, options: SplitOptions): Split<D> {
  requireWhole("splitTrainTest", dataset);
  requireKnownKeys("splitTrainTest", "options", options, KEYS);
  const testShare = requirePositive("splitTrainTest", "testShare", options.testShare);
  const seed = requireInteger("splitTrainTest", "seed", options.seed);
  const count = dataset.features.length;
  const testCount = Math.round(count * testShare);
  if (testCount < 1 || testCount >= count) {
    fail("splitTrainTest", "testShare", testShare, `large and small enough to cut ${count} examples in two`);
  }
  const order = shuffledIndices(count, deriveSeed(seed, 0));
  const all: AnyDataset = dataset;
  const byClass = hasTargets(all)
    ? [order]
    : all.classNames.map((_, label) => order.filter((i) => all.labels[i] === label));
  const quotas = wholeShares(
    byClass.map((members) => (members.length * testCount) / count),
    testCount,
  );
  const inTest = new Set(byClass.flatMap((members, label) => members.slice(0, quotas[label])));
  return {
    train: selectExamples(
      dataset,
      order.filter((i) => !inTest.has(i)),
    ),
    test: selectExamples(
      dataset,
      order.filter((i) => inTest.has(i)),
    ),
  };
}

/** Rounds shares to whole numbers with a given sum: all down, then those with the largest remainders up. */
function wholeShares(shares: readonly number[], sum: number): number[] {
  const whole = shares.map(Math.floor);
  const missing = sum - whole.reduce((total, share) => total + share, 0);
  const remainder = (i: number): number => (shares[i] ?? 0) % 1;
  const byRemainder = [...shares.keys()].sort((a, b) => remainder(b) - remainder(a));
  for (const i of byRemainder.slice(0, missing)) {
    whole[i] = (whole[i] ?? 0) + 1;
  }
  return whole;
}

/**
 * Gives each feature mean 0 and standard deviation 1. Of a split, both are taken from the training part alone, so that
 * nothing of the test part leaks into training. A feature that never varies is only centered. Targets stay as they are.
 *
 * @throws RangeError if there is no example to take them from, or a row lacks a number.
 */
export function standardize<D extends Dataset | TargetDataset>(split: Split<D>): Split<D>;
export function standardize<D extends Dataset | TargetDataset>(dataset: D): D;
export function standardize<D extends Dataset | TargetDataset>(data: Split<D> | D): Split<D> | D;
export function standardize<D extends Dataset | TargetDataset>(
  data: Split<D> | D,
  ...more: never[]
): Split<D> | D {
  if (more.length > 0) {
    throw new RangeError(
      "standardize(): it takes one thing, a split or a dataset; { train, test } is a split",
    );
  }
  if (isSplit(data)) {
    requireWhole("standardize", data.train, "train");
    requireWhole("standardize", data.test, "test");
    const scales = scalesOf(requireExamples("train", data.train));
    return { train: scaled(data.train, scales), test: scaled(data.test, scales) };
  }
  requireWhole("standardize", data, "data");
  return scaled(data, scalesOf(requireExamples("data", data)));
}

/** Rows of numbers with mean 0 and standard deviation 1 in each column; one that never varies is only centered. */
export function standardizeRows(rows: Rows): number[][] {
  return scaledRows(rows, scalesOf(rows));
}

type Rows = readonly (readonly number[])[];

function isSplit<D extends AnyDataset>(data: Split<D> | D): data is Split<D> {
  return typeof data === "object" && (data as unknown) !== null && "train" in data;
}

/** Mean and standard deviation of a column. */
interface Scale {
  readonly center: number;
  readonly width: number;
}

function requireExamples(name: string, { features }: AnyDataset): Rows {
  if (features.length === 0) {
    fail("standardize", `${name}.features.length`, 0, "at least 1");
  }
  return features;
}

function scalesOf(rows: Rows): Scale[] {
  const columns = Array.from(rows[0] ?? [], (_, j) => rows.map((row) => row[j] ?? NaN));
  return columns.map((column) => ({
    center: mean(column),
    // Computed, the deviation of equal numbers is not always exactly 0.
    width: (column.every((value) => value === column[0]) ? 0 : standardDeviation(column)) || 1,
  }));
}

function scaledRows(rows: Rows, scales: readonly Scale[]): number[][] {
  return rows.map((row) => scales.map(({ center, width }, j) => ((row[j] ?? NaN) - center) / width));
}

function scaled<D extends AnyDataset>(dataset: D, scales: readonly Scale[]): D {
  return {
    ...dataset,
    features: scaledRows(dataset.features, scales),
    featureNames: dataset.featureNames.map((name) => name.replace(/\(.*\)$/, "(standardized)")),
  };
}
