import { percent, short } from "../ground/format.js";
import { fail } from "../ground/validation.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { isCrossEntropy } from "../training/losses.js";
import type { Baseline, TrainingRecord } from "../training/record.js";
import type { Verdict } from "./diagnose.js";

/** A network learns if its loss comes below this share of a constant answer's. */
const LEARNS_BELOW = 0.5;
/** It learns in part below this one. */
const PART_BELOW = 0.95;
/** A loss below this share of a constant answer's tells more than it, whatever the answers are. */
const CLEARLY_BELOW = 0.9;
/** A loss that is by so much larger than a linear answer's is worse, if it is more than so small a share of a constant one's. */
const WORSE = 1.5;
const TINY = 0.05;
/** By so many standard errors the share of right answers must be above that of the commonest class. */
const STANDARD_ERRORS = 2;

/** What a constant answer reaches; of old records, in which it does not stand, that of classes of one size. */
export function baselineOfRecord(record: TrainingRecord): Baseline {
  const { baseline, lossName } = record as Partial<TrainingRecord>;
  if (baseline) {
    return baseline;
  }
  if (lossName !== undefined && !isCrossEntropy(lossName)) {
    const loss = `a training with the loss "${lossName}"`;
    return fail(
      "diagnose",
      "record",
      loss,
      "of a loss of which a constant answer's is known: cross-entropy or the squared error",
    );
  }
  const classes = Math.max(weightLayers(record).at(-1)!.units, 2);
  return { loss: Math.log(classes), accuracy: 1 / classes };
}

/** Whether a network learns, and the numbers that say so. */
export function judge(record: TrainingRecord): { readonly verdict: Verdict; readonly why: string } {
  const { loss, accuracy } = baselineOfRecord(record);
  const first = record.loss[0]!;
  const end = record.epochs.at(-1);
  const last = end?.loss ?? record.loss.at(-1)!;
  const isBetter = end === undefined || !isNoBetter(record);
  const isFinite = record.stopped?.reason !== "not finite";
  // A cross-entropy is below 0 where the targets are no shares: then it says nothing.
  const isMeaningless = isCrossEntropy(record.lossName) && last < 0;
  const worse = worseThanLinear(record);
  const verdict =
    !isFinite || isMeaningless || !isBetter || last > PART_BELOW * loss
      ? "does not learn"
      : last < LEARNS_BELOW * loss && worse === undefined
        ? "learns"
        : "learns in part";
  const constant = Number.isNaN(accuracy) ? short(loss) : `${short(loss)}, right in ${percent(accuracy)}`;
  const right = end === undefined || Number.isNaN(end.accuracy) ? "" : `, right in ${percent(end.accuracy)}`;
  return {
    verdict,
    why: `the loss went from ${short(first)} to ${short(last)}${right}; a constant answer has ${constant}${worse ?? ""}`,
  };
}

/**
 * What a linear answer reaches, if that is clearly more than the network's: its share of right answers, or of the variance of what
 * is told. Undefined where it is not, or not known.
 */
function worseThanLinear({ data, epochs, lossName, baseline }: TrainingRecord): string | undefined {
  const [linear, end] = [data?.linear, epochs.at(-1)];
  if (!linear || !end) {
    return undefined;
  }
  if (!Number.isNaN(linear.accuracy)) {
    const error = Math.sqrt((linear.accuracy * (1 - linear.accuracy)) / linear.examples);
    const isWorse = end.accuracy < linear.accuracy - STANDARD_ERRORS * Math.max(error, 1 / linear.examples);
    return isWorse ? `, a linear one is right in ${percent(linear.accuracy)}` : undefined;
  }
  if (lossName !== "meanSquaredError" || !baseline) {
    return undefined;
  }
  const left = (1 - linear.explained) * baseline.loss;
  return end.loss > WORSE * left + TINY * baseline.loss ? `, a linear one ${short(left)}` : undefined;
}

/**
 * Whether the share of right answers is no more than chance above that of the commonest class, and the loss no better than that
 * of who always says it.
 */
export function isNoBetter(record: TrainingRecord): boolean {
  const { accuracy, loss } = baselineOfRecord(record);
  const { accuracy: reached, loss: last } = record.epochs.at(-1) ?? { accuracy: NaN, loss: NaN };
  if (last < CLEARLY_BELOW * loss) {
    return false;
  }
  // The probe is the training set, unless that was not wanted.
  const error = Math.sqrt((accuracy * (1 - accuracy)) / record.probeExamples);
  return reached <= accuracy + STANDARD_ERRORS * error;
}
