import * as tf from "@tensorflow/tfjs-node";
import { requireNumber, requireOneOf, requirePositive } from "../ground/validation.js";
import { freeing } from "../tensorflow/freeing.js";
import type { OptimizerRecord } from "./record.js";
import { Variable } from "../tensorflow/variable.js";

/** Which optimiser, and its settings. */
export interface OptimizerOptions {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** momentum only: the share of the last step's velocity that is kept, 0.9 if not given. */
  readonly momentum?: number;
  /** adam only: decay of the mean of gradients, 0.9 if not given. */
  readonly beta1?: number;
  /** adam only: decay of the mean of squared gradients, 0.999 if not given. */
  readonly beta2?: number;
  /** adam only: 1e-7 if not given, as in Keras and tfjs. PyTorch's default is 1e-8. */
  readonly epsilon?: number;
  /**
   * adam only: where epsilon stands. Kingma and Ba (2015) give both forms.
   * - "pytorch", also tfjs' own and the default: lr * mHat / (sqrt(vHat) + epsilon)
   * - "keras": lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). Early in training this is a much
   *   larger epsilon: 32 times at the first step.
   */
  readonly epsilonForm?: EpsilonForm;
}

export type OptimizerName = keyof typeof OPTIMIZERS;
export type EpsilonForm = "pytorch" | "keras";

/** Each setting but the learning rate, with its default. */
type Settings = Omit<Required<OptimizerOptions>, "optimizer" | "learningRate">;

/** One step of an optimiser: changes the variable along the gradient. It keeps what it remembers for the next one. */
type Step = (variable: Variable, gradient: tf.Tensor, learningRate: number) => void;

/** What an optimiser remembers of one variable: starts as zeros. */
type Slots = readonly Variable[];

const DEFAULTS = { momentum: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, epsilonForm: "pytorch" } as const;

/**
 * All optimisers. To add one, add an entry: which settings it reads, how many numbers it remembers for each weight,
 * and how it steps. The steps are TensorFlow's own training kernels: one operation each, in place.
 */
const OPTIMIZERS = {
  sgd: { settings: [], slots: 0, make: sgd },
  momentum: { settings: ["momentum"], slots: 1, make: momentum },
  adam: { settings: ["beta1", "beta2", "epsilon", "epsilonForm"], slots: 2, make: adam },
} as const;

/** Names of all optimisers. */
export const optimizerNames = Object.keys(OPTIMIZERS) as OptimizerName[];

/** Checks the settings and fills in the defaults. Only the settings that the optimiser reads are in the result. */
export function resolveOptimizer(owner: string, options: OptimizerOptions): OptimizerRecord {
  const name = requireOneOf(owner, "optimizer", options.optimizer, optimizerNames);
  const own: readonly (keyof typeof DEFAULTS)[] = OPTIMIZERS[name].settings;
  for (const key of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    if (options[key] !== undefined && !own.includes(key)) {
      throw new RangeError(
        `${owner}(): ${key} is ${options[key]}; the optimizer "${name}" has no such setting`,
      );
    }
  }
  const checks = {
    momentum: (value: unknown) => requireNumber(owner, "momentum", value, { min: 0, max: 1 }),
    beta1: (value: unknown) => requireNumber(owner, "beta1", value, { min: 0, max: 0.999999 }),
    beta2: (value: unknown) => requireNumber(owner, "beta2", value, { min: 0, max: 0.999999 }),
    epsilon: (value: unknown) => requirePositive(owner, "epsilon", value),
    epsilonForm: (value: unknown) => requireOneOf(owner, "epsilonForm", value, ["pytorch", "keras"]),
  };
  return {
    name,
    learningRate: requirePositive(owner, "learningRate", options.learningRate),
    ...Object.fromEntries(own.map((key) => [key, checks[key](options[key] ?? DEFAULTS[key])])),
  };
}

/** Weights of one network or of many, and the optimiser that trains them. */
export class TrainedWeights {
  readonly #weights: Variable;
  readonly #slots: Slots;
  readonly #direction: Variable | undefined;
  readonly #step: Step;

  /**
   * `learningRates`, if given, takes the place of the one learning rate: any shape that broadcasts to the weights'. It
   * stays the caller's.
   */
  constructor(
    initial: tf.Tensor,
    private readonly optimizer: OptimizerRecord,
    private readonly learningRates?: tf.Tensor,
  ) {
    const { make, slots } = OPTIMIZERS[optimizer.name];
    this.#weights = new Variable(initial);
    this.#slots = Array.from({ length: slots }, () => zerosLike(initial));
    this.#direction = learningRates && zerosLike(initial);
    this.#step = make({ ...DEFAULTS, ...optimizer }, this.#slots);
  }

  /** The weights as they are now. */
  read(): tf.Tensor {
    return this.#weights.read();
  }

  /** One step along this gradient. */
  step(gradient: tf.Tensor): void {
    if (!this.learningRates || !this.#direction) {
      this.#step(this.#weights, gradient, this.optimizer.learningRate);
      return;
    }
    // Every optimiser's update is proportional to its learning rate: what it does with 1, from 0, is scaled.
    const direction = this.#direction;
    const rates = this.learningRates;
    tf.tidy(() => {
      this.#step(direction, gradient, 1);
      const update = direction.read().mul(rates);
      this.#weights.assign(this.#weights.read().add(update));
      direction.assign(tf.zerosLike(update));
    });
  }

  dispose(): void {
    for (const variable of [this.#weights, this.#direction, ...this.#slots]) {
      variable?.dispose();
    }
  }
}

function zerosLike(tensor: tf.Tensor): Variable {
  return freeing(() => new Variable(tf.zerosLike(tensor)));
}

/** W - lr * g */
function sgd(): Step {
  return (variable, gradient, learningRate) => {
    variable.apply("ResourceApplyGradientDescent", [], [tf.scalar(learningRate), gradient]);
  };
}

/** v = momentum * v + g; W - lr * v (Polyak's heavy ball) */
function momentum({ momentum }: Settings, [velocity]: Slots): Step {
  return (variable, gradient, learningRate) => {
    const settings = [tf.scalar(learningRate), gradient, tf.scalar(momentum)];
    variable.apply("ResourceApplyMomentum", [velocity!], settings);
  };
}

/**
 * Adam (Kingma and Ba 2015), with epsilon in either place:
 *
 *     m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
 *     W - rate * m / (sqrt(v) + shift)
 *
 * As sqrt(vHat) + epsilon = (sqrt(v) + epsilon * correction2) / correction2, both forms are this with a shift of
 * their own.
 */
function adam({ beta1, beta2, epsilon, epsilonForm }: Settings, [m, v]: Slots): Step {
  let steps = 0;
  // The kernel counts in float32, in which 1 - 0.999 is off by 5e-5. Corrections that are made of the very numbers
  // it uses take that out again.
  const bias1 = (): number => 1 - Math.fround(beta1) ** steps;
  const bias2 = (): number => Math.sqrt(1 - Math.fround(beta2) ** steps);
  return (variable, gradient, learningRate) => {
    steps += 1;
    const exact = Math.sqrt(1 - beta2 ** steps);
    const shift = epsilonForm === "pytorch" ? epsilon * bias2() : (epsilon * bias2()) / exact;
    const rate = (learningRate * bias2()) / bias1();
    // The kernel's own corrections for the start are switched off: powers of 0.
    const settings = [0, 0, rate, beta1, beta2, shift].map((value) => tf.scalar(value));
    variable.apply("ResourceApplyAdam", [m!, v!], [...settings, gradient]);
  };
}
