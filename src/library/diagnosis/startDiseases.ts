import { short } from "../ground/format.js";
import { disease, type LookedFor, percentText, times } from "./disease.js";
import {
  differenceOfUnits,
  explodes,
  gradientFlow,
  hiddenOf,
  startScales,
  timeFlow,
  worstShare,
} from "./signs.js";

/** What can be wrong with a network before its first step, and how its gradient fares then. */
export const startDiseases = {
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
    cures: ["Glorot's start", "He's start"],
    confidence: { sick: 0.91, part: 0.8, learns: 0.6 },
  }),
  "start too large": disease({
    thresholds: { scale: 2.5 },
    look: (record, { scale }) => {
      const { byInputs } = startScales(record);
      return byInputs > scale
        ? `the weights of a hidden layer start with ${short(byInputs)} / sqrt(its inputs), where about 1 is right (1.4 for ReLU).`
        : undefined;
    },
    advice: "Start from smaller weights: He's for ReLU and its relatives, Glorot's for others.",
    cures: ["Glorot's start", "He's start"],
    confidence: { sick: 0.93, part: 0.8, learns: 0.6 },
  }),
  "start too small": disease({
    thresholds: { scale: 0.35, layers: 2 },
    look: (record, { scale, layers: least }) => {
      const { byMean, layers } = startScales(record);
      return layers >= least && byMean > 0 && byMean < scale
        ? `the weights of a hidden layer start with ${short(byMean)} / sqrt(its inputs), where about 1 is right (1.4 for ReLU): what goes through gets smaller in each.`
        : undefined;
    },
    advice: "Start from larger weights: He's for ReLU and its relatives, Glorot's for others.",
    cures: ["He's start", "Glorot's start", "hidden layers with tanh and Glorot's start"],
    confidence: { sick: 0.94, part: 0.67, learns: 0.6 },
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
    cures: ["Glorot's start", "hidden layers with ReLU and He's start"],
    rank: "effect",
    confidence: { sick: 0.96, part: 0.57, learns: 0.4 },
  }),
  "exploding gradient": disease({
    thresholds: {},
    look: (record) => {
      const { symbol, first, share, perLayer } = gradientFlow(record);
      const { stopped } = record;
      if (stopped?.reason === "not finite" && stopped.step === 0) {
        return `on their way through the layers numbers run away at the first step: ${stopped.message}.`;
      }
      if (!Number.isFinite(first)) {
        return `${symbol} in the first layer is ${first} at the first step.`;
      }
      return explodes(record)
        ? `${symbol} in the first layer is ${times(share)} the last one's at the first step; it grows ${times(perLayer)} in each layer on its way back.`
        : undefined;
    },
    advice: "Start from smaller weights (He's for ReLU, Glorot's for tanh); clip the gradient: clipNorm.",
    cures: [
      "Glorot's start",
      "hidden layers with tanh and Glorot's start",
      "hidden layers with ELU and He's start",
      "clip the gradient",
    ],
    rank: "effect",
    confidence: { sick: 0.8, part: 0.5, learns: 0.4 },
  }),
  "dead units": disease({
    thresholds: { share: 0.75 },
    // Functions with a flat part. Others have a slope of exactly 0 only where numbers end.
    look: (record, { share }) => {
      const [before, after] = [0, -1].map((at) =>
        worstShare(record, "hasFlatPart", ({ dead }) => dead.at(at)!),
      );
      const when = before! > share ? " from the start" : "";
      return after! > share
        ? `in the worst layer ${percentText(after!)} of the units are dead${when}: no example gets a gradient through them.`
        : undefined;
    },
    advice: "Start anew with a smaller learning rate; use leaky ReLU or ELU.",
    cures: [
      "a tenth of the learning rate",
      "hidden layers with ELU and He's start",
      "hidden layers with tanh and Glorot's start",
    ],
    rank: "effect",
    confidence: { sick: 0.96, part: 0.5, learns: 0.4 },
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
    cures: ["hidden layers with tanh and Glorot's start", "hidden layers with ELU and He's start"],
    rank: "effect",
    confidence: { sick: 0.94, part: 0.8, learns: 0.4 },
  }),
  "vanishing through time": disease({
    thresholds: { share: 1e-3, steps: 15 },
    look: (record, { share, steps }) => {
      const flow = timeFlow(record);
      return flow && flow.steps >= steps && flow.share < share
        ? `dL/dh of "${flow.layer}" is at the first of ${flow.steps} time steps ${short(flow.share)} of what it is at the last one.`
        : undefined;
    },
    advice: "Use an LSTM (its forget gate's bias 1) or a GRU; start the recurrent weights orthogonal.",
    cures: [],
    rank: "effect",
    confidence: { sick: 0.95, part: 0.5, learns: 0.4 },
  }),
  "exploding through time": disease({
    thresholds: { share: 1e3 },
    look: (record, { share }) => {
      const flow = timeFlow(record);
      return flow && flow.share > share
        ? `dL/dh of "${flow.layer}" is at the first of ${flow.steps} time steps ${times(flow.share)} what it is at the last one.`
        : undefined;
    },
    advice: "Clip the gradient: clipNorm; start the recurrent weights orthogonal.",
    cures: ["clip the gradient"],
    rank: "effect",
    confidence: { sick: 0.7, part: 0.4, learns: 0.4 },
  }),
} satisfies Record<string, LookedFor>;
