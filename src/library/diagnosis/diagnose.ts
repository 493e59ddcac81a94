import { keysOf, requireKnownKeys, requireNumber } from "../ground/validation.js";
import { requireArrays } from "../measures/parameterSizes.js";
import { requireRecord } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import type { Confidence, Rank } from "./disease.js";
import { judge } from "./judge.js";
import { type Disease, diseaseNames, diseases } from "./diseases.js";

/** One thing that was found, with the numbers that show it and what to try. */
export interface Finding {
  readonly disease: Disease;
  /** A sentence with the numbers. */
  readonly evidence: string;
  /** What to try, the likeliest first. */
  readonly advice: string;
  /** How often this is right where it is said, from 0 to 1: measured on networks of all kinds. */
  readonly confidence: number;
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
  /**
   * What is wrong, causes before effects, with a confidence of at least one half. Of a network that learns, what is wrong all the
   * same. Empty for one in order, and for one that puzzles us.
   */
  readonly findings: readonly Finding[];
  /** The same in a sentence. */
  readonly summary: string;
}

/** How to diagnose. */
export interface DiagnoseOptions {
  /** Findings of which it is less sure are left out; 0.5 if not given. */
  readonly leastConfidence?: number;
}

const KEYS = keysOf<DiagnoseOptions>({ leastConfidence: true });

/**
 * Says why a network does not learn: reads the record of its training, and nothing else. Record the first step and a
 * few later ones at least. How often it is right is tested on networks with which no threshold was set.
 *
 * @throws RangeError for what is no record of a step, or of a loss of which it is not known what a constant answer reaches, or if
 * recordArrays left weights out.
 */
export function diagnose(record: TrainingRecord, options: DiagnoseOptions = {}): Diagnosis {
  const owner = "diagnose";
  requireRecord(owner, "record", record).parameters.forEach((parameter) => {
    requireArrays(owner, parameter);
  });
  requireKnownKeys(owner, "options", options, KEYS);
  const bounds = { min: 0, max: 1 };
  const least = requireNumber(owner, "leastConfidence", options.leastConfidence ?? 0.5, bounds);
  const { verdict, why } = judge(record);
  const learns = verdict === "learns";
  const findings = findingsOf(record, verdict, least);
  const [main] = findings;
  const found = main ? `${main.disease}: ${main.evidence}` : NOTHING[verdict];
  return {
    verdict,
    learns,
    findings,
    summary: `It ${verdict}${learns ? `: ${why}.${main ? ` ${found}` : ""}` : ` (${why}). ${found}`}`,
  };
}

const LEVELS: Readonly<Record<Verdict, keyof Confidence>> = {
  "does not learn": "sick",
  "learns in part": "part",
  learns: "learns",
};

/** All that is seen, less what follows from it: see `Rank`. */
function findingsOf(record: TrainingRecord, verdict: Verdict, least: number): Finding[] {
  const seen = diseaseNames.flatMap((disease) => {
    const { look, advice, rank, confidence } = diseases[disease];
    const own = confidence[LEVELS[verdict]];
    const evidence = own < least ? undefined : look(record);
    return evidence === undefined ? [] : [{ rank, finding: { disease, evidence, advice, confidence: own } }];
  });
  const of = (rank: Rank): Finding[] => seen.filter((one) => one.rank === rank).map(({ finding }) => finding);
  const [causes, effects, paces, remarks] = [of("cause"), of("effect"), of("pace"), of("remark")];
  // Beside several causes, effects tell nothing more; beside an effect, it is no wonder that training is slow.
  const shown = causes.length > 1 ? [] : effects.slice(0, 1);
  const slow = causes.length + shown.length === 0 ? paces.slice(0, 1) : [];
  return [...causes, ...shown, ...slow, ...remarks];
}

const NOTHING: Readonly<Record<Verdict, string>> = {
  learns: "",
  "learns in part":
    "Nothing known is wrong: it is still learning, or at what these data allow. Train longer, and compare with another kind of model.",
  "does not learn": "nothing known was found; look at more seeds",
};
