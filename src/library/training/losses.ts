import { tf } from "../tensorflow/tf.js";
import { requireOneOf } from "../ground/validation.js";

/**
 * A loss of one's own: of what should be said and what is said, both [examples, outputs], a loss for each example,
 * [examples], or a scalar. It is made of TensorFlow's operations, through which its gradient is found.
 */
export type LossFunction = (yTrue: tf.Tensor2D, yPred: tf.Tensor2D) => tf.Tensor;

/** A loss as the training loop sees it. */
export interface Loss {
  readonly name: LossName | "custom";
  /**
   * What it is computed from: z, the last pre-activations (logits), so that no gradient is lost where a probability is nearly
   * 0 or 1, as Keras does; or what leaves the network.
   */
  readonly takes: "preActivations" | "outputs";
  /** What the network should say of examples of these classes: [examples, outputs]. */
  readonly targets: (labels: Int32Array, outputs: number) => tf.Tensor2D;
  /** The loss and its gradient. What it takes is [networks, examples, outputs]; targets are [examples, outputs]. */
  readonly of: (given: tf.Tensor, targets: tf.Tensor) => LossTensors;
  /** Number of examples that are told rightly: [networks]. A count, as float32 has no 0.9. NaN where there is no right or wrong. */
  readonly right: (given: tf.Tensor, targets: tf.Tensor) => tf.Tensor;
}

/** What follows from what a loss takes, and the targets. */
export interface LossTensors {
  /** Mean loss over the examples, of cross-entropies in nats: [networks]. */
  readonly mean: tf.Tensor;
  /** The loss of each example: [networks, examples]. */
  readonly each: () => tf.Tensor;
  /** The gradient of the mean loss by what it takes, if it is known better than by automatic differentiation. */
  readonly delta?: tf.Tensor;
}

/** A classifier's loss by its pre-activations, whose gradient is written out. */
export interface ClassifierLoss extends Loss {
  readonly takes: "preActivations";
  /** The activation function of the output layer. */
  readonly activation: "sigmoid" | "softmax";
  readonly of: (z: tf.Tensor, targets: tf.Tensor) => ClassifierTensors;
}

/** The same, with what the network predicts. */
export interface ClassifierTensors extends LossTensors {
  /** What the network predicts: a = f(z), of z's shape. */
  readonly probabilities: tf.Tensor;
  /** dL/dz of the mean loss: (predicted probability - target) / numbers that the mean is over, of z's shape. */
  readonly delta: tf.Tensor;
}

/** Binary cross-entropy after a sigmoid: softplus(z) - target * z, the mean over all outputs. */
const afterSigmoid: ClassifierLoss = {
  name: "binaryCrossentropy",
  takes: "preActivations",
  activation: "sigmoid",
  targets: encode,
  of: (z, targets) => {
    const probabilities = tf.sigmoid(z);
    return {
      mean: tf.softplus(z).sub(z.mul(targets)).mean([1, 2]),
      each: () => tf.softplus(z).sub(z.mul(targets)).mean(-1),
      probabilities,
      delta: probabilities.sub(targets).div(targets.size),
    };
  },
  right: (z, targets) => above(z, 0, targets, 0.5),
};

/**
 * Categorical cross-entropy after a softmax: log(sum(exp(z))) - z of the right class, shifted by the largest z. `count` times
 * something is as often as there are answers to be told: once of a class; of labels, as many as hold.
 */
const categorical = (count: (value: tf.Tensor, targets: tf.Tensor) => tf.Tensor): ClassifierLoss => ({
  name: "categoricalCrossentropy",
  takes: "preActivations",
  activation: "softmax",
  targets: encode,
  of: (z, targets) => {
    const largest = z.max(-1, true);
    const exponentials = z.sub(largest).exp();
    const sums = exponentials.sum(-1, true);
    const probabilities = exponentials.div(sums);
    const each = (): tf.Tensor =>
      count(sums.log(), targets).sub(z.mul(targets).sum(-1, true).sub(count(largest, targets)));
    return {
      mean: each().mean([1, 2]),
      each: () => each().squeeze([-1]),
      probabilities,
      delta: count(probabilities, targets).sub(targets).div(targets.shape[0]),
    };
  },
  right: largestAt,
});

const afterSoftmax = categorical((value) => value);
const afterSoftmaxOfLabels = categorical((value, targets) => value.mul(targets.sum(-1, true)));

/** A loss by what leaves the network: of each example, from target and output. */
interface OutputLoss {
  /** y is [examples, outputs], a is [networks, examples, outputs]; gives [networks, examples]. */
  readonly each: (y: tf.Tensor, a: tf.Tensor) => tf.Tensor;
  /**
   * What several outputs of an example tell where the targets are no classes: labels, each right or wrong; one of many, of which
   * the largest counts; or numbers, of which none is right or wrong.
   */
  readonly tells: "labels" | "oneOfMany" | "numbers";
  /** Above which output the second of two classes, or a label, is said; by default 0.5. */
  readonly threshold?: number;
  /** What stands for the second of two classes and the first; by default 1 and 0. */
  readonly signed?: true;
}

/** Keras' and tfjs' smallest number in logarithms and quotients. */
const EPSILON = 1e-7;
const within = (share: tf.Tensor): tf.Tensor => share.clipByValue(EPSILON, 1 - EPSILON);

/** The losses by what leaves a network, as Keras and tfjs define them. To add one, add an entry. */
const TABLE = {
  binaryCrossentropy: {
    tells: "labels",
    each: (y, a) => {
      const p = within(a);
      return y
        .mul(p.log())
        .add(tf.sub(1, y).mul(tf.sub(1, p).log()))
        .neg()
        .mean(-1);
    },
  },
  binaryCrossentropyFromLogits: {
    tells: "labels",
    each: (y, a) => tf.softplus(a).sub(a.mul(y)).mean(-1),
    threshold: 0,
  },
  /** Outputs are divided by their sum first. */
  categoricalCrossentropy: {
    tells: "oneOfMany",
    each: (y, a) =>
      within(a.div(a.sum(-1, true)))
        .log()
        .mul(y)
        .sum(-1)
        .neg(),
  },
  categoricalCrossentropyFromLogits: {
    tells: "oneOfMany",
    each: (y, a) => a.logSumExp(-1).mul(y.sum(-1)).sub(a.mul(y).sum(-1)),
    threshold: 0,
  },
  meanSquaredError: { tells: "numbers", each: (y, a) => a.sub(y).square().mean(-1) },
  meanAbsoluteError: { tells: "numbers", each: (y, a) => a.sub(y).abs().mean(-1) },
  /** Squares up to a difference of 1, lines beyond. */
  huber: {
    tells: "numbers",
    each: (y, a) => {
      const off = a.sub(y).abs();
      const near = off.minimum(1);
      return near.square().mul(0.5).add(off.sub(near)).mean(-1);
    },
  },
  logcosh: {
    tells: "numbers",
    each: (y, a) => {
      const off = a.sub(y);
      return off
        .add(tf.softplus(off.mul(-2)))
        .sub(Math.LN2)
        .mean(-1);
    },
  },
  hinge: {
    tells: "labels",
    each: (y, a) => tf.relu(tf.sub(1, y.mul(a))).mean(-1),
    threshold: 0,
    signed: true,
  },
  squaredHinge: {
    tells: "labels",
    each: (y, a) =>
      tf
        .relu(tf.sub(1, y.mul(a)))
        .square()
        .mean(-1),
    threshold: 0,
    signed: true,
  },
  categoricalHinge: {
    tells: "oneOfMany",
    each: (y, a) => tf.relu(tf.sub(1, y).mul(a).max(-1).sub(y.mul(a).sum(-1)).add(1)),
  },
  poisson: { tells: "numbers", each: (y, a) => a.sub(y.mul(a.add(EPSILON).log())).mean(-1) },
  kullbackLeiblerDivergence: {
    tells: "oneOfMany",
    each: (y, a) => {
      const [p, q] = [y.clipByValue(EPSILON, 1), a.clipByValue(EPSILON, 1)];
      return p.mul(p.div(q).log()).sum(-1);
    },
  },
} satisfies Record<string, OutputLoss>;

/** A loss that networks can be trained with. "FromLogits" takes what leaves the network for pre-activations. */
export type LossName = keyof typeof TABLE;

const outputLosses: Readonly<Record<LossName, OutputLoss>> = TABLE;

/** The names of all losses. */
export const lossNames = Object.keys(TABLE) as LossName[];

/** Whether a loss is a cross-entropy, whose unit is the nat. */
export function isCrossEntropy(name: Loss["name"]): boolean {
  return /crossentropy/i.test(name);
}

/** A loss by what leaves the network. `hasClasses`: whether targets are made of class labels. */
function byOutputs(
  name: LossName | "custom",
  { each, tells, threshold = 0.5, signed }: OutputLoss,
  hasClasses: boolean,
): Loss {
  const told = hasClasses ? "oneOfMany" : tells;
  return {
    name,
    takes: "outputs",
    targets: (labels, outputs) =>
      signed
        ? tf.tidy(() => encode(labels, outputs).mul<tf.Tensor2D>(2).sub<tf.Tensor2D>(1))
        : encode(labels, outputs),
    of: (a, y) => ({ mean: each(y, a).mean(-1), each: () => each(y, a) }),
    right: (a, y) =>
      told === "numbers"
        ? tf.fill([a.shape[0]], NaN)
        : told === "oneOfMany" && y.shape.at(-1)! > 1
          ? largestAt(a, y)
          : above(a, threshold, y, signed ? 0 : 0.5),
  };
}

/** Number of examples whose largest output is that of their class; the first of several: [networks]. */
function largestAt(a: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return a.argMax(-1).equal(y.argMax(-1)).toFloat().sum(-1);
}

/** Number of examples that are on the right side, of several outputs the share of them: [networks]. */
const above = (a: tf.Tensor, threshold: number, y: tf.Tensor, middle: number): tf.Tensor =>
  a.greater(threshold).equal(y.greater(middle)).toFloat().mean(-1).sum(-1);

/** Of two classes told by one output 0 or 1, else a 1 in the place of the class: [examples, outputs]. */
function encode(labels: Int32Array, outputs: number): tf.Tensor2D {
  const values = new Float32Array(labels.length * outputs);
  labels.forEach((label, i) => {
    if (outputs === 1) {
      values[i] = label;
    } else {
      values[i * outputs + label] = 1;
    }
  });
  return tf.tensor2d(values, [labels.length, outputs]);
}

/** The loss of a network with so many outputs: see `MlpSpec`. */
export function lossOf(outputs: number): ClassifierLoss {
  return outputs === 1 ? afterSigmoid : afterSoftmax;
}

/** The mean loss as a scalar that automatic differentiation can start from. `given` is [examples, outputs]. */
export function lossScalar(loss: Loss, given: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  if (loss.takes === "outputs") {
    return loss.of(given.expandDims(0), targets).mean.reshape([]);
  }
  const scalarOf = tf.customGrad((input, save) => {
    const logits = input as tf.Tensor;
    const { mean, delta } = loss.of(logits.expandDims(0), targets);
    (save as tf.GradSaveFunc)([delta!.reshape(logits.shape)]);
    return {
      value: mean.reshape([]),
      gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(upstream),
    };
  });
  return scalarOf(given) as tf.Scalar;
}

/**
 * A loss in which each example counts as much as its class does. Its mean is the sum of weighted losses over the number of
 * examples, as in `model.fit`.
 */
export function weighted(loss: Loss, classWeights: readonly number[]): Loss {
  const weightOf = (targets: tf.Tensor): tf.Tensor => {
    if (targets.shape[1] !== 1) {
      return targets.mul(tf.tensor1d([...classWeights])).sum(-1);
    }
    const [first = 1, second = 1] = classWeights;
    return targets
      .greater(0)
      .toFloat()
      .mul(second - first)
      .add(first)
      .squeeze([-1]);
  };
  return {
    ...loss,
    of: (given, targets) => {
      const tensors = loss.of(given, targets);
      const weights = weightOf(targets);
      const each = (): tf.Tensor => tensors.each().mul(weights);
      return {
        ...tensors,
        mean: each().mean(-1),
        each,
        ...(tensors.delta && { delta: tensors.delta.mul(weights.expandDims(-1)) }),
      };
    },
  };
}

/** How a model ends. */
export interface ModelEnd {
  readonly activation: string;
  readonly units: number;
}

/**
 * The loss that is asked for, or the one that fits the model's last activation function and the targets.
 *
 * @throws Error if none is asked for, and the model does not end in one sigmoid unit (two classes) or in a softmax.
 */
export function lossFor(
  owner: string,
  wanted: LossName | LossFunction | undefined,
  hasClasses: boolean,
  last: ModelEnd | undefined,
): Loss {
  const isSigmoid = last?.activation === "sigmoid";
  const isSoftmax = last?.activation === "softmax" && last.units > 1;
  if (typeof wanted === "function") {
    return byOutputs("custom", { each: ownLoss(owner, wanted), tells: "numbers" }, hasClasses);
  }
  if (last?.activation === "softmax" && last.units === 1) {
    throw new Error(
      `${owner}(): the model ends in a softmax of 1 unit, which always says 1; two classes take 1 unit with "sigmoid"`,
    );
  }
  if (wanted !== undefined) {
    const name = requireOneOf(owner, "loss", wanted, lossNames);
    return name === "binaryCrossentropy" && isSigmoid
      ? afterSigmoid
      : name === "categoricalCrossentropy" && isSoftmax
        ? hasClasses
          ? afterSoftmax
          : afterSoftmaxOfLabels
        : byOutputs(name, outputLosses[name], hasClasses);
  }
  if (!hasClasses) {
    return isSigmoid ? afterSigmoid : byOutputs("meanSquaredError", outputLosses.meanSquaredError, false);
  }
  if (isSoftmax || (isSigmoid && last.units === 1)) {
    return isSoftmax ? afterSoftmax : afterSigmoid;
  }
  const units = `${last?.units} unit${last?.units === 1 ? "" : "s"}`;
  const end = last ? `${units} with activation "${last.activation}"` : "no activation";
  throw new Error(
    `${owner}(): the model ends in ${end}; it must end in 1 unit with "sigmoid" (two classes) or in a "softmax" of at least 2 units, or the option loss must say what is to be trained`,
  );
}

/** A loss of one's own, checked when it is first computed. */
function ownLoss(owner: string, loss: LossFunction): OutputLoss["each"] {
  return (y, a) => {
    const said = a.squeeze([0]);
    const value = loss(y as tf.Tensor2D, said as tf.Tensor2D);
    const examples = y.shape[0];
    const isEach = value instanceof tf.Tensor && value.rank === 1 && value.shape[0] === examples;
    if (!isEach && !(value instanceof tf.Tensor && value.rank === 0)) {
      const got = value instanceof tf.Tensor ? `[${value.shape.join(", ")}]` : typeof value;
      throw new Error(
        `${owner}(): the loss gives ${got}; it must give a scalar, or one number for each of ${examples} examples`,
      );
    }
    return isEach ? value.expandDims(0) : value.reshape([1, 1]);
  };
}
