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
  /** delta = dL/dz of that mean: (predicted probability - target) / examples, [..., examples, outputs] as z is. */
  readonly delta: (z: tf.Tensor, labels: Int32Array) => tf.Tensor;
  /** The class that z names for each example. `z` is flat, [examples * outputs]. */
  readonly predict: (z: Float32Array, examples: number) => number[];
}

/** Binary cross-entropy after a sigmoid: softplus(z) - label * z. */
export const binaryCrossEntropy: Loss = {
  mean: (z, labels) => mean(z, (value, i) => softplus(value) - value * labels[i]!),
  delta: (z, labels) => {
    const targets = tf.tensor2d(Float32Array.from(labels), [labels.length, 1]);
    return tf.sigmoid(z).sub(targets).div(labels.length);
  },
  predict: (z) => Array.from(z, (value) => (value > 0 ? 1 : 0)),
};

/** Categorical cross-entropy after a softmax: log(sum(exp(z))) - z of the right class. */
export const categoricalCrossEntropy: Loss = {
  mean: (z, labels) =>
    mean(labels, (label, i) => {
      const row = rowOf(z, labels.length, i);
      const largest = Math.max(...row);
      return Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0)) + largest - row[label]!;
    }),
  delta: (z, labels) => {
    const targets = oneHot(labels, z.shape.at(-1)!);
    return tf.softmax(z).sub(targets).div(labels.length);
  },
  predict: (z, examples) =>
    Array.from({ length: examples }, (_, i) => {
      const row = rowOf(z, examples, i);
      return row.indexOf(Math.max(...row));
    }),
};

/** The mean loss as a scalar that automatic differentiation can start from. `z` is [examples, outputs]. */
export function lossTensor(loss: Loss, z: tf.Tensor, labels: Int32Array): tf.Scalar {
  const value = loss.mean(z.dataSync<"float32">(), labels);
  const scalarOf = tf.customGrad((input) => ({
    value: tf.scalar(value),
    gradFunc: (upstream: tf.Tensor) => loss.delta(input as tf.Tensor, labels).mul(upstream),
  }));
  return scalarOf(z) as tf.Scalar;
}

/** Share of the examples that z names rightly. `z` is flat, [examples * outputs]. */
export function accuracyOf(loss: Loss, z: Float32Array, labels: Int32Array): number {
  const right = loss.predict(z, labels.length).filter((label, i) => label === labels[i]).length;
  return right / labels.length;
}

const softplus = activations.softplus.output;

function oneHot(labels: Int32Array, classes: number): tf.Tensor2D {
  const values = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (values[i * classes + label] = 1));
  return tf.tensor2d(values, [labels.length, classes]);
}

function rowOf(z: Float32Array, examples: number, i: number): Float32Array {
  const classes = z.length / examples;
  return z.subarray(i * classes, (i + 1) * classes);
}

function mean(list: Float32Array | Int32Array, of: (value: number, i: number) => number): number {
  let sum = 0;
  list.forEach((value, i) => (sum += of(value, i)));
  return sum / list.length;
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
