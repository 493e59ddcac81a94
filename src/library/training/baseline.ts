import { mean, median, quantileSorted } from "simple-statistics";
import { type AnyDataset, hasTargets } from "../data/dataset.js";
import { tf } from "../tensorflow/tf.js";
import { classShares } from "./dataSummary.js";
import { isCrossEntropy, type Loss } from "./losses.js";
import type { Baseline } from "./record.js";

const entropy = (shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0);

/** Losses of numbers that are the mean over what is to be told, each by itself, and whose best answer has no formula. */
const BY_COLUMN: readonly Loss["name"][] = ["huber", "logcosh", "poisson"];
/** So many answers are tried between the least and the largest number. */
const ANSWERS = 200;

/** The loss of the best one of many constant answers. */
function leastOf(loss: Loss, column: readonly number[]): number {
  const sorted = [...column].sort((a, b) => a - b);
  const tried = Array.from({ length: ANSWERS + 1 }, (_, i) => quantileSorted(sorted, i / ANSWERS));
  // Of poisson, the mean is the best; a number below 0 has no logarithm.
  const answers = [mean(sorted), ...(loss.name === "poisson" ? [] : tried)];
  return tf.tidy(() => {
    const targets = tf.tensor2d([...column], [column.length, 1]);
    const losses = answers.map((answer) => loss.of(tf.fill([1, column.length, 1], answer), targets).mean);
    return tf.stack(losses).min().arraySync() as number;
  });
}

/**
 * What the best answer that is the same for all examples reaches: for classes, their shares; for numbers, their mean or median.
 * Undefined for losses of which it is not known; a loss of -Infinity for a cross-entropy of numbers that are no shares.
 */
export function baselineOf(
  dataset: AnyDataset,
  loss: Loss,
  classWeights?: readonly number[],
): Baseline | undefined {
  const { name } = loss;
  if (!hasTargets(dataset)) {
    const shares = classShares(dataset);
    const accuracy = Math.max(...shares);
    // The best constant answer says a class as often as its examples count.
    const counts = shares.map((share, label) => share * (classWeights?.[label] ?? 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const weighted = counts.map((count) => count / total);
    if (isCrossEntropy(name)) {
      // Of binary cross-entropy, each class is a label.
      const each = mean(weighted.map((share) => entropy([share, 1 - share])));
      return { loss: total * (name.startsWith("binary") ? each : entropy(weighted)), accuracy };
    }
    // A 1 for the class and 0 for the others, or of two classes one number 0 or 1, which gives the same mean.
    const each: Partial<Record<Loss["name"], (share: number) => number>> = {
      meanSquaredError: (share) => share * (1 - share),
      meanAbsoluteError: (share) => Math.min(share, 1 - share),
    };
    const ofShare = each[name];
    return ofShare && { loss: total * mean(weighted.map(ofShare)), accuracy };
  }
  // The names need not be as many.
  const columns = Array.from(dataset.targets[0]!, (_, j) => dataset.targets.map((row) => row[j]!));
  const isLabel = columns.every((column) => column.every((value) => value === 0 || value === 1));
  const means = columns.map(mean);
  const accuracy = isLabel ? mean(means.map((share) => Math.max(share, 1 - share))) : NaN;
  if (name === "meanSquaredError" || name === "meanAbsoluteError") {
    const isSquared = name === "meanSquaredError";
    const losses = columns.map((column) => {
      const answer = isSquared ? mean(column) : median(column);
      return mean(column.map((value) => (isSquared ? (value - answer) ** 2 : Math.abs(value - answer))));
    });
    return { loss: mean(losses), accuracy: NaN };
  }
  if (BY_COLUMN.includes(name)) {
    return { loss: mean(columns.map((column) => leastOf(loss, column))), accuracy: NaN };
  }
  if (!isCrossEntropy(name)) {
    return undefined;
  }
  if (means.some((share) => share < 0 || (share > 1 && name.startsWith("binary")))) {
    return { loss: -Infinity, accuracy: NaN };
  }
  // Also of shares between 0 and 1.
  if (name.startsWith("binary")) {
    return { loss: mean(means.map((share) => entropy([share, 1 - share]))), accuracy };
  }
  const total = means.reduce((sum, share) => sum + share, 0);
  return { loss: total * entropy(means.map((share) => share / total)), accuracy: NaN };
}
