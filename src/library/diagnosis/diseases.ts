import { median } from "simple-statistics";
import { short } from "../ground/format.js";
import { weightChangeByLayer } from "../measures/layerMeasures.js";
import type { TrainingRecord } from "../training/record.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { baselineOfRecord, isNoBetter } from "./judge.js";
import { differenceOfUnits, gradientFlow, hiddenOf, inputSize, worstShare } from "./signs.js";

/** What can be wrong with a training: how it is seen, from where on, and what helps. */
interface Entry<Thresholds> {
  readonly thresholds: Thresholds;
  /** The evidence, as a sentence with its numbers, if there is any. */
  readonly look: (record: TrainingRecord, thresholds: Thresholds) => string | undefined;
  /** What to try, the likeliest first. */
  readonly advice: string;
}

/** A disease with its thresholds put in. */
interface LookedFor {
  readonly look: (record: TrainingRecord) => string | undefined;
  readonly advice: string;
}

function disease<Thresholds>({ thresholds, look, advice }: Entry<Thresholds>): LookedFor {
  return { look: (record) => look(record, thresholds), advice };
}

/** Below this many steps no network shows whether it learns. */
const FEW_STEPS = 20;

/** The activation functions that a loss goes with. */
const FITTING: Readonly<Partial<Record<TrainingRecord["lossName"], readonly string[]>>> = {
  binaryCrossentropy: ["sigmoid"],
  binaryCrossentropyFromLogits: ["linear"],
  categoricalCrossentropy: ["softmax"],
  categoricalCrossentropyFromLogits: ["linear"],
};

const times = (factor: number): string => `${short(factor)}-fold`;
const percentText = (share: number): string => `${short(100 * share)} %`;

/**
 * What is looked for, causes before their effects: a wrong input saturates units, which makes a gradient vanish. To add
 * a disease, add an entry; its name is its key. Thresholds were set with networks of other seeds than the tests have.
 */
const TABLE = {
  "symmetric units": disease({
    thresholds: { difference: 1e-3 },
    look: (record, { difference }) => {
      const isSame = (at: number) => (layer: (typeof record.layers)[number]) =>
        differenceOfUnits(layer.kernel, at) < difference;
      const layer = hiddenOf(record).find(
        // Of a depthwise kernel the last axis need not be the units.
        (one) => one.units > 1 && one.kernel.shape.at(-1)! > 1 && isSame(0)(one) && isSame(-1)(one),
      );
      return layer && `all ${layer.units} units of "${layer.name}" have the same weights, before and after.`;
    },
    advice: "Start from random weights with mean 0, such as Glorot's or He's.",
  }),
  "loss does not fit the output": disease({
    thresholds: {},
    look: ({ lossName, ...record }) => {
      const { name, activation } = weightLayers(record as TrainingRecord).at(-1)!;
      const fits = FITTING[lossName];
      return fits && activation !== "unknown" && !fits.includes(activation)
        ? `the loss "${lossName}" wants ${fits.join(" or ")} at the output, and "${name}" has ${activation}.`
        : undefined;
    },
    advice:
      "End in softmax for one of several classes, in sigmoid for two or for several labels, in nothing (linear) for numbers and logits.",
  }),
  "no activation function": disease({
    thresholds: {},
    look: (record) => {
      // A table of words has none, and needs none.
      const hidden = hiddenOf(record).filter(({ kernel }) => kernel.name !== "embeddings");
      return hidden.length > 0 && hidden.every(({ activation }) => activation === "linear")
        ? `none of the ${hidden.length} hidden layers has an activation function: together they can do no more than one layer.`
        : undefined;
    },
    advice: "Put a function after each hidden layer, such as ReLU.",
  }),
  "input not standardized": disease({
    // Sizes of a feature; and of a whole example, where most features are 0, as in bags of words and in images.
    thresholds: { max: 6, least: 0.2 },
    look: (record, { max, least }) => {
      const { size, features } = inputSize(record);
      return size > max || size * Math.sqrt(features) < least
        ? `a feature has a size of about ${short(size)} (root mean square), where about 1 is right.`
        : undefined;
    },
    advice: "Shift and scale each feature to mean 0 and standard deviation 1: standardize().",
  }),
  "saturated units": disease({
    thresholds: { share: 0.7 },
    // ReLU and its relatives are flat for half of their inputs, and work all the same.
    look: (record, { share }) => {
      const worst = worstShare(record, "saturates", ({ saturated }) => saturated[0]!);
      return worst > share
        ? `in the worst layer ${percentText(worst)} of the units' inputs are saturated at the start.`
        : undefined;
    },
    advice: "Start from smaller weights; use batch normalization, or a function that does not saturate.",
  }),
  "exploding gradient": disease({
    thresholds: { share: 100, perLayer: 1.5 },
    look: (record, thresholds) => {
      const { symbol, first, share, perLayer } = gradientFlow(record);
      if (!Number.isFinite(first)) {
        return `${symbol} in the first layer is ${first} at the first step.`;
      }
      return share > thresholds.share && perLayer > thresholds.perLayer
        ? `${symbol} in the first layer is ${times(share)} the last one's at the first step; it grows ${times(perLayer)} in each layer on its way back.`
        : undefined;
    },
    advice: "Start from smaller weights (He's for ReLU, Glorot's for tanh); clip the gradient: clipNorm.",
  }),
  "vanishing gradient": disease({
    thresholds: { share: 0.01 },
    look: (record, thresholds) => {
      const { symbol, share, perLayer } = gradientFlow(record);
      const divides = perLayer < 1 ? `; each layer divides it by ${short(1 / perLayer)}` : "";
      return share < thresholds.share
        ? `${symbol} in the first layer is ${short(share)} of the last one's${divides}.`
        : undefined;
    },
    advice: "Use ReLU or tanh with its start; fewer layers; shortcuts; batch normalization.",
  }),
  "dead units": disease({
    thresholds: { share: 0.75 },
    // Functions with a flat part. Others have a slope of exactly 0 only where numbers end.
    look: (record, { share }) => {
      const worst = worstShare(record, "hasFlatPart", ({ dead }) => dead.at(-1)!);
      return worst > share
        ? `in the worst layer ${percentText(worst)} of the units are dead: no example gets a gradient through them.`
        : undefined;
    },
    advice: "Start anew with a smaller learning rate; use leaky ReLU or ELU.",
  }),
  "gradient clipped too much": disease({
    thresholds: { factor: 0.02 },
    look: ({ clipFactor }, { factor }) => {
      const typical = clipFactor && median([...clipFactor]);
      return typical !== undefined && typical < factor
        ? `clipping leaves ${percentText(typical)} of the gradient in a typical step.`
        : undefined;
    },
    advice: "Clip at a larger norm, about that of a usual step; or raise the learning rate by as much.",
  }),
  "class imbalance": disease({
    thresholds: { share: 0.9 },
    look: (record, { share }) => {
      const { accuracy } = baselineOfRecord(record);
      return accuracy >= share && isNoBetter(record)
        ? `${percentText(accuracy)} of the examples are of one class, and the network is right no more often than who always says that class.`
        : undefined;
    },
    advice:
      "Judge by each class's own share of right answers; show the rare class more often; look whether the features tell the classes apart at all.",
  }),
  "learning rate too large": disease({
    // Of a weight, in the first step.
    thresholds: { change: 0.3 },
    look: (record, { change }) => {
      if (record.stopped?.reason === "not finite") {
        return `numbers ran away: ${record.stopped.message}.`;
      }
      const step = Math.max(...weightChangeByLayer(record, { unit: "relative", to: 0 }));
      return step > change
        ? `the first step changes a weight by ${percentText(step)} of its size, where about 0.1 to 1 % is usual.`
        : undefined;
    },
    advice: "Divide the learning rate by 10, and again if need be.",
  }),
  "learning rate too small": disease({
    // Of a weight, over the training; not of a few steps, which tell nothing.
    thresholds: { change: 0.1, steps: FEW_STEPS },
    look: (record, { change, steps: least }) => {
      const moved = Math.max(...weightChangeByLayer(record, { unit: "relative" }));
      const steps = record.steps.at(-1)! + 1;
      return moved < change && steps >= least
        ? `in ${steps} steps no layer's weights changed by more than ${percentText(moved)} of their size.`
        : undefined;
    },
    advice: "Multiply the learning rate by 10, and again if need be; or train longer.",
  }),
  "too few steps": disease({
    thresholds: { steps: FEW_STEPS },
    look: (record, { steps }) => {
      const taken = record.steps.at(-1)! + 1;
      return taken < steps ? `it has taken ${taken} steps.` : undefined;
    },
    advice: "Train for more epochs before you judge.",
  }),
} satisfies Record<string, LookedFor>;

/** The name of what can be wrong with a training. */
export type Disease = keyof typeof TABLE;

export const diseases: Readonly<Record<Disease, LookedFor>> = TABLE;

/** All names in the table, in the order in which they are looked for. */
export const diseaseNames = Object.keys(TABLE) as Disease[];
