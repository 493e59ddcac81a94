import type { TrainingRecord } from "../training/record.js";
import { fail, requireList, requireNumber } from "../ground/validation.js";
import { type ShareInterval, wilsonInterval } from "./wilsonInterval.js";

/**
 * Accuracy on the test set after the last epoch. A network whose numbers were no longer finite has learned nothing
 * that could be used: its accuracy is 0.
 *
 * @throws RangeError if the record holds no test accuracy (see the option `test` of `recordTraining`).
 */
export function testAccuracy(record: TrainingRecord): number {
  if (record.stopped?.reason === "not finite") {
    return 0;
  }
  const { testAccuracy: accuracy } = record.epochs.at(-1) ?? {};
  if (accuracy !== undefined) {
    return accuracy;
  }
  const { label, epochs, stopped } = record;
  const needed =
    epochs.length === 0
      ? `of a training of at least one whole epoch${stopped ? `, and it was ${stopped.message}` : ""}`
      : "of a training with the option test";
  return fail("testAccuracy", "record", `the record of "${label}"`, needed);
}

/**
 * Share of networks whose test accuracy after the last epoch is at least `threshold`, between 0 and 1. How sure it is: see
 * `wilsonInterval`.
 */
export function shareThatLearned(records: readonly TrainingRecord[], threshold: number): number {
  requireNumber("shareThatLearned", "threshold", threshold, { min: 0, max: 1 });
  requireList("shareThatLearned", "records", records, "records", 1);
  return records.filter((record) => testAccuracy(record) >= threshold).length / records.length;
}

/** The share of networks that learned, and between which shares the true one lies: `shareThatLearned` with `wilsonInterval`. */
export function learnedInterval(records: readonly TrainingRecord[], threshold: number): ShareInterval {
  const learned = Math.round(shareThatLearned(records, threshold) * records.length);
  return wilsonInterval(learned, records.length);
}

/**
 * How many of some networks learned, and between which shares the true one lies with a probability of 95 %, as a text for a table:
 * "18 of 20 (70 to 97 %)". See `learnedInterval`.
 */
export function learnedText(records: readonly TrainingRecord[], threshold: number): string {
  const { lower, share, upper } = learnedInterval(records, threshold);
  const [count, from, to] = [share * records.length, 100 * lower, 100 * upper].map(Math.round);
  return `${count} of ${records.length} (${from} to ${to} %)`;
}
