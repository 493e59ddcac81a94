import * as tf from "@tensorflow/tfjs-node";
import { errorFunction } from "simple-statistics";
import { float32, number, run } from "../tensorflow/operation.js";

/** An activation function and its derivative: of one number, in float64, and of a whole tensor. */
export interface Activation {
  /** a = f(z) */
  readonly output: (z: number) => number;
  /** da/dz = f'(z): what a gradient is multiplied by on its way back. At a kink it is 0 or the slope that tfjs takes. */
  readonly derivative: (z: number) => number;
  /** The largest |f'(z)| there is. */
  readonly steepest: number;
  /** f for each number of a tensor. */
  readonly tensorOutput: (z: tf.Tensor) => tf.Tensor;
  /**
   * upstream * f'(z): what is left of a gradient that comes back to a = f(z). Where one operation of TensorFlow does
   * it, that is taken. Not given: found by automatic differentiation.
   */
  readonly tensorBackward?: (upstream: tf.Tensor, z: tf.Tensor, a: tf.Tensor) => tf.Tensor;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const tanhDerivative = (z: number): number => 1 - Math.tanh(z) ** 2;

/** Distribution function and density of the standard normal distribution. */
const normalShare = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;
const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** SELU's two constants (Klambauer et al. 2017), to the digits that tfjs keeps. */
const SELU_SCALE = 1.0507009873554805;
const SELU_SCALED_ALPHA = 1.7580993408473768;

/** The inner function of GELU's approximation by tanh (Hendrycks and Gimpel 2016). */
const geluInner = (z: number): number => Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);

/** The slope of leaky ReLU below 0. */
export const LEAKY_SLOPE = 0.01;

const TABLE = {
  sigmoid: {
    output: sigmoid,
    derivative: (z) => sigmoid(z) * sigmoid(-z),
    steepest: 1 / 4,
    tensorOutput: tf.sigmoid,
    tensorBackward: (upstream, _z, a) => run("SigmoidGrad", [float32("T")], [a, upstream]),
  },
  tanh: {
    output: Math.tanh,
    derivative: tanhDerivative,
    steepest: 1,
    tensorOutput: tf.tanh,
    tensorBackward: (upstream, _z, a) => run("TanhGrad", [float32("T")], [a, upstream]),
  },
  relu: {
    output: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    steepest: 1,
    tensorOutput: tf.relu,
    tensorBackward: (upstream, z) => run("ReluGrad", [float32("T")], [upstream, z]),
  },
  leakyRelu: {
    output: (z) => (z > 0 ? z : LEAKY_SLOPE * z),
    derivative: (z) => (z > 0 ? 1 : LEAKY_SLOPE),
    steepest: 1,
    tensorOutput: (z) => tf.leakyRelu(z, LEAKY_SLOPE),
    tensorBackward: (upstream, z) =>
      run("LeakyReluGrad", [float32("T"), number("alpha", LEAKY_SLOPE)], [upstream, z]),
  },
  relu6: {
    output: (z) => Math.min(Math.max(z, 0), 6),
    derivative: (z) => (z > 0 && z < 6 ? 1 : 0),
    steepest: 1,
    tensorOutput: tf.relu6,
    tensorBackward: (upstream, z) => run("Relu6Grad", [float32("T")], [upstream, z]),
  },
  elu: {
    output: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    steepest: 1,
    tensorOutput: tf.elu,
    tensorBackward: (upstream, _z, a) => run("EluGrad", [float32("T")], [upstream, a]),
  },
  selu: {
    output: (z) => (z > 0 ? SELU_SCALE * z : SELU_SCALED_ALPHA * Math.expm1(z)),
    derivative: (z) => (z > 0 ? SELU_SCALE : SELU_SCALED_ALPHA * Math.exp(z)),
    steepest: SELU_SCALED_ALPHA,
    tensorOutput: tf.selu,
    tensorBackward: (upstream, z, a) =>
      upstream.mul(tf.where(z.greater(0), SELU_SCALE, a.add(SELU_SCALED_ALPHA))),
  },
  softplus: {
    output: softplus,
    derivative: sigmoid,
    steepest: 1,
    tensorOutput: tf.softplus,
    tensorBackward: (upstream, z) => run("SoftplusGrad", [float32("T")], [upstream, z]),
  },
  softsign: {
    output: (z) => z / (1 + Math.abs(z)),
    derivative: (z) => 1 / (1 + Math.abs(z)) ** 2,
    steepest: 1,
    tensorOutput: (z) => run("Softsign", [float32("T")], [z]),
    tensorBackward: (upstream, z) => run("SoftsignGrad", [float32("T")], [upstream, z]),
  },
  hardSigmoid: {
    output: (z) => Math.min(Math.max(0.2 * z + 0.5, 0), 1),
    derivative: (z) => (Math.abs(z) <= 2.5 ? 0.2 : 0),
    steepest: 0.2,
    tensorOutput: (z) => z.mul(0.2).add(0.5).clipByValue(0, 1),
  },
  swish: {
    output: (z) => z * sigmoid(z),
    derivative: (z) => sigmoid(z) + z * sigmoid(z) * sigmoid(-z),
    steepest: 1.0998393,
    tensorOutput: (z) => z.mul(tf.sigmoid(z)),
  },
  mish: {
    output: (z) => z * Math.tanh(softplus(z)),
    derivative: (z) => Math.tanh(softplus(z)) + z * tanhDerivative(softplus(z)) * sigmoid(z),
    steepest: 1.0884972,
    tensorOutput: (z) => z.mul(tf.tanh(tf.softplus(z))),
  },
  gelu: {
    output: (z) => z * normalShare(z),
    derivative: (z) => normalShare(z) + z * normalDensity(z),
    steepest: 1.1289042,
    tensorOutput: (z) => z.mul(tf.erf(z.div(Math.SQRT2)).add(1)).div(2),
  },
  gelu_new: {
    output: (z) => (z / 2) * (1 + Math.tanh(geluInner(z))),
    derivative: (z) =>
      (1 + Math.tanh(geluInner(z))) / 2 +
      (z / 2) * tanhDerivative(geluInner(z)) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z),
    steepest: 1.128993,
    tensorOutput: (z) => {
      const inner = z.add(z.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
      return z.mul(tf.tanh(inner).add(1)).div(2);
    },
  },
  linear: {
    output: (z) => z,
    derivative: () => 1,
    steepest: 1,
    tensorOutput: (z) => z.clone(),
    tensorBackward: (upstream) => upstream.clone(),
  },
} satisfies Record<string, Activation>;

/** The name of an activation function in the table. */
export type ActivationName = keyof typeof TABLE;

/**
 * Every activation function a hidden layer can have, under the name tfjs-layers gives it. To add one, add an
 * entry above: networks, records, figures and tests read this table.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = TABLE;

/** All names in the table, in its order. */
export const activationNames = Object.keys(activations) as ActivationName[];

/** Whether a name is in the table. */
export function isActivationName(name: string): name is ActivationName {
  return Object.hasOwn(activations, name);
}
