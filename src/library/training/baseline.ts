import { mean } from "simple-statistics";
import { type AnyDataset, hasTargets } from "../data/dataset.js";
import { isCrossEntropy, type Loss } from "./losses.js";
import type { Baseline } from "./record.js";

const entropy = (shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);

/**
 * What the best answer that is the same for all examples reaches: for classes, their shares; for numbers, their mean. Undefined
 * for losses of which it is not known.
 */
export function baselineOf(
  dataset: AnyDataset,
  { name }: Loss,
  classWeights?: readonly number[],
): Baseline | undefined {
  if (!hasTargets(dataset)) {
    const { labels, classNames } = dataset;
    const shares = classNames.map((_, label) => labels.filter((own) => own === label).length / labels.length);
    const accuracy = Math.max(...shares);
    // The best constant answer says a class as often as its examples count.
    const counts = shares.map((share, label) => share * (classWeights?.[label] ?? 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const loss = total * entropy(counts.map((count) => count / total));
    return isCrossEntropy(name) ? { loss, accuracy } : undefined;
  }
  const columns = dataset.targetNames.map((_, j) => dataset.targets.map((row) => row[j]!));
  const means = columns.map(mean);
  if (name === "meanSquaredError") {
    const variances = columns.map((column, j) => mean(column.map((value) => (value - means[j]!) ** 2)));
    return { loss: mean(variances), accuracy: NaN };
  }
  const isLabel = columns.every((column) => column.every((value) => value === 0 || value === 1));
  return isLabel && name.startsWith("binary")
    ? {
        loss: mean(means.map((share) => entropy([share, 1 - share]))),
        accuracy: mean(means.map((share) => Math.max(share, 1 - share))),
      }
    : undefined;
}
