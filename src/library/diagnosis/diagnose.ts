import { short } from "../ground/format.js";
import { requireRecord, weightLayers } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import { type Disease, diseaseNames, diseases } from "./diseases.js";

/** One thing that was found, with the numbers that show it and what to try. */
export interface Finding {
  readonly disease: Disease;
  /** A sentence with the numbers. */
  readonly evidence: string;
  /** What to try, the likeliest first. */
  readonly advice: string;
}

/** What `diagnose` finds. */
export interface Diagnosis {
  /** Whether the loss came down to less than half of what it was at the start, and of what guessing gives. */
  readonly learns: boolean;
  /** What is wrong, the likeliest cause first. Empty for a network that learns, and for one that puzzles us. */
  readonly findings: readonly Finding[];
  /** The same in a sentence. */
  readonly summary: string;
}

/**
 * Says why a network does not learn: reads the record of its training, and nothing else. Record the first step and a
 * few later ones at least. How often it is right is tested on networks with which no threshold was set.
 *
 * @throws RangeError for what is no record of a step.
 */
export function diagnose(record: TrainingRecord): Diagnosis {
  requireRecord("diagnose", "record", record);
  const first = record.loss[0]!;
  const last = record.epochs.at(-1)?.loss ?? record.loss.at(-1)!;
  // The loss of a network that guesses, in nats. One that starts far above it has learned nothing by coming down to it.
  const guessing = Math.log(Math.max(weightLayers(record).at(-1)!.units, 2));
  const learns = record.stopped?.reason !== "not finite" && last < LEARNS_BELOW * Math.min(first, guessing);
  const findings = learns
    ? []
    : diseaseNames.flatMap((disease): Finding[] => {
        const { look, advice } = diseases[disease];
        const evidence = look(record);
        return evidence === undefined ? [] : [{ disease, evidence, advice }];
      });
  const fall = `the loss went from ${short(first)} to ${short(last)}`;
  const [main] = findings;
  const found = main ? `${main.disease}: ${main.evidence}` : "nothing known was found; look at more seeds";
  return {
    learns,
    findings,
    summary: learns ? `It learns: ${fall}.` : `It does not learn (${fall}). ${found}`,
  };
}

const LEARNS_BELOW = 0.5;
