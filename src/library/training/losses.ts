import * as tf from "@tensorflow/tfjs-node";

/**
 * A classifier's loss, computed from the last pre-activations z (logits), not from rounded probabilities, so that
 * no gradient is lost where a probability is nearly 0 or 1. Keras does the same.
 *
 * z is [networks, examples, outputs]; targets are [examples, outputs].
 */
export interface Loss {
  /** The activation function of the output layer. */
  readonly activation: "sigmoid" | "softmax";
  /** What the network should say: [examples, outputs]. */
  readonly targets: (labels: Int32Array, outputs: number) => tf.Tensor2D;
  /** Loss, gradient and number of right answers. */
  readonly of: (z: tf.Tensor, targets: tf.Tensor) => LossTensors;
}

/** What follows from z and the targets. */
export interface LossTensors {
  /** Mean loss over the examples, in nats: [networks]. */
  readonly mean: tf.Tensor;
  /** What the network predicts: a = f(z), of z's shape. */
  readonly probabilities: tf.Tensor;
  /** dL/dz of the mean loss: (predicted probability - target) / examples, of z's shape. */
  readonly delta: tf.Tensor;
  /** Number of examples whose class z names rightly: [networks]. A count, as float32 has no 0.9. */
  readonly right: () => tf.Tensor;
}

/** Binary cross-entropy after a sigmoid: softplus(z) - target * z. */
const binaryCrossEntropy: Loss = {
  activation: "sigmoid",
  targets: (labels) => tf.tensor2d(Float32Array.from(labels), [labels.length, 1]),
  of: (z, targets) => {
    const probabilities = tf.sigmoid(z);
    return {
      mean: tf.softplus(z).sub(z.mul(targets)).mean([1, 2]),
      probabilities,
      delta: deltaOf(probabilities, targets),
      right: () => z.greater(0).equal(targets.greater(0.5)).toFloat().sum([1, 2]),
    };
  },
};

/** Categorical cross-entropy after a softmax: log(sum(exp(z))) - z of the right class, shifted by the largest z. */
const categoricalCrossEntropy: Loss = {
  activation: "softmax",
  targets: oneHot,
  of: (z, targets) => {
    const largest = z.max(-1, true);
    const exponentials = z.sub(largest).exp();
    const sums = exponentials.sum(-1, true);
    const probabilities = exponentials.div(sums);
    return {
      mean: sums.log().sub(z.mul(targets).sum(-1, true).sub(largest)).mean([1, 2]),
      probabilities,
      delta: deltaOf(probabilities, targets),
      // The largest z names the class; the first of several.
      right: () => z.argMax(-1).equal(targets.argMax(-1)).toFloat().sum(-1),
    };
  },
};

const deltaOf = (probabilities: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  probabilities.sub(targets).div(targets.shape[0]!);

function oneHot(labels: Int32Array, classes: number): tf.Tensor2D {
  const values = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (values[i * classes + label] = 1));
  return tf.tensor2d(values, [labels.length, classes]);
}

/** The loss of a network with so many outputs: see `MlpSpec`. */
export function lossOf(outputs: number): Loss {
  return outputs === 1 ? binaryCrossEntropy : categoricalCrossEntropy;
}

/** The mean loss as a scalar that automatic differentiation can start from. `z` is [examples, outputs]. */
export function lossScalar(loss: Loss, z: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const scalarOf = tf.customGrad((input, save) => {
    const logits = input as tf.Tensor;
    const { mean, delta } = loss.of(logits.expandDims(0), targets);
    (save as tf.GradSaveFunc)([delta.reshape(logits.shape)]);
    return {
      value: mean.reshape([]),
      gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(upstream),
    };
  });
  return scalarOf(z) as tf.Scalar;
}

/**
 * The loss that fits a model's last activation function.
 *
 * @throws Error if the model does not end in one sigmoid unit (two classes) or in a softmax.
 */
export function lossFor(
  owner: string,
  last: { readonly activation: string; readonly units: number } | undefined,
): Loss {
  if (last?.activation === "sigmoid" && last.units === 1) {
    return binaryCrossEntropy;
  }
  if (last?.activation === "softmax" && last.units > 1) {
    return categoricalCrossEntropy;
  }
  const end = last ? `${last.units} units with activation "${last.activation}"` : "no activation";
  throw new Error(
    `${owner}(): the model ends in ${end}; it must end in 1 unit with "sigmoid" (two classes) or in a "softmax" of at least 2 units`,
  );
}
