/** How often `diagnose` is right on networks drawn at random. */
import {
  diagnose,
  type Disease,
  diseaseNames,
  type KnownCase,
  recordTraining,
  type Verdict,
} from "vanishing-gradients";
import { alsoRight, draw, mistakes } from "./recipes.js";

/** Mistakes that there are recipes for. */
export const recipeNames = Object.keys(mistakes) as Disease[];

/** What was said of one network. */
export interface Said extends KnownCase {
  readonly told: string;
}

/** The network with these mistakes that has a number. */
export async function hearNumber(
  purpose: Purpose,
  number: number,
  wanted: readonly Disease[],
  leastConfidence = 0.5,
): Promise<Said> {
  return { ...(await hear(seedOf(purpose, wanted, number), wanted, leastConfidence)), number };
}

/** Draws a network with these mistakes, trains it, and hears what `diagnose` says. */
async function hear(
  seed: number,
  wanted: readonly Disease[],
  leastConfidence: number,
): Promise<Omit<Said, "number">> {
  const { program, told } = draw(seed, wanted);
  try {
    const record = await recordTraining(program.model, program.dataset, program.options);
    const { verdict, findings } = diagnose(record, { leastConfidence });
    const right = new Set(wanted.flatMap((name) => [name, ...(alsoRight[name] ?? [])]));
    return {
      mistakes: wanted,
      told,
      verdict,
      findings: findings.map(({ disease, confidence }) => ({
        disease,
        confidence,
        isRight: right.has(disease),
      })),
    };
  } finally {
    program.model.dispose();
  }
}

/** What networks are drawn for. */
export type Purpose = "calibrate" | "measure";

/** Found since networks were first drawn, and without recipes: the seeds of the others go by the places that they had. */
const LATER: readonly Disease[] = [
  "no hidden layer",
  "frozen layers",
  "batch too small to normalize",
  "overfitting",
];
const PLACES = diseaseNames.filter((name) => !LATER.includes(name));

/** A seed of a network: recipes of one purpose have none in common with those of another. */
function seedOf(purpose: Purpose, [one, other]: readonly Disease[], number: number): number {
  const from = { calibrate: 0, measure: 1e7 }[purpose];
  const placeOf = (disease: Disease | undefined): number =>
    disease === undefined ? PLACES.length : PLACES.indexOf(disease);
  const pair = other === undefined ? 0 : 1e8 * (1 + placeOf(other));
  return from + pair + 10_000 * placeOf(one) + number;
}

/** What was counted of a disease, and how sure one can be of it. */
export interface Counted {
  readonly right: number;
  readonly of: number;
  /** With one count of either kind added: Laplace's rule. */
  readonly confidence: number;
}

/** How often each disease is right where it is said, by verdict. */
export function confidencesOf(said: readonly Said[]): Map<Disease, Record<Verdict, Counted>> {
  const count = (disease: Disease, verdict: Verdict): Counted => {
    const found = said
      .filter((one) => one.verdict === verdict)
      .flatMap(({ findings }) => findings.filter((finding) => finding.disease === disease));
    const right = found.filter(({ isRight }) => isRight).length;
    return { right, of: found.length, confidence: (right + 1) / (found.length + 2) };
  };
  return new Map(
    diseaseNames.map((disease) => [
      disease,
      {
        "does not learn": count(disease, "does not learn"),
        "learns in part": count(disease, "learns in part"),
        learns: count(disease, "learns"),
      },
    ]),
  );
}
