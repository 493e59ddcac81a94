import { type AnyDataset, hasTargets } from "../data/dataset.js";
import type { LossName } from "../training/losses.js";
import type { TrainingOptions } from "../training/options.js";
import { standardizeRows } from "../data/split.js";
import { classShares, summarizeTargets } from "../training/dataSummary.js";
import { type ModelPlan, Sketch } from "./sketch.js";

/** A training that has not begun: what a cure changes. */
export interface Plan {
  readonly model: ModelPlan;
  readonly dataset: AnyDataset;
  readonly options: TrainingOptions;
}

/** The plan with a cure in it; undefined where it changes nothing. */
type Cure = (plan: Plan) => Plan | undefined;

const withOptions =
  (change: (options: TrainingOptions, plan: Plan) => Partial<TrainingOptions> | undefined): Cure =>
  (plan) => {
    const changed = change(plan.options, plan);
    return changed && { ...plan, options: { ...plan.options, ...changed } };
  };

const rateTimes = (factor: number): Cure =>
  withOptions(({ learningRate }) => ({ learningRate: factor * learningRate }));

const GLOROT = { scale: 1, mode: "fan_avg", distribution: "uniform" };
const HE = { scale: 2, mode: "fan_in", distribution: "uniform" };

/** Hidden layers start anew, and may get another activation function. */
const hidden =
  (start: typeof GLOROT, activation?: string): Cure =>
  (plan) => {
    const sketch = new Sketch(plan.model);
    if (!sketch.hasHidden) {
      return undefined;
    }
    sketch.restartHidden(start);
    if (activation !== undefined) {
      sketch.activateHidden(activation);
    }
    return { ...plan, model: sketch.plan() };
  };

const features: Cure = (plan) => ({
  ...plan,
  dataset: { ...plan.dataset, features: standardizeRows(plan.dataset.features) },
});
const targets: Cure = (plan) =>
  hasTargets(plan.dataset)
    ? { ...plan, dataset: { ...plan.dataset, targets: standardizeRows(plan.dataset.targets) } }
    : undefined;

/** How a network ends that tells such targets with so many units. */
function endFor(dataset: AnyDataset, units: number): { activation: string; loss: LossName } {
  const { kind, notOneOf } = summarizeTargets(dataset);
  if (kind === "numbers") {
    return { activation: "linear", loss: "meanSquaredError" };
  }
  return units === 1 || (kind === "labels" && notOneOf > 0)
    ? { activation: "sigmoid", loss: "binaryCrossentropy" }
    : { activation: "softmax", loss: "categoricalCrossentropy" };
}

/** All that can be tried. To add a cure, add an entry. */
const TABLE = {
  "standardize the features": features,
  "standardize the targets": targets,
  "standardize features and targets": (plan) => targets(features(plan)!),
  "weigh the classes": withOptions((_, { dataset }) => {
    if (hasTargets(dataset)) {
      return undefined;
    }
    const shares = classShares(dataset);
    return { classWeights: shares.map((share) => (share === 0 ? 0 : 1 / (shares.length * share))) };
  }),
  "end in what fits the targets": (plan) => {
    const sketch = new Sketch(plan.model);
    const end = endFor(plan.dataset, sketch.units);
    if (plan.options.loss === end.loss && sketch.endsIn === end.activation) {
      return undefined;
    }
    sketch.endIn(end.activation);
    return { ...plan, model: sketch.plan(), options: { ...plan.options, loss: end.loss } };
  },
  "Glorot's start": hidden(GLOROT),
  "He's start": hidden(HE),
  "hidden layers with ReLU and He's start": hidden(HE, "relu"),
  "hidden layers with ELU and He's start": hidden(HE, "elu"),
  "hidden layers with tanh and Glorot's start": hidden(GLOROT, "tanh"),
  "clip the gradient": withOptions(({ clipNorm }) => (clipNorm === undefined ? { clipNorm: 1 } : undefined)),
  "no clipping": withOptions(({ clipNorm }) =>
    clipNorm === undefined ? undefined : { clipNorm: undefined },
  ),
  "no weight decay": (plan) => {
    const sketch = new Sketch(plan.model);
    const isAdamw = plan.options.optimizer === "adamw";
    if (!sketch.freeOfPenalties() && !isAdamw) {
      return undefined;
    }
    const options = isAdamw
      ? ({ ...plan.options, optimizer: "adam", weightDecay: undefined } as const)
      : plan.options;
    return { ...plan, model: sketch.plan(), options };
  },
  "a momentum of 0.9": withOptions(({ momentum, beta1 }) =>
    momentum !== undefined ? { momentum: 0.9 } : beta1 !== undefined ? { beta1: 0.9 } : undefined,
  ),
  "a tenth of the learning rate": rateTimes(0.1),
  "a hundredth of the learning rate": rateTimes(0.01),
  "10 times the learning rate": rateTimes(10),
  "100 times the learning rate": rateTimes(100),
  Adam: withOptions(({ optimizer }) =>
    optimizer === "adam"
      ? undefined
      : {
          optimizer: "adam",
          learningRate: 0.01,
          momentum: undefined,
          rho: undefined,
          initialAccumulator: undefined,
          weightDecay: undefined,
        },
  ),
  "10 times the epochs": withOptions(({ epochs }) => ({ epochs: 10 * epochs })),
} satisfies Record<string, Cure>;

/** The name of something that can be tried. */
export type CureName = keyof typeof TABLE;

export const cures: Readonly<Record<CureName, Cure>> = TABLE;

/** All names in the table. */
export const cureNames = Object.keys(TABLE) as CureName[];
