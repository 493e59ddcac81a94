import { tf } from "../tensorflow/tf.js";
import { compileGraph, type CompiledFunction, runsWorthAGraph } from "../tensorflow/compileGraph.js";
import type { OptimizerSteps } from "./optimizers.js";
import { activationStatistics, factorStatistics, finiteLayers, timeStatistics } from "./layerStatistics.js";
import { passInParts } from "./passInParts.js";
import type { Normalization, Pass, Trainable, TrainingSignal } from "./trainable.js";

/** What a step takes: tensors of n networks. */
export interface StepInputs {
  /** [n, parameters] */
  readonly weights: tf.Tensor;
  readonly x: tf.Tensor;
  readonly targets: tf.Tensor;
  /** Learning rates, [n, 1]. */
  readonly rates: tf.Tensor;
  /** The optimizer's numbers of this step, and what it remembers. */
  readonly others: readonly tf.Tensor[];
  readonly slots: readonly tf.Tensor[];
  /** The trainable's state. */
  readonly state: readonly tf.Tensor[];
  /** The examples whose activations are measured. The batch's own are, if there are none. */
  readonly probe: tf.Tensor | undefined;
}

/** What it gives, beside "time0", "time1", ... (of each state of each recurrent layer), "slot0", "slot1", ... and "state0", "state1", .... */
export type StepOutput =
  /** Weights after the step, [n, parameters]. */
  | "weights"
  /**
   * Rows of [n]: loss, number of right answers, sum of the weights after the step; with clipping what the gradient was
   * multiplied by; with a dynamic loss scale that scale.
   */
  | "summary"
  /** dL/dW before clipping, [n, parameters]. */
  | "gradient"
  | "factors"
  | "finiteLayers"
  /** Statistics of the activations on the probe, with the weights before the step. */
  | "activations"
  | `time${number}`
  | `slot${number}`
  | `state${number}`;

/** The inputs as a compiled function takes them. */
export const listOf = ({
  weights,
  x,
  targets,
  rates,
  others,
  slots,
  state,
  probe,
}: StepInputs): tf.Tensor[] => [
  weights,
  x,
  targets,
  rates,
  ...others,
  ...slots,
  ...state,
  ...(probe ? [probe] : []),
];

/** The inputs from such a list. */
function inputsOf(
  list: readonly tf.Tensor[],
  { others, slots }: OptimizerSteps,
  hasProbe: boolean,
): StepInputs {
  const [weights, x, targets, rates, ...rest] = hasProbe ? list.slice(0, -1) : list;
  return {
    weights: weights!,
    x: x!,
    targets: targets!,
    rates: rates!,
    others: rest.slice(0, others),
    slots: rest.slice(others, others + slots),
    state: rest.slice(others + slots),
    probe: hasProbe ? list.at(-1) : undefined,
  };
}

/** How a step is taken. */
interface StepOptions {
  readonly clipNorm: number | undefined;
  /** Whether a probe is passed. */
  readonly hasProbe: boolean;
  /** Examples that pass the network at a time. */
  readonly batchSize: number;
  /** Decides what dropout drops. */
  readonly seed: number | undefined;
  /** How often it will run with so many examples. */
  readonly runs: (examples: number) => number;
}

/**
 * One step of training as a pure function: forward and backward pass, clipping, optimizer, and all that is recorded of it.
 */
export function compileStep(
  trainable: Trainable,
  optimizer: OptimizerSteps,
  { clipNorm, hasProbe, batchSize, seed, runs }: StepOptions,
): CompiledFunction<StepOutput> {
  return compileGraph<StepOutput>(
    (list, tools) => {
      const inputs = inputsOf(list, optimizer, hasProbe);
      const { weights, x, targets, rates, others, slots, state, probe } = inputs;
      const pass = passInParts(trainable, weights, state, { x, targets }, batchSize, tools);
      const clip = clipNorm === undefined ? undefined : clipFactor(pass.gradient, clipNorm);
      const clipped = clip ? pass.gradient.mul(clip) : pass.gradient;
      const { direction, slots: remembered } = optimizer.step(clipped, slots, others, weights);
      const isTaken = pass.scaling?.isTaken.expandDims(1);
      const unlessSkipped = (now: tf.Tensor, before: tf.Tensor): tf.Tensor =>
        isTaken ? tf.where(isTaken, now, before) : now;
      const stepped = unlessSkipped(weights.sub(direction.mul(rates)), weights);
      const after = trainable.kept?.(stepped) ?? stepped;
      return {
        weights: () => after,
        summary: () => summaryOf(pass, after, clip),
        gradient: () => pass.gradient,
        factors: () => factorStatistics(pass.signals),
        finiteLayers: () => finiteLayers(pass.signals),
        // In the same graph as the step: TensorFlow runs both at a time.
        activations: () =>
          activationStatistics(probe ? trainable.inspect(weights, state, probe, tools) : pass.signals),
        ...Object.fromEntries(
          statesOf(pass.signals).map((state, i) => [`time${i}`, () => timeStatistics(state)]),
        ),
        ...Object.fromEntries(
          remembered.map((slot, i) => [`slot${i}`, () => unlessSkipped(slot, slots[i]!)]),
        ),
        ...Object.fromEntries(pass.state.map((part, i) => [`state${i}`, () => part])),
      };
    },
    { isPure: trainable.isPure, isWorthwhile: ([, x]) => runs(x!.shape[0]) >= runsWorthAGraph, seed },
  );
}

const statesOf = (signals: readonly TrainingSignal[]): tf.Tensor[] =>
  signals.flatMap(({ states = [] }) => states);

function summaryOf({ loss, right, scaling }: Pass, after: tf.Tensor, clip: tf.Tensor | undefined): tf.Tensor {
  const rows = [loss, right(), after.sum(1), clip?.reshape([-1]), scaling?.scale];
  return tf.stack(rows.filter((row) => row !== undefined));
}

/**
 * What each network's gradient, [n, parameters], is multiplied by to bring its L2 norm down to `clipNorm`: 1 if it is not
 * larger (Pascanu et al. 2013, "On the difficulty of training recurrent neural networks"). [n, 1]. Not finite if a number
 * of the gradient is not: there is no right length for it. The squares are of shares of the largest number: they stay
 * within float32.
 */
function clipFactor(gradient: tf.Tensor, clipNorm: number): tf.Tensor {
  const largest = gradient.abs().max(1, true).maximum(1e-30);
  const norm = gradient.div(largest).square().sum(1, true).sqrt().mul(largest);
  // NaN where the norm is not finite.
  return norm.sub(norm).add(tf.minimum(1, tf.scalar(clipNorm).div(norm)));
}

/**
 * Loss and number of right answers in inference mode, two rows of [n]: inputs are weights, examples, targets, and state. With a probe,
 * which comes before the state, batch normalization uses its mean and variance.
 */
export function compileScoring(
  trainable: Trainable,
  hasProbe: boolean,
  runs: number,
): CompiledFunction<"summary"> {
  return compileGraph(
    ([weights, x, targets, ...rest], tools) => {
      const [probe, state] = hasProbe ? [rest[0], rest.slice(1)] : [undefined, rest];
      const normalization: Normalization = probe ? { by: "trainingSet", x: probe } : { by: "movingAverages" };
      const z = trainable.predict(weights!, state, x!, normalization, tools);
      const { loss } = trainable;
      return { summary: () => tf.stack([loss.of(z, targets!).mean, loss.right(z, targets!)]) };
    },
    { isPure: trainable.isPure, isWorthwhile: () => runs >= runsWorthAGraph },
  );
}
