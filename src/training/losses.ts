import * as tf from "@tensorflow/tfjs-node";
import type { Passage } from "./watch.js";

/**
 * A classifier's loss, computed from the last pre-activations z (logits), not from rounded probabilities, so that
 * no gradient is lost where a probability is nearly 0 or 1. Keras does the same.
 */
export interface Loss {
  /** Mean loss over the examples, in nats, a scalar. z is [examples, outputs]. */
  readonly mean: (z: tf.Tensor, labels: Int32Array) => tf.Scalar;
  /** The class that z names for each example. `z` is flat, [examples * outputs]. */
  readonly predict: (z: Float32Array, examples: number) => number[];
}

/** Binary cross-entropy after a sigmoid: softplus(z) - label * z. */
const binaryCrossEntropy: Loss = {
  mean: (z, labels) =>
    tf.tidy(() => tf.mean(tf.softplus(z).sub(z.mul(tf.tensor(Float32Array.from(labels), z.shape))))),
  predict: (z) => Array.from(z, (value) => (value > 0 ? 1 : 0)),
};

/** Categorical cross-entropy after a softmax: log(sum(exp(z))) - z of the right class. */
const categoricalCrossEntropy: Loss = {
  mean: (z, labels) =>
    tf.tidy(() => {
      const classes = z.shape.at(-1)!;
      const oneHot = new Float32Array(labels.length * classes);
      labels.forEach((label, i) => (oneHot[i * classes + label] = 1));
      return tf.losses.softmaxCrossEntropy(tf.tensor2d(oneHot, [labels.length, classes]), z);
    }),
  predict: (z, examples) => {
    const classes = z.length / examples;
    return Array.from({ length: examples }, (_, i) => {
      const row = z.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
  },
};

/**
 * The loss that fits a model's last activation.
 *
 * @throws Error if the model does not end in one sigmoid unit (two classes) or in a softmax.
 */
export function lossFor(last: Passage | undefined): Loss {
  const outputs = last?.input.shape.at(-1);
  if (last?.activation === "sigmoid" && outputs === 1) {
    return binaryCrossEntropy;
  }
  if (last?.activation === "softmax") {
    return categoricalCrossEntropy;
  }
  throw new Error(
    `recordTraining(): the model ends in ${last ? `${outputs} units with activation "${last.activation}"` : "no activation"}; ` +
      `it must end in 1 unit with "sigmoid" (two classes) or in a "softmax" (two or more classes)`,
  );
}
