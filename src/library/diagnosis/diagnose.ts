import { requireRecord } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import { judge } from "./judge.js";
import { type Disease, diseaseNames, diseases } from "./diseases.js";

/** One thing that was found, with the numbers that show it and what to try. */
export interface Finding {
  readonly disease: Disease;
  /** A sentence with the numbers. */
  readonly evidence: string;
  /** What to try, the likeliest first. */
  readonly advice: string;
}

/**
 * Whether a network learns:
 * - "learns": its loss is below half of what a constant answer reaches;
 * - "learns in part": it is clearly better than a constant answer, and still learning, or at what these data allow;
 * - "does not learn": it is not.
 */
export type Verdict = "learns" | "learns in part" | "does not learn";

/** What `diagnose` finds. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** Whether the verdict is "learns". */
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
 * @throws RangeError for what is no record of a step, or of a loss of which it is not known what a constant answer reaches.
 */
export function diagnose(record: TrainingRecord): Diagnosis {
  requireRecord("diagnose", "record", record);
  const { verdict, why } = judge(record);
  const learns = verdict === "learns";
  const findings = learns
    ? []
    : diseaseNames.flatMap((disease): Finding[] => {
        const { look, advice } = diseases[disease];
        const evidence = look(record);
        return evidence === undefined ? [] : [{ disease, evidence, advice }];
      });
  const [main] = findings;
  const found = main ? `${main.disease}: ${main.evidence}` : NOTHING[verdict];
  return {
    verdict,
    learns,
    findings,
    summary: `It ${verdict}${learns ? `: ${why}.` : ` (${why}). ${found}`}`,
  };
}

const NOTHING: Readonly<Record<Verdict, string>> = {
  learns: "",
  "learns in part":
    "Nothing known is wrong: it is still learning, or at what these data allow. Train longer, and compare with another kind of model.",
  "does not learn": "nothing known was found; look at more seeds",
};
