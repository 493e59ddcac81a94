import { short } from "../ground/format.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { isCrossEntropy } from "../training/losses.js";
import type { OutputLayer, TrainingRecord } from "../training/record.js";
import { disease, type LookedFor, percentText } from "./disease.js";
import { hiddenOf, isNumbersLoss } from "./signs.js";

/** The activation functions that a loss goes with. */
const FITTING: Readonly<Partial<Record<TrainingRecord["lossName"], readonly string[]>>> = {
  binaryCrossentropy: ["sigmoid"],
  binaryCrossentropyFromLogits: ["linear"],
  categoricalCrossentropy: ["softmax"],
  categoricalCrossentropyFromLogits: ["linear"],
};

/** What can leave an activation function. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  sigmoid: [0, 1],
  hardSigmoid: [0, 1],
  softmax: [0, 1],
  tanh: [-1, 1],
  softsign: [-1, 1],
  relu: [0, Infinity],
  relu6: [0, 6],
  softplus: [0, Infinity],
};

const outputOf = (record: TrainingRecord): OutputLayer => record.output ?? weightLayers(record).at(-1)!;

/** What can be wrong with what a network can say, and how that is judged. */
export const outputDiseases = {
  "output cannot say the targets": disease({
    // Share of examples of which not exactly one label holds; part of the targets' spread by which they lie outside.
    thresholds: { notOneOf: 0.05, beyond: 0.1 },
    look: (record, thresholds) => {
      const { name, activation } = outputOf(record);
      const range = RANGES[activation];
      if (record.data === undefined || range === undefined) {
        return undefined;
      }
      const { kind, min, max, std, notOneOf } = record.data.targets;
      if (activation === "softmax" && kind === "labels" && notOneOf > thresholds.notOneOf) {
        return `the softmax of "${name}" says one of several, and of ${percentText(notOneOf)} of the examples not exactly one label holds.`;
      }
      const [least, most] = range;
      const slack = thresholds.beyond * std;
      return kind === "numbers" && (max > most + slack || min < least - slack)
        ? `the ${activation} of "${name}" says numbers from ${short(least)} to ${short(most)}, and the targets go from ${short(min)} to ${short(max)}.`
        : undefined;
    },
    advice: "End in nothing (linear) for numbers, in sigmoid for labels of which several can hold.",
    cures: ["end in what fits the targets"],
    confidence: { sick: 0.83, part: 0.8, learns: 0.6 },
  }),
  "loss does not fit the output": disease({
    thresholds: {},
    look: (record) => {
      const { name, activation, units } = outputOf(record);
      const { lossName } = record;
      const fits = FITTING[lossName];
      // Of two units, both cross-entropies are the same.
      const isSame = units === 2 && activation === "softmax" && lossName === "binaryCrossentropy";
      return fits && activation !== "unknown" && !fits.includes(activation) && !isSame
        ? `the loss "${lossName}" wants ${fits.join(" or ")} at the output, and "${name}" has ${activation}.`
        : undefined;
    },
    advice:
      "End in softmax for one of several classes, in sigmoid for two or for several labels, in nothing (linear) for numbers and logits.",
    cures: ["end in what fits the targets"],
    confidence: { sick: 0.92, part: 0.8, learns: 0.5 },
  }),
  "loss does not fit the targets": disease({
    thresholds: {},
    look: (record) => {
      const { kind, min, max } = record.data?.targets ?? { kind: undefined, min: 0, max: 1 };
      const { lossName } = record;
      if (kind === "numbers" && isCrossEntropy(lossName) && (min < 0 || max > 1)) {
        return `the loss "${lossName}" is for shares from 0 to 1, and the targets go from ${short(min)} to ${short(max)}: it has no least value.`;
      }
      return kind !== undefined && kind !== "numbers" && isNumbersLoss(record)
        ? lossName === "meanAbsoluteError"
          ? `the loss "${lossName}" of ${kind} is least where the commonest answer is given; it is for numbers.`
          : `the loss "${lossName}" is for numbers, and the targets are ${kind}: a wrong answer that is sure gets hardly any gradient.`
        : undefined;
    },
    advice:
      "Of classes and labels take the cross-entropy that fits the output: binary after sigmoid, categorical after softmax; of numbers the squared error.",
    cures: ["end in what fits the targets"],
    confidence: { sick: 0.92, part: 0.5, learns: 0.6 },
  }),
  "no hidden layer": disease({
    // Of the targets' variance: what a linear answer tells, and the most similar other example.
    thresholds: { most: 0.25, least: 0.5 },
    look: (record, { most, least }) => {
      const { neighbors, linear } = record.data ?? {};
      const isOne = hiddenOf(record).length === 0 && record.frozen === undefined;
      return isOne && neighbors && linear && linear.explained < most && neighbors.explained > least
        ? `there is no hidden layer, and no linear answer tells more than ${percentText(Math.max(0, linear.explained))} of the targets' variance; the most similar other example tells ${percentText(neighbors.explained)}.`
        : undefined;
    },
    advice: "Put a hidden layer with a function such as ReLU before the output.",
    cures: [],
    confidence: { sick: 0.9, part: 0.8, learns: 0.5 },
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
    cures: ["hidden layers with ReLU and He's start"],
    confidence: { sick: 0.95, part: 0.5, learns: 0.6 },
  }),
} satisfies Record<string, LookedFor>;
