import type { TrainingRecord } from "../training/record.js";
import { fail, requireList, requireNumber } from "../ground/validation.js";
import { wilsonInterval } from "./wilsonInterval.js";

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

/**
 * How many of some networks learned, and between which shares the true one lies with a probability of 95 %, as a text for a table:
 * "18 of 20 (70 to 97 %)". See `shareThatLearned` and `wilsonInterval`.
 */
export function learnedText(records: readonly TrainingRecord[], threshold: number): string {
  const count = Math.round(shareThatLearned(records, threshold) * records.length);
  const { lower, upper } = wilsonInterval(count, records.length);
  const percent = (share: number): string => String(Math.round(100 * share));
  return `${count} of ${records.length} (${percent(lower)} to ${percent(upper)} %)`;
}
