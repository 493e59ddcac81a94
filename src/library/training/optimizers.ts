import { tf } from "../tensorflow/tf.js";
import { requireNumber, requireOneOf, requirePositive } from "../ground/validation.js";

/** A setting of an optimizer: its default, and what checks a value. */
interface Setting<T> {
  readonly standard: T;
  readonly check: (owner: string, name: string, value: unknown) => T;
}

/** Setting by setting, the values. */
type Values<Settings> = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never;
};

/** What is special about one step: worked out in float64, as 1 - 0.999 in float32 is off by 5e-5. */
interface Coefficients {
  /** What the learning rate is multiplied by. */
  readonly rate: number;
  /** Other numbers that change from step to step. */
  readonly others: readonly number[];
}

/** All about one optimizer. Its tensors are [networks, parameters], and each number of them is treated alike. */
interface Optimizer<Settings extends { readonly [Name in keyof Settings]: Setting<unknown> }> {
  readonly settings: Settings;
  /** How many numbers it remembers for each weight. They start at 0. */
  readonly slots: number;
  /** `step` is counted from 1. */
  readonly coefficients?: (values: Values<Settings>, step: number) => Coefficients;
  /**
   * The direction of a step, and what is remembered then: W after = W - learning rate * rate * direction. The gradient
   * is the clipped one where there is clipping.
   */
  readonly step: (
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    values: Values<Settings>,
    others: readonly tf.Tensor[],
    weights: tf.Tensor,
  ) => { readonly direction: tf.Tensor; readonly slots: readonly tf.Tensor[] };
}

const share = (standard: number, max: number): Setting<number> => ({
  standard,
  check: (owner, name, value) => requireNumber(owner, name, value, { min: 0, max }),
});
const positive = (standard: number): Setting<number> => ({ standard, check: requirePositive });
const oneOf = <T extends string>(standard: T, ...others: T[]): Setting<T> => ({
  standard,
  check: (owner, name, value) => requireOneOf(owner, name, value, [standard, ...others]),
});

/** Has the compiler work out which settings an entry has, and check the entry against them. */
const optimizer = <Settings extends { readonly [Name in keyof Settings]: Setting<unknown> }>(
  entry: Optimizer<Settings>,
): Optimizer<Settings> => entry;

/** The settings of Adam and its relatives. */
const ADAM = {
  /** adam and its relatives: decay of the mean of gradients, 0.9 if not given. */
  beta1: share(0.9, 0.999999),
  /** adam and its relatives: decay of the mean of squared gradients, 0.999 if not given. */
  beta2: share(0.999, 0.999999),
  /** Keeps from dividing by 0: 1e-7 if not given, as in Keras and tfjs. PyTorch's default is 1e-8. */
  epsilon: positive(1e-7),
};

/** All optimizers. To add one, add an entry: its options, their checks, its name in records and its step are read here. */
const OPTIMIZERS = {
  /** W - lr * g */
  sgd: optimizer({ settings: {}, slots: 0, step: (gradient) => ({ direction: gradient, slots: [] }) }),

  /** v = momentum * v + g; W - lr * v (Polyak's heavy ball) */
  momentum: optimizer({
    settings: {
      /** momentum, nesterov: the share of the last step's velocity that is kept, 0.9 if not given; rmsprop: 0. */
      momentum: share(0.9, 1),
    },
    slots: 1,
    step: (gradient, [velocity], { momentum }) => {
      const next = velocity!.mul(momentum).add(gradient);
      return { direction: next, slots: [next] };
    },
  }),

  /** v = momentum * v + g; W - lr * (g + momentum * v) (Nesterov's, in the form of Sutskever et al. 2013) */
  nesterov: optimizer({
    settings: { momentum: share(0.9, 1) },
    slots: 1,
    step: (gradient, [velocity], { momentum }) => {
      const next = velocity!.mul(momentum).add(gradient);
      return { direction: next.mul(momentum).add(gradient), slots: [next] };
    },
  }),

  /** s = s + g^2; W - lr * g / sqrt(s + epsilon) (Duchi, Hazan and Singer 2011). As in tfjs, s starts at 0.1. */
  adagrad: optimizer({
    settings: {
      /** adagrad only: the sum of squares that is there before the first step, 0.1 if not given. */
      initialAccumulator: share(0.1, 1e6),
      epsilon: positive(1e-7),
    },
    slots: 1,
    step: (gradient, [sum], { initialAccumulator, epsilon }) => {
      const next = sum!.add(gradient.square());
      return { direction: gradient.div(next.add(initialAccumulator + epsilon).sqrt()), slots: [next] };
    },
  }),

  /**
   * s = rho s + (1 - rho) g^2; v = momentum * v + g / sqrt(s + epsilon); W - lr * v (Tieleman and Hinton 2012), with epsilon
   * where Keras and tfjs have it.
   */
  rmsprop: optimizer({
    settings: {
      /** rmsprop only: decay of the mean of squared gradients, 0.9 if not given. */
      rho: share(0.9, 0.999999),
      momentum: share(0, 1),
      epsilon: positive(1e-7),
    },
    slots: 2,
    step: (gradient, [square, velocity], { rho, momentum, epsilon }) => {
      const mean = averaged(square!, gradient.square(), rho);
      const next = velocity!.mul(momentum).add(gradient.div(mean.add(epsilon).sqrt()));
      return { direction: next, slots: [mean, next] };
    },
  }),

  /** m as adam's; u = max(beta2 u, |g|); W - lr / (1 - beta1^t) * m / (u + epsilon) (Kingma and Ba 2015) */
  adamax: optimizer({
    settings: ADAM,
    slots: 2,
    coefficients: ({ beta1 }, step) => ({ rate: 1 / correction(beta1, step), others: [] }),
    step: (gradient, [m, u], { beta1, beta2, epsilon }) => {
      const mean = averaged(m!, gradient, beta1);
      const largest = tf.maximum(u!.mul(beta2), gradient.abs());
      return { direction: mean.div(largest.add(epsilon)), slots: [mean, largest] };
    },
  }),

  /** adam, and all weights shrink by lr * weightDecay of themselves at each step (Loshchilov and Hutter 2019). */
  adamw: optimizer({
    settings: {
      ...ADAM,
      /** adamw only: 0.01 if not given, as in PyTorch. Keras' default is 0.004. */
      weightDecay: share(0.01, 1e6),
    },
    slots: 2,
    coefficients: ({ beta1, beta2, epsilon, weightDecay }, step) => {
      const { bias1, bias2 } = corrections(beta1, beta2, step);
      // The rate is that of adam's part: what shrinks the weights is divided by it before.
      return { rate: bias2 / bias1, others: [epsilon * bias2, (weightDecay * bias1) / bias2] };
    },
    step: (gradient, slots, { beta1, beta2 }, [shift, decay], weights) => {
      const { direction, ...rest } = adamStep(gradient, slots, beta1, beta2, shift!);
      return { direction: direction.add(weights.mul(decay!)), ...rest };
    },
  }),

  /**
   * Adam (Kingma and Ba 2015), with epsilon in either place:
   *
   *     m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
   *     W - rate * m / (sqrt(v) + shift)
   *
   * As sqrt(vHat) + epsilon = (sqrt(v) + epsilon * correction2) / correction2, both forms are this with a shift of
   * their own.
   */
  adam: optimizer({
    settings: {
      ...ADAM,
      /**
       * adam only: where epsilon stands. Kingma and Ba (2015) give both forms.
       * - "pytorch", also tfjs' own and the default: lr * mHat / (sqrt(vHat) + epsilon)
       * - "keras": lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). Early in training this is a much
       *   larger epsilon: 32 times at the first step.
       */
      epsilonForm: oneOf("pytorch", "keras"),
    },
    slots: 2,
    coefficients: ({ beta1, beta2, epsilon, epsilonForm }, step) => {
      const { bias1, bias2 } = corrections(beta1, beta2, step);
      const exact = Math.sqrt(1 - beta2 ** step);
      const shift = epsilonForm === "pytorch" ? epsilon * bias2 : (epsilon * bias2) / exact;
      return { rate: bias2 / bias1, others: [shift] };
    },
    step: (gradient, slots, { beta1, beta2 }, [shift]) => adamStep(gradient, slots, beta1, beta2, shift!),
  }),
};

/** A running mean after one more number: its share is 1 - decay. */
const averaged = (mean: tf.Tensor, next: tf.Tensor, decay: number): tf.Tensor =>
  mean.add(next.sub(mean).mul(1 - decay));

/**
 * What a running mean is too small by at a step, as it starts at 0. Tensors hold 1 - decay in float32: the correction is
 * that of the very number that is used.
 */
const correction = (decay: number, step: number): number => 1 - (1 - Math.fround(1 - decay)) ** step;

/** What both of Adam's means are corrected by. */
function corrections(beta1: number, beta2: number, step: number): { bias1: number; bias2: number } {
  return { bias1: correction(beta1, step), bias2: Math.sqrt(correction(beta2, step)) };
}

/** Adam's direction and what it remembers. */
function adamStep(
  gradient: tf.Tensor,
  [m, v]: readonly tf.Tensor[],
  beta1: number,
  beta2: number,
  shift: tf.Tensor,
): { direction: tf.Tensor; slots: tf.Tensor[] } {
  const mean = averaged(m!, gradient, beta1);
  const square = averaged(v!, gradient.square(), beta2);
  return { direction: mean.div(square.sqrt().add(shift)), slots: [mean, square] };
}

type Table = typeof OPTIMIZERS;

/** The name of an optimizer. */
export type OptimizerName = keyof Table;

/** Names of all optimizers. */
export const optimizerNames = Object.keys(OPTIMIZERS) as OptimizerName[];

type SettingsOf<Name extends OptimizerName> = Name extends unknown ? Values<Table[Name]["settings"]> : never;
type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- one optimizer has no settings
type AllSettings = Merged<SettingsOf<OptimizerName>>;

/** Which optimizer, and its settings. */
export interface OptimizerOptions extends Partial<AllSettings> {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
}

/** The optimizer that was used, every setting filled in; "custom" if `model.fit` used one that is not in the table. */
export interface OptimizerRecord {
  readonly name: OptimizerName | "custom";
  readonly learningRate: number;
  readonly [setting: string]: number | string;
}

/** An entry whose settings the compiler need not know. */
type AnyOptimizer = Optimizer<Record<string, Setting<unknown>>>;
const entryOf = (name: OptimizerName): AnyOptimizer => OPTIMIZERS[name] as unknown as AnyOptimizer;

/** Names of all settings of all optimizers. */
export const optimizerSettings = [
  ...new Set(optimizerNames.flatMap((name) => Object.keys(entryOf(name).settings))),
] as (keyof AllSettings)[];

/** Checks the settings and fills in the defaults. Only the settings that the optimizer reads are in the result. */
export function resolveOptimizer(owner: string, options: OptimizerOptions): OptimizerRecord {
  const name = requireOneOf(owner, "optimizer", options.optimizer, optimizerNames);
  const { settings } = entryOf(name);
  for (const key of optimizerSettings) {
    if (options[key] !== undefined && !(key in settings)) {
      throw new RangeError(
        `${owner}(): ${key} is ${options[key]}; the optimizer "${name}" has no such setting`,
      );
    }
  }
  const values = Object.entries(settings).map(([key, { standard, check }]) => [
    key,
    check(owner, key, options[key as keyof AllSettings] ?? standard),
  ]);
  return {
    name,
    learningRate: requirePositive(owner, "learningRate", options.learningRate),
    ...(Object.fromEntries(values) as Record<string, number | string>),
  };
}

/** One optimizer with its settings, as the training loop uses it. */
export interface OptimizerSteps {
  readonly slots: number;
  /** How many numbers `coefficients` gives beside the rate. */
  readonly others: number;
  /** `step` is counted from 1. */
  coefficients(step: number): Coefficients;
  step(
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    others: readonly tf.Tensor[],
    weights: tf.Tensor,
  ): { readonly direction: tf.Tensor; readonly slots: readonly tf.Tensor[] };
}

/** The steps of an optimizer: pure functions of tensors. */
export function stepsOf(record: OptimizerRecord): OptimizerSteps {
  const { slots, coefficients, step } = entryOf(record.name as OptimizerName);
  const values = record as unknown as Values<Record<string, Setting<unknown>>>;
  const ofStep = (number: number): Coefficients => coefficients?.(values, number) ?? { rate: 1, others: [] };
  return {
    slots,
    others: ofStep(1).others.length,
    coefficients: ofStep,
    step: (gradient, remembered, others, weights) => step(gradient, remembered, values, others, weights),
  };
}
