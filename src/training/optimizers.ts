import * as tf from "@tensorflow/tfjs-node";
import { requireNumber, requireOneOf, requirePositive } from "../validation.js";
import type { OptimizerRecord } from "./record.js";

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

/**
 * Turns gradients into updates. It works on one flat tensor of all weights, whatever its shape: few operations,
 * and one network or many are the same to it.
 */
export interface Optimizer {
  /** The weights after a step along this gradient, a new tensor. Its own memory of earlier steps is kept up to date. */
  step(weights: tf.Tensor, gradient: tf.Tensor): tf.Tensor;
  /** Frees what it remembers. */
  dispose(): void;
}

/** Each setting but the learning rate, with its default. */
type Settings = Omit<Required<OptimizerOptions>, "optimizer">;

const DEFAULTS = { momentum: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, epsilonForm: "pytorch" } as const;

/** All optimisers. To add one, add an entry: which settings it reads, and how it steps. */
const OPTIMIZERS = {
  sgd: { settings: [], make: sgd },
  momentum: { settings: ["momentum"], make: momentum },
  adam: { settings: ["beta1", "beta2", "epsilon", "epsilonForm"], make: adam },
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

/** The optimiser for resolved settings. */
export function makeOptimizer(resolved: OptimizerRecord): Optimizer {
  return OPTIMIZERS[resolved.name].make({ ...DEFAULTS, ...resolved });
}

/** W - lr * g */
function sgd({ learningRate }: Settings): Optimizer {
  return {
    step: (weights, gradient) => tf.tidy(() => weights.sub(gradient.mul(learningRate))),
    dispose: () => undefined,
  };
}

/** v = momentum * v + g; W - lr * v (Polyak's heavy ball) */
function momentum({ learningRate, momentum }: Settings): Optimizer {
  const memory = new Memory<[tf.Tensor]>();
  return {
    step: (weights, gradient) =>
      tf.tidy(() => {
        const [velocity] = memory.replace((last) => [
          last ? last[0].mul(momentum).add(gradient) : gradient.clone(),
        ]);
        return weights.sub(velocity.mul(learningRate));
      }),
    dispose: () => {
      memory.dispose();
    },
  };
}

/** Adam (Kingma and Ba 2015), with epsilon in either place. */
function adam({ learningRate, beta1, beta2, epsilon, epsilonForm }: Settings): Optimizer {
  const memory = new Memory();
  let steps = 0;
  return {
    step: (weights, gradient) => {
      steps += 1;
      const correction1 = 1 - beta1 ** steps;
      const correction2 = Math.sqrt(1 - beta2 ** steps);
      return tf.tidy(() => {
        const fresh1 = gradient.mul(1 - beta1);
        const fresh2 = gradient.square().mul(1 - beta2);
        const [m, v] = memory.replace((last) =>
          last ? [last[0].mul(beta1).add(fresh1), last[1].mul(beta2).add(fresh2)] : [fresh1, fresh2],
        );
        // sqrt(vHat) + epsilon = (sqrt(v) + epsilon * correction2) / correction2, so both forms are this with
        // an epsilon of its own.
        const shift = epsilonForm === "pytorch" ? epsilon * correction2 : epsilon;
        return weights.sub(m.mul((learningRate * correction2) / correction1).div(v.sqrt().add(shift)));
      });
    },
    dispose: () => {
      memory.dispose();
    },
  };
}

/** Tensors that live from one step to the next. */
class Memory<T extends [tf.Tensor, ...tf.Tensor[]] = [tf.Tensor, tf.Tensor]> {
  #tensors: T | undefined;

  /** Puts new tensors in the place of the last ones, which are freed. */
  replace(make: (last: T | undefined) => T): T {
    const next = make(this.#tensors);
    this.dispose();
    this.#tensors = next;
    next.forEach((tensor) => tf.keep(tensor));
    return next;
  }

  dispose(): void {
    this.#tensors?.forEach((tensor) => {
      tensor.dispose();
    });
    this.#tensors = undefined;
  }
}
