import { gradientByLayer, weightChangeByLayer } from "../measures/byLayer.js";
import { meanAbs } from "../measures/statistics.js";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import { requireRecord } from "../measures/recordedSteps.js";
import { short } from "../ground/format.js";

/** What can be wrong with a training. */
export type Disease =
  | "symmetric units"
  | "input not standardized"
  | "exploding gradient"
  | "vanishing gradient"
  | "learning rate too large"
  | "saturated units"
  | "dead units"
  | "learning rate too small";

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
 * few later ones at least. The thresholds were set with the networks of lesson 9; how often they are right is tested
 * on others.
 *
 * @throws RangeError for what is no record of a step.
 */
export function diagnose(record: TrainingRecord): Diagnosis {
  requireRecord("diagnose", "record", record);
  const first = record.loss[0]!;
  const last = record.epochs.at(-1)?.loss ?? record.loss.at(-1)!;
  // The loss of a network that guesses, in nats. One that starts far above it has learned nothing by coming down to it.
  const guessing = Math.log(Math.max(record.layers.at(-1)!.units, 2));
  const learns = record.stopped?.reason !== "not finite" && last < LEARNS_BELOW * Math.min(first, guessing);
  const findings = learns
    ? []
    : DISEASES.flatMap(({ disease, look, advice }) => {
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

interface Entry {
  readonly disease: Disease;
  /** The evidence, if there is any. */
  readonly look: (record: TrainingRecord) => string | undefined;
  readonly advice: string;
}

/** What is looked for, causes before their effects: a wrong input saturates units, which makes a gradient vanish. */
const DISEASES: readonly Entry[] = [
  {
    disease: "symmetric units",
    look: symmetricUnits,
    advice: "Start from random weights with mean 0, such as Glorot's or He's.",
  },
  {
    disease: "input not standardized",
    look: wrongInput,
    advice: "Shift and scale each feature to mean 0 and standard deviation 1: standardize().",
  },
  {
    disease: "saturated units",
    look: saturated,
    advice: "Start from smaller weights; use batch normalization, or a function that does not saturate.",
  },
  {
    disease: "exploding gradient",
    look: exploding,
    advice: "Start from smaller weights (He's for ReLU, Glorot's for tanh); clip the gradient: clipNorm.",
  },
  {
    disease: "vanishing gradient",
    look: vanishing,
    advice: "Use ReLU or tanh with its start; fewer layers; shortcuts; batch normalization.",
  },
  {
    disease: "dead units",
    look: dead,
    advice: "Start anew with a smaller learning rate; use leaky ReLU or ELU.",
  },
  {
    disease: "learning rate too large",
    look: rateTooLarge,
    advice: "Divide the learning rate by 10, and again if need be.",
  },
  {
    disease: "learning rate too small",
    look: rateTooSmall,
    advice: "Multiply the learning rate by 10, and again if need be; or train longer.",
  },
];

const hiddenOf = ({ layers }: TrainingRecord): readonly LayerRecord[] => layers.slice(0, -1);

/** All units of a hidden layer have the same incoming weights, at the start and at the end. */
function symmetricUnits(record: TrainingRecord): string | undefined {
  const layer = hiddenOf(record).find(
    ({ kernel, units }) => units > 1 && [0, -1].every((step) => differenceOfUnits(kernel, step) < SAME),
  );
  return layer && `all ${layer.units} units of "${layer.name}" have the same weights, before and after.`;
}

const SAME = 1e-3;

/** How far the units' incoming weights differ from the layer's mean unit, as a share of their size; 0 for all zeros. */
function differenceOfUnits({ before, shape }: ParameterRecord, step: number): number {
  const [inputs, units] = shape as [number, number];
  const weights = before.at(step)!;
  let difference = 0;
  for (let input = 0; input < inputs; input++) {
    const row = weights.subarray(input * units, (input + 1) * units);
    const middle = row.reduce((sum, weight) => sum + weight, 0) / units;
    difference += row.reduce((sum, weight) => sum + Math.abs(weight - middle), 0);
  }
  const size = meanAbs(weights) * weights.length;
  return size === 0 ? 0 : difference / size;
}

/** The size of the inputs, as the first layer's z and weights tell it: z = x W, so E[z^2] = inputs E[x^2] E[W^2]. */
function wrongInput({ layers }: TrainingRecord): string | undefined {
  const [{ kernel, preActivations }] = layers as [LayerRecord];
  const weights = kernel.before[0]!;
  const meanSquare = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
  const z = preActivations.mean[0]! ** 2 + preActivations.std[0]! ** 2;
  const size = Math.sqrt(z / (kernel.shape[0]! * meanSquare));
  const isWrong = size > INPUT_SIZE.max || size < INPUT_SIZE.min;
  return isWrong
    ? `a feature has a size of about ${short(size)} (root mean square), where about 1 is right.`
    : undefined;
}

const INPUT_SIZE = { min: 0.1, max: 6 };

/** The gradient grows from the output to the first layer. */
function exploding(record: TrainingRecord): string | undefined {
  const gradients = gradientByLayer(record);
  const first = gradients[0]!;
  const growth = growthPerLayer(gradients);
  const isLarge = !Number.isFinite(first) || first > EXPLODES.first;
  const isSteep = growth > EXPLODES.growth && first / gradients.at(-2)! > EXPLODES.total;
  const seen = `the first layer's gradient is ${short(first)} at the first step, where 0.01 to 1 is usual`;
  return isSteep
    ? `${seen}; it grows ${short(growth)}-fold in each layer on its way back.`
    : isLarge
      ? `${seen}.`
      : undefined;
}

const EXPLODES = { first: 20, growth: 2.2, total: 30 };

/** The gradient shrinks from the output to the first layer. */
function vanishing(record: TrainingRecord): string | undefined {
  const gradients = gradientByLayer(record);
  const share = gradients[0]! / gradients.at(-1)!;
  const loss = 1 / growthPerLayer(gradients);
  return share < VANISHES
    ? `the first layer's gradient is ${short(share)} of the last one's; each layer divides it by ${short(loss)}.`
    : undefined;
}

const VANISHES = 0.02;

/** By how much the gradient is multiplied in each hidden layer on its way back. */
function growthPerLayer(gradients: readonly number[]): number {
  const hidden = gradients.slice(0, -1);
  return hidden.length < 2 ? 1 : (hidden[0]! / hidden.at(-1)!) ** (1 / (hidden.length - 1));
}

/** Units work where their function is nearly flat. ReLU and its relatives always do for half of their inputs. */
function saturated(record: TrainingRecord): string | undefined {
  const worst = worstShare(record, SATURATING, (layer) => layer.saturated[0]!);
  return worst > SATURATES
    ? `in the worst layer ${short(100 * worst)} % of the units' inputs are saturated at the start.`
    : undefined;
}

const SATURATING = ["sigmoid", "tanh", "softsign", "hardSigmoid"];
const SATURATES = 0.7;

/** A layer without a living unit lets nothing through. */
function dead(record: TrainingRecord): string | undefined {
  const worst = worstShare(record, DYING, (layer) => layer.dead.at(-1)!);
  return worst > DIES
    ? `in the worst layer ${short(100 * worst)} % of the units are dead: no example gets a gradient through them.`
    : undefined;
}

/** Functions with a flat part. Others have a slope of exactly 0 only where numbers end. */
const DYING = ["relu", "relu6", "hardSigmoid"];
const DIES = 0.75;

/** The largest share in any hidden layer that has one of these activation functions. */
function worstShare(
  record: TrainingRecord,
  activations: readonly string[],
  shareOf: (layer: LayerRecord) => number,
): number {
  const layers = hiddenOf(record).filter(({ activation }) => activations.includes(activation));
  return Math.max(0, ...layers.map(shareOf));
}

/** Steps are large beside the weights, or numbers ran away from a start that was in order. */
function rateTooLarge(record: TrainingRecord): string | undefined {
  if (record.stopped?.reason === "not finite") {
    return `numbers ran away: ${record.stopped.message}.`;
  }
  const step = Math.max(...weightChangeByLayer(record, { unit: "relative", to: 0 }));
  return step > FIRST_STEP
    ? `the first step changes a weight by ${short(100 * step)} % of its size, where about 0.1 to 1 % is usual.`
    : undefined;
}

/** Nothing moves, although the gradient arrives. */
function rateTooSmall(record: TrainingRecord): string | undefined {
  const change = Math.max(...weightChangeByLayer(record, { unit: "relative" }));
  const steps = record.steps.at(-1)! + 1;
  return change < MOVES
    ? `in ${steps} steps no layer's weights changed by more than ${short(100 * change)} % of their size.`
    : undefined;
}

/** Of a weight, in the first step. */
const FIRST_STEP = 0.3;
const MOVES = 0.1;
