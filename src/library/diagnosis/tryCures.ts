import type { tf } from "../tensorflow/tf.js";
import type { AnyDataset } from "../data/dataset.js";
import { fail, keysOf, requireInteger, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { TrainingOptions } from "../training/options.js";
import type { TrainingRecord } from "../training/record.js";
import { recordTraining } from "../training/recordTraining.js";
import { cureNames, type CureName, cures, type Plan } from "./cures.js";
import { diagnose, type Diagnosis, type Verdict } from "./diagnose.js";
import { type Disease, diseases } from "./diseases.js";
import { baselineOfRecord, judge } from "./judge.js";
import { buildPlan, planOf } from "./sketch.js";

/** How long cures are tried. */
export interface TryCuresOptions {
  /** Epochs of each cure; those of the training itself if not given. */
  readonly epochs?: number;
  /** Which may be tried; all that the findings name if not given. */
  readonly only?: readonly CureName[];
}

/** A cure that was tried, and what came of it. */
export interface TriedCure {
  /** The first disease of which it is a cure. */
  readonly disease: Disease;
  /** More than one where the first cures of all diseases were tried together. */
  readonly cures: readonly CureName[];
  readonly verdict: Verdict;
  /** What share of what a constant answer leaves wrong (examples; or the loss, of numbers) was put right: 1 is all. */
  readonly gain: number;
  /** Whether the verdict is better, or what is left wrong is less than half of it. */
  readonly worked: boolean;
}

/** What `tryCures` finds. */
export interface CureReport {
  readonly diagnosis: Diagnosis;
  /** The gain without any cure. */
  readonly gain: number;
  /** In the order in which they were tried. */
  readonly tried: readonly TriedCure[];
}

const KEYS = keysOf<TryCuresOptions>({ epochs: true, only: true });
const RANKS: Readonly<Record<Verdict, number>> = { "does not learn": 0, "learns in part": 1, learns: 2 };

/**
 * Diagnoses a model's training, and tries what may help: trains copies of the model, each with one cure, from the same start, and
 * measures which of them learn. If none works alone, the first cures of all findings are tried together. The model itself stays as
 * it is; it must be at its start.
 *
 * @throws RangeError for an option that does not fit. Error for a model that can't be recorded or copied.
 */
export async function tryCures(
  model: tf.LayersModel,
  dataset: AnyDataset,
  options: TrainingOptions,
  how: TryCuresOptions = {},
): Promise<CureReport> {
  const owner = "tryCures";
  requireKnownKeys(owner, "how", how, KEYS);
  if (how.epochs !== undefined) {
    requireInteger(owner, "how.epochs", how.epochs, { min: 1 });
  }
  how.only?.forEach((name, i) => {
    requireOneOf(owner, `how.only[${i}]`, name, cureNames);
  });
  if (options.test !== undefined) {
    // What is done to the features would have to be done to these too.
    fail(owner, "test", "a dataset", "left out: cures are judged on the training set");
  }
  const start: Plan = { model: planOf(model), dataset, options };
  const record = await run(owner, start, options);
  const diagnosis = diagnose(record);
  const gain = gainOf(record);
  const tried: TriedCure[] = [];
  const attempt = async (disease: Disease, names: readonly CureName[]): Promise<boolean> => {
    const plan = names.reduce<Plan | undefined>((before, name) => before && cures[name](before), start);
    if (plan === undefined || tried.some((one) => String(one.cures) === String(names))) {
      return false;
    }
    const epochs = how.epochs ?? plan.options.epochs;
    const cured = await run(owner, plan, { ...plan.options, epochs, recordEvery: "ends" });
    const { verdict } = judge(cured);
    const after = gainOf(cured);
    const worked = RANKS[verdict] > RANKS[diagnosis.verdict] || (after > gain && 1 - after < (1 - gain) / 2);
    tried.push({ disease, cures: names, verdict, gain: after, worked });
    return worked;
  };
  const { findings } = diagnosis;
  const curesOf = (disease: Disease): readonly CureName[] =>
    diseases[disease].cures.filter((name) => how.only?.includes(name) ?? true);
  for (const { disease } of findings) {
    for (const name of curesOf(disease)) {
      if (await attempt(disease, [name])) {
        break;
      }
    }
  }
  const firsts = findings.flatMap(({ disease }) => curesOf(disease).slice(0, 1));
  if (firsts.length > 1 && !tried.some(({ worked }) => worked)) {
    await attempt(findings[0]!.disease, [...new Set(firsts)]);
  }
  return { diagnosis, gain, tried };
}

async function run(owner: string, plan: Plan, options: TrainingOptions): Promise<TrainingRecord> {
  const model = await buildPlan(owner, plan.model);
  try {
    return await recordTraining(model, plan.dataset, options);
  } finally {
    model.dispose();
  }
}

/** See `TriedCure`. */
function gainOf(record: TrainingRecord): number {
  const { loss, accuracy } = baselineOfRecord(record);
  const end = record.epochs.at(-1);
  if (record.stopped?.reason === "not finite" || end === undefined) {
    return 0;
  }
  return Number.isNaN(accuracy) || Number.isNaN(end.accuracy)
    ? 1 - end.loss / loss
    : accuracy === 1
      ? 0
      : (end.accuracy - accuracy) / (1 - accuracy);
}
