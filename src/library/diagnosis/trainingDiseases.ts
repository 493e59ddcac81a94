import { median } from "simple-statistics";
import { short } from "../ground/format.js";
import { weightChangeByLayer } from "../measures/layerMeasures.js";
import type { TrainingRecord } from "../training/record.js";
import { disease, type LookedFor, percentText, times } from "./disease.js";
import { baselineOfRecord } from "./judge.js";
import { explodes, hiddenOf, lossCourse, startScales, weightsOverStart, worstShare } from "./signs.js";

/** Below this many steps no network shows whether it learns. */
const FEW_STEPS = 20;

/** Below this many, a rate that is too small can't be told from a training that is too short. */
const SHORT = 100;

const stepsTaken = ({ steps }: { readonly steps: readonly number[] }): number => steps.at(-1)! + 1;

const unmovedText = (steps: number, moved: number): string =>
  `in ${steps} steps no layer's weights changed by more than ${percentText(moved)} of their size.`;

/** The largest change of a layer's weights over the training, relative to their size. */
const largestChange = (record: TrainingRecord): number =>
  Math.max(...weightChangeByLayer(record, { unit: "relative" }));

/** From where on a loss still falls: its fall in the last half; and what is left of a constant answer's. */
const FALLING = { fall: 0.08, left: 0.15 };

/** By how much the loss fell in the last half, if that is much, and something is left to learn. */
function lateFall(record: TrainingRecord): number | undefined {
  const { fall } = lossCourse(record);
  return fall > FALLING.fall && isUnfinished(record) ? fall : undefined;
}

function isUnfinished(record: TrainingRecord): boolean {
  return lossCourse(record).last > FALLING.left * baselineOfRecord(record).loss;
}

/** What can be wrong with how it is trained. */
export const trainingDiseases = {
  "gradient clipped too much": disease({
    thresholds: { factor: 0.02 },
    look: ({ clipFactor }, { factor }) => {
      const typical = clipFactor && median([...clipFactor]);
      return typical !== undefined && typical < factor
        ? `clipping leaves ${percentText(typical)} of the gradient in a typical step.`
        : undefined;
    },
    advice: "Clip at a larger norm, about that of a usual step; or raise the learning rate by as much.",
    cures: ["no clipping"],
    confidence: { sick: 0.95, part: 0.67, learns: 0.6 },
  }),
  "weight decay too strong": disease({
    thresholds: { size: 0.3 },
    look: (record, { size }) => {
      const shares = weightsOverStart(record);
      const typical = shares.length === 0 ? NaN : median(shares);
      // Without a hidden layer weights get small wherever there is nothing linear to learn.
      return typical < size && Math.max(...shares) < 2 * size && shares.length > 1
        ? `the weights shrank to ${percentText(typical)} of the size that they started with, in all layers.`
        : undefined;
    },
    advice: "A tenth of the penalty or of weightDecay, or none.",
    cures: ["no weight decay"],
    confidence: { sick: 0.88, part: 0.5, learns: 0.5 },
  }),
  "frozen layers": disease({
    thresholds: {},
    look: ({ frozen, layers }) =>
      frozen &&
      `${frozen.length} of ${frozen.length + layers.length} layers with weights do not train: ${frozen.map((name) => `"${name}"`).join(", ")}.`,
    advice: "Set layer.trainable = true, unless their weights come from another training that was good.",
    cures: [],
    confidence: { sick: 0.8, part: 0.7, learns: 0.4 },
  }),
  "batch too small to normalize": disease({
    // Normalized, two examples are -1 and 1 whatever they were, and one is 0.
    thresholds: { examples: 2.5 },
    look: (record, { examples: least }) => {
      const { testNormalization, data, stepsPerEpoch } = record;
      const batch = data ? data.examples / stepsPerEpoch : NaN;
      const isDense = hiddenOf(record).some(({ positions }) => positions === 1);
      return testNormalization !== undefined && batch < least && isDense
        ? `batch normalization is by the examples of a batch, and a batch has ${short(batch)}: hardly a gradient comes through.`
        : undefined;
    },
    advice: "Take batches of at least 8, better 32; or layer normalization, which is by each example alone.",
    cures: [],
    confidence: { sick: 0.9, part: 0.8, learns: 0.5 },
  }),
  overfitting: disease({
    thresholds: {},
    look: (record) => {
      const { loss, testLoss, accuracy, testAccuracy } = record.epochs.at(-1) ?? {};
      const constant = baselineOfRecord(record).loss;
      const right = (share: number | undefined): string =>
        share === undefined || Number.isNaN(share) ? "" : `, right in ${percentText(share)}`;
      return testLoss !== undefined && testLoss > constant && loss! < constant / 2
        ? `on the test set the loss is ${short(testLoss)}${right(testAccuracy)}, on the training set ${short(loss!)}${right(accuracy)}: what it learned does not hold for others.`
        : undefined;
    },
    advice:
      "Look whether the test set was made and scaled as the training set was, and whether the labels can be told at all; take more examples, a smaller network, dropout, weight decay; stop early: patience.",
    cures: [],
    rank: "remark",
    confidence: { sick: 0.6, part: 0.6, learns: 0.6 },
  }),
  "momentum too high": disease({
    thresholds: { momentum: 0.985 },
    look: ({ optimizer }, { momentum: most }) => {
      const momentum = Number(optimizer["momentum"] ?? optimizer["beta1"] ?? 0);
      return momentum >= most
        ? `with a momentum of ${short(momentum)} each gradient counts for about ${short(1 / (1 - momentum))} steps.`
        : undefined;
    },
    advice: "Take 0.9.",
    cures: ["a momentum of 0.9"],
    confidence: { sick: 0.94, part: 0.8, learns: 0.6 },
  }),
  "learning rate too large": disease({
    // Of a weight, in the first step; the loss over what it was at first, and over what a constant answer has; dead units.
    thresholds: { change: 0.3, rise: 3, died: 0.5, dead: 0.75 },
    look: (record, { change, rise, died, dead }) => {
      const step = Math.max(...weightChangeByLayer(record, { unit: "relative", to: 0 }));
      // A small step is large beside weights that are too small.
      const { byMean } = startScales(record);
      // An exploding gradient makes a large step of any rate, and units die of it.
      if (
        !explodes(record) &&
        step * Math.min(1, Number.isNaN(byMean) ? 1 : byMean) > change &&
        Number.isFinite(step)
      ) {
        return `the first step changes a weight by ${percentText(step)} of its size, where a few percent at most are usual.`;
      }
      const { highest, first } = lossCourse(record);
      if (highest > rise * Math.max(first, baselineOfRecord(record).loss)) {
        return `the loss rose from ${short(first)} to ${short(highest)}, ${times(highest / first)}.`;
      }
      const [before, after] = [0, -1].map((at) =>
        worstShare(record, "hasFlatPart", (layer) => layer.dead.at(at)!),
      );
      return !explodes(record) && before! < dead && after! > dead && after! - before! > died * (1 - before!)
        ? `units died while it was trained: in the worst layer ${percentText(before!)} were dead at the start, ${percentText(after!)} at the end.`
        : undefined;
    },
    advice: "Divide the learning rate by 10, and again if need be.",
    cures: ["a tenth of the learning rate", "a hundredth of the learning rate"],
    confidence: { sick: 0.79, part: 0.5, learns: 0.36 },
  }),
  "numbers run away": disease({
    thresholds: {},
    look: ({ stopped }) =>
      stopped?.reason === "not finite" && stopped.step > 0 ? `${stopped.message}.` : undefined,
    advice: "Divide the learning rate by 10; clip the gradient: clipNorm; start from smaller weights.",
    cures: ["a tenth of the learning rate", "clip the gradient", "Glorot's start"],
    rank: "effect",
    confidence: { sick: 0.76, part: 0.5, learns: 0.4 },
  }),
  "learning rate too small": disease({
    // Of a weight, over the training; not of a few steps, which tell nothing.
    thresholds: { change: 0.1, steps: SHORT, many: 500 },
    look: (record, { change, steps: least, many }) => {
      const moved = largestChange(record);
      const steps = stepsTaken(record);
      if (moved < change && steps >= least) {
        return unmovedText(steps, moved);
      }
      const fall = lateFall(record);
      return steps >= many && fall !== undefined
        ? `after ${steps} steps the loss still falls: by ${percentText(fall)} in the last half.`
        : undefined;
    },
    advice: "Multiply the learning rate by 10, and again if need be; or train longer.",
    cures: ["10 times the learning rate", "100 times the learning rate", "Adam"],
    rank: "pace",
    confidence: { sick: 0.95, part: 0.5, learns: 0.2 },
  }),
  "too few epochs": disease({
    thresholds: { change: 0.1, short: SHORT, steps: 500 },
    look: (record, { change, short: few, steps: most }) => {
      const steps = stepsTaken(record);
      if (steps < FEW_STEPS || steps >= most) {
        return undefined;
      }
      const fall = lateFall(record);
      if (fall !== undefined) {
        return `the loss still fell by ${percentText(fall)} in the last half of ${steps} steps.`;
      }
      const moved = largestChange(record);
      return steps < few && moved < change && isUnfinished(record) ? unmovedText(steps, moved) : undefined;
    },
    advice: "Train longer, or with a larger learning rate.",
    cures: ["10 times the epochs", "10 times the learning rate"],
    rank: "pace",
    confidence: { sick: 0.83, part: 0.63, learns: 0.53 },
  }),
  "too few steps": disease({
    thresholds: { steps: FEW_STEPS },
    look: (record, { steps }) => {
      const taken = stepsTaken(record);
      return taken < steps && record.stopped?.reason !== "not finite"
        ? `it has taken ${taken} steps.`
        : undefined;
    },
    advice: "Train for more epochs before you judge.",
    cures: ["10 times the epochs"],
    // Whatever else is wrong: so few steps show nothing.
    rank: "remark",
    confidence: { sick: 0.95, part: 0.67, learns: 0.5 },
  }),
} satisfies Record<string, LookedFor>;
