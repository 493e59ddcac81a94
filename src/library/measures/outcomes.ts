import type { DepthRecords } from "../training/ensemble/trainByDepth.js";
import type { TrainingRecord } from "../training/record.js";
import { fail, requireList, requireNumber } from "../ground/validation.js";
import { shareThatLearned, testAccuracy } from "./learning.js";

/** What became of some networks. Each is counted once. */
export interface Outcomes {
  /** Test accuracy after the last epoch at or above the threshold. */
  readonly learned: number;
  /** Below it, with a hidden layer all of whose units are dead: no gradient gets past it any more. */
  readonly dead: number;
  /** Stopped because numbers were no longer finite. */
  readonly diverged: number;
  /** Below the threshold for any other reason. */
  readonly stuck: number;
}

/** Counts what became of networks that were trained with the option `test`. No network is left out. */
export function countOutcomes(records: readonly TrainingRecord[], threshold: number): Outcomes {
  requireList("countOutcomes", "records", records, "records");
  requireNumber("countOutcomes", "threshold", threshold, { min: 0, max: 1 });
  const counts = { learned: 0, dead: 0, diverged: 0, stuck: 0 };
  for (const record of records) {
    counts[outcomeOf(record, threshold)] += 1;
  }
  return counts;
}

function outcomeOf(record: TrainingRecord, threshold: number): keyof Outcomes {
  if (record.stopped?.reason === "not finite") {
    return "diverged";
  }
  if (testAccuracy(record) >= threshold) {
    return "learned";
  }
  return record.layers.some(({ dead }) => dead.at(-1) === 1) ? "dead" : "stuck";
}

/** For each depth and initial scale the share of networks that learned. */
export interface Trainability {
  readonly depths: readonly number[];
  readonly kernelScales: readonly number[];
  /** [depth][scale], from 0 to 1. */
  readonly share: readonly (readonly number[])[];
}

/**
 * The share of networks that learned, by depth and initial scale: see `trainByDepth` and `sweep`. A network learned if
 * its test accuracy after the last epoch is at least `threshold`, between 0 and 1.
 */
export function trainability(sweeps: readonly DepthRecords[], threshold: number): Trainability {
  requireNumber("trainability", "threshold", threshold, { min: 0, max: 1 });
  requireList("trainability", "sweeps", sweeps, "depths", 1);
  const scaleOf = (record: TrainingRecord): number =>
    record.member?.kernelScale ??
    fail("trainability", "sweeps", `with "${record.label}"`, "of networks of an ensemble");
  const kernelScales = [...new Set(sweeps.flatMap(({ records }) => records.map(scaleOf)))].sort(
    (a, b) => a - b,
  );
  return {
    depths: sweeps.map(({ hiddenLayers }) => hiddenLayers),
    kernelScales,
    share: sweeps.map(({ records }) =>
      kernelScales.map((scale) =>
        shareThatLearned(
          records.filter((record) => scaleOf(record) === scale),
          threshold,
        ),
      ),
    ),
  };
}
