/** What `diagnose` says of a program, and how much of it is right. */
import {
  diagnose,
  type Disease,
  type Finding,
  type TriedCure,
  tryCures,
  type Verdict,
} from "vanishing-gradients";
import type { Label, ProgramFacts } from "./facts.js";
import { fitByStep, isByStep, makeProgram } from "./program.js";

/**
 * The benchmarks' words for what diseases are. A disease with several is one of these faults, and it can't be told which: a step
 * that is too small for so few steps.
 */
export const labelsOf: Readonly<Record<Disease, readonly Label[]>> = {
  "output cannot say the targets": ["activation"],
  "loss does not fit the output": ["activation", "loss"],
  "loss does not fit the targets": ["loss"],
  "no activation function": ["activation"],
  "no hidden layer": ["layers"],
  "input not standardized": ["preprocessing"],
  "targets not scaled": ["preprocessing"],
  "constant targets": ["preprocessing", "labels"],
  "targets unrelated to the inputs": ["preprocessing", "labels"],
  "constant features": ["preprocessing"],
  "copied features": ["preprocessing"],
  "class imbalance": ["labels"],
  "symmetric units": ["initializer"],
  "start too large": ["initializer"],
  "start too small": ["initializer"],
  "saturated units": ["activation", "initializer"],
  "exploding gradient": ["initializer"],
  "dead units": ["activation"],
  "vanishing gradient": ["activation"],
  "vanishing through time": ["layers"],
  "exploding through time": ["layers"],
  "gradient clipped too much": ["optimizer"],
  "weight decay too strong": ["optimizer"],
  "frozen layers": ["layers"],
  "batch too small to normalize": ["batch size"],
  overfitting: ["epochs"],
  "momentum too high": ["optimizer"],
  "learning rate too large": ["learning rate"],
  "numbers run away": ["learning rate"],
  "learning rate too small": ["learning rate"],
  "too few epochs": ["epochs"],
  "too few steps": ["epochs"],
};

export interface ProgramReport {
  readonly facts: ProgramFacts;
  readonly seed: number;
  /** Undefined where the library refuses the program. */
  readonly verdict?: Verdict;
  readonly findings: readonly Pick<Finding, "disease" | "confidence">[];
  readonly tried: readonly TriedCure[];
  readonly refusal?: string;
  /** Of findings, or of the refusal: whether one of the labels is named. */
  readonly isNamed: boolean;
  /** Whether the first finding is a label, or a cure of it was tried and worked. */
  readonly isFirstRight: boolean;
  /** How many findings are no label, and none of their cures worked. */
  readonly inVain: number;
}

/** Trains a program with a seed, diagnoses it, and if asked, tries its cures. */
export async function reportOn(
  facts: ProgramFacts,
  seed: number,
  withCures: boolean,
): Promise<ProgramReport> {
  const program = makeProgram(facts, seed);
  const { model, dataset, options } = program;
  try {
    // Cures are for what recordTraining trains.
    const { diagnosis, tried } = isByStep(model)
      ? { diagnosis: diagnose(await fitByStep(program)), tried: [] }
      : await tryCures(model, dataset, options, { only: withCures ? undefined : [] });
    const { verdict, findings } = diagnosis;
    const isLabel = ({ disease }: Pick<Finding, "disease">): boolean =>
      labelsOf[disease].some((label) => facts.labels.includes(label));
    const isCured = ({ disease }: Pick<Finding, "disease">): boolean =>
      tried.some((one) => one.worked && one.disease === disease && one.cures.length === 1);
    const [first] = findings;
    return {
      facts,
      seed,
      verdict,
      findings,
      tried,
      isNamed: findings.some(isLabel),
      isFirstRight: first !== undefined && (isLabel(first) || isCured(first)),
      inVain: findings.filter((finding) => !isLabel(finding) && !isCured(finding)).length,
    };
  } catch (error) {
    const refusal = (error as Error).message;
    const isNamed = refusal.includes("a softmax of 1 unit") && facts.labels.includes("activation");
    return { facts, seed, findings: [], tried: [], refusal, isNamed, isFirstRight: isNamed, inVain: 0 };
  } finally {
    model.dispose();
  }
}
