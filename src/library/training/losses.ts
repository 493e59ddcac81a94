import * as tf from "@tensorflow/tfjs-node";
import { activations } from "../models/activations.js";
import type { Passage } from "./watch.js";

/**
 * A classifier's loss, computed from the last pre-activations z (logits), not from rounded probabilities, so that
 * no gradient is lost where a probability is nearly 0 or 1. Keras does the same.
 */
export interface Loss {
  /** Mean loss over the examples, in nats. `z` is flat, [examples * outputs]. */
  readonly mean: (z: Float32Array, labels: Int32Array) => number;
  /** Number of examples whose class z names rightly. `z` is flat, [examples * outputs]. */
  readonly right: (z: Float32Array, labels: Int32Array) => number;
  /** What the network predicts: a = f(z) of its output layer, of z's shape. */
  readonly probabilities: (z: tf.Tensor) => tf.Tensor;
  /** What they should be: [examples, outputs]. */
  readonly targets: (labels: Int32Array, outputs: number) => tf.Tensor;
}

/** Binary cross-entropy after a sigmoid: softplus(z) - label * z. */
export const binaryCrossEntropy: Loss = {
  mean: (z, labels) => {
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      sum += softplus(z[i]!) - labels[i]! * z[i]!;
    }
    return sum / labels.length;
  },
  right: (z, labels) => labels.filter((label, i) => (label === 1 ? z[i]! > 0 : z[i]! <= 0)).length,
  probabilities: tf.sigmoid,
  targets: (labels) => tf.tensor2d(Float32Array.from(labels), [labels.length, 1]),
};

/** Categorical cross-entropy after a softmax: log(sum(exp(z))) - z of the right class. */
export const categoricalCrossEntropy: Loss = {
  mean: (z, labels) => {
    const classes = z.length / labels.length;
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      const start = i * classes;
      let largest = z[start]!;
      for (let c = 1; c < classes; c++) {
        largest = Math.max(largest, z[start + c]!);
      }
      let exponentials = 0;
      for (let c = 0; c < classes; c++) {
        exponentials += Math.exp(z[start + c]! - largest);
      }
      sum += Math.log(exponentials) + largest - z[start + labels[i]!]!;
    }
    return sum / labels.length;
  },
  // The largest z names the class; the first of several.
  right: (z, labels) => {
    const classes = z.length / labels.length;
    let count = 0;
    for (let i = 0; i < labels.length; i++) {
      const own = z[i * classes + labels[i]!]!;
      let isLargest = true;
      for (let c = 0; c < classes && isLargest; c++) {
        const other = z[i * classes + c]!;
        isLargest = c < labels[i]! ? own > other : own >= other;
      }
      count += isLargest ? 1 : 0;
    }
    return count;
  },
  probabilities: (z) => tf.softmax(z),
  targets: oneHot,
};

/**
 * delta = dL/dz of the mean loss over the examples, of either loss: (predicted probability - target) / examples.
 * `probabilities` is [..., examples, outputs].
 */
export function outputDelta(loss: Loss, probabilities: tf.Tensor, labels: Int32Array): tf.Tensor {
  const targets = loss.targets(labels, probabilities.shape.at(-1)!);
  return probabilities.sub(targets).div(labels.length);
}

/** The loss of a network with so many outputs: see `MlpSpec`. */
export function lossOf(outputs: number): Loss {
  return outputs === 1 ? binaryCrossEntropy : categoricalCrossEntropy;
}

/** The mean loss as a scalar that automatic differentiation can start from. `z` is [examples, outputs]. */
export function lossTensor(loss: Loss, z: tf.Tensor, labels: Int32Array): tf.Scalar {
  const value = loss.mean(z.dataSync<"float32">(), labels);
  const scalarOf = tf.customGrad((input) => ({
    value: tf.scalar(value),
    gradFunc: (upstream: tf.Tensor) =>
      outputDelta(loss, loss.probabilities(input as tf.Tensor), labels).mul(upstream),
  }));
  return scalarOf(z) as tf.Scalar;
}

const softplus = activations.softplus.output;

function oneHot(labels: Int32Array, classes: number): tf.Tensor2D {
  const values = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (values[i * classes + label] = 1));
  return tf.tensor2d(values, [labels.length, classes]);
}

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
