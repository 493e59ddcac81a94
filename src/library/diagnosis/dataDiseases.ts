import { short } from "../ground/format.js";
import { disease, type LookedFor, percentText } from "./disease.js";
import { baselineOfRecord, isNoBetter, judge } from "./judge.js";
import { inputSize, isNumbersLoss } from "./signs.js";
import { weightLayers } from "../measures/recordedSteps.js";

/** What can be wrong with the examples. */
export const dataDiseases = {
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
    cures: ["standardize the features", "standardize features and targets"],
    confidence: { sick: 0.94, part: 0.67, learns: 0.6 },
  }),
  "targets not scaled": disease({
    thresholds: { max: 10 },
    look: (record, { max }) => {
      const { data } = record;
      const size = data && Math.hypot(data.targets.mean, data.targets.std);
      return size !== undefined &&
        data?.targets.kind === "numbers" &&
        isNumbersLoss(record) &&
        weightLayers(record).at(-1)!.activation === "linear" &&
        size > max
        ? `a target has a size of about ${short(size)} (root mean square), where about 1 is right.`
        : undefined;
    },
    advice:
      "Shift and scale what is to be told to mean 0 and standard deviation 1, and scale the answers back.",
    cures: ["standardize the targets", "standardize features and targets"],
    confidence: { sick: 0.9, part: 0.8, learns: 0.6 },
  }),
  "constant features": disease({
    thresholds: { share: 0.45 },
    look: ({ data }, { share }) =>
      data && data.features.constant > share * data.features.count
        ? `${data.features.constant} of ${data.features.count} features have the same value in all examples: they tell nothing.`
        : undefined,
    advice: "Look how the features are made; leave out those that tell nothing.",
    cures: [],
    rank: "remark",
    confidence: { sick: 0.6, part: 0.6, learns: 0.6 },
  }),
  "copied features": disease({
    // Of images, edges may be copies by design.
    thresholds: { share: 0.45, ofImages: 0.9 },
    look: (record, { share, ofImages }) => {
      const { features } = record.data ?? {};
      const most = weightLayers(record)[0]!.positions === 1 ? share : ofImages;
      return features && features.copies > most * (features.count - features.constant)
        ? `${features.copies} of ${features.count} features are copies of others.`
        : undefined;
    },
    advice: "Look how the features are made; leave out the copies.",
    cures: [],
    rank: "remark",
    confidence: { sick: 0.6, part: 0.6, learns: 0.6 },
  }),
  "constant targets": disease({
    thresholds: {},
    look: ({ data }) => {
      if (data === undefined) {
        return undefined;
      }
      const { kind, shares, min, max } = data.targets;
      const isConstant = kind === "classes" ? Math.max(...shares) === 1 : min === max;
      return isConstant
        ? kind === "classes"
          ? "all examples are of one class: there is nothing to learn."
          : `what is to be told is ${short(min)} in all examples: there is nothing to learn.`
        : undefined;
    },
    advice: "Look how the labels are made: were they divided, rounded or mixed up with something else?",
    cures: [],
    confidence: { sick: 0.95, part: 0.5, learns: 0.5 },
  }),
  "class imbalance": disease({
    thresholds: { share: 0.9 },
    look: (record, { share }) => {
      const { accuracy } = baselineOfRecord(record);
      return accuracy >= share && accuracy < 1 && isNoBetter(record)
        ? `${percentText(accuracy)} of the examples are of one class, and the network is right no more often than who always says that class.`
        : undefined;
    },
    advice:
      "Judge by each class's own share of right answers; show the rare class more often; look whether the features tell the classes apart at all.",
    cures: ["weigh the classes"],
    confidence: { sick: 0.95, part: 0.5, learns: 0.5 },
  }),
  "targets unrelated to the inputs": disease({
    // In standard errors; of so many neighbors at least.
    thresholds: { errors: 2, share: 0.05, least: 40 },
    look: (record, { errors, share, least }) => {
      const { neighbors } = record.data ?? {};
      return neighbors &&
        neighbors.examples >= least &&
        neighbors.explained < Math.min(share, errors * neighbors.error) &&
        judge(record).verdict !== "learns"
        ? `of ${neighbors.examples} examples, the most similar other one tells no more of what is to be told than any (${percentText(Math.max(0, neighbors.explained))} of its variance).`
        : undefined;
    },
    advice:
      "Look whether inputs and targets are still in the same order, and whether these inputs can tell it at all.",
    cures: [],
    confidence: { sick: 0.95, part: 0.8, learns: 0.5 },
  }),
} satisfies Record<string, LookedFor>;
