import { mean } from "simple-statistics";
import MultivariateLinearRegression from "ml-regression-multivariate-linear";

/**
 * What the best linear answer reaches on the training set: least squares, of classes and labels by the numbers 0 and 1. A network
 * that does worse has not found what a single layer could.
 */
export interface LinearSummary {
  readonly examples: number;
  /** Share of the targets' variance that it explains. */
  readonly explained: number;
  /** Share of examples (of labels) that it tells rightly; NaN for numbers. */
  readonly accuracy: number;
}

type Rows = readonly (readonly number[])[];

/** With more features, or fewer examples for each, a linear answer fits anything, or takes long. */
const MOST_FEATURES = 60;
const EXAMPLES_A_FEATURE = 5;

/** Undefined where there are too many features for the examples. `features` are standardized. */
export function fitLinear(
  features: Rows,
  answers: Rows,
  kind: "classes" | "labels" | "numbers",
): LinearSummary | undefined {
  const width = features[0]?.length ?? 0;
  if (width > MOST_FEATURES || features.length < EXAMPLES_A_FEATURE * (width + 1)) {
    return undefined;
  }
  const copies = [features, answers].map((rows) => rows.map((row) => [...row])) as [number[][], number[][]];
  const said = new MultivariateLinearRegression(...copies, { statistics: false }).predict(copies[0]);
  const sum = (rows: Rows, of: (value: number, i: number, j: number) => number): number =>
    rows.reduce((total, row, i) => row.reduce((part, value, j) => part + of(value, i, j), total), 0);
  const means = (answers[0] ?? []).map((_, j) => mean(answers.map((row) => row[j]!)));
  const variance = sum(answers, (value, _, j) => (value - means[j]!) ** 2);
  const rest = sum(answers, (value, i, j) => (value - said[i]![j]!) ** 2);
  const isRight = {
    classes: () => mean(answers.map((row, i) => Number(largest(row) === largest(said[i]!)))),
    labels: () =>
      sum(answers, (value, i, j) => Number(value > 0.5 === said[i]![j]! > 0.5)) /
      (answers.length * means.length),
    numbers: () => NaN,
  };
  return {
    examples: features.length,
    explained: variance === 0 ? NaN : 1 - rest / variance,
    accuracy: isRight[kind](),
  };
}

const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));
