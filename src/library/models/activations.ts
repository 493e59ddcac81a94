import * as tf from "@tensorflow/tfjs-node";
import type { Activation } from "./activation.js";
import {
  GELU_CUBE,
  GELU_ROOT,
  geluInner,
  LEAKY_SLOPE,
  normalDensity,
  normalShare,
} from "./activationMath.js";
import { SELU_SCALE, SELU_SCALED_ALPHA, sigmoid, softplus, tanhDerivative } from "./activationMath.js";

const TABLE = {
  sigmoid: {
    output: sigmoid,
    derivative: (z) => sigmoid(z) * sigmoid(-z),
    steepest: 1 / 4,
    saturates: true,
    hasFlatPart: false,
    layersName: "sigmoid",
    tensorOutput: tf.sigmoid,
    // Not a - a^2, which cancels near 1; 1 - a is exact there.
    tensorBackward: (upstream, _z, a) => upstream.mul(a.mul(tf.sub(1, a))),
  },
  tanh: {
    output: Math.tanh,
    derivative: tanhDerivative,
    steepest: 1,
    saturates: true,
    hasFlatPart: false,
    layersName: "tanh",
    tensorOutput: tf.tanh,
    tensorBackward: (upstream, _z, a) => upstream.mul(tf.sub(1, a.square())),
  },
  relu: {
    output: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    steepest: 1,
    saturates: false,
    hasFlatPart: true,
    layersName: "relu",
    layer: (name) => tf.layers.reLU({ name }),
    tensorOutput: tf.relu,
    // a is 0 or above.
    tensorBackward: (upstream, _z, a) => upstream.mul(a.sign()),
  },
  leakyRelu: {
    output: (z) => (z > 0 ? z : LEAKY_SLOPE * z),
    derivative: (z) => (z > 0 ? 1 : LEAKY_SLOPE),
    steepest: 1,
    saturates: false,
    hasFlatPart: false,
    layer: (name) => tf.layers.leakyReLU({ alpha: LEAKY_SLOPE, name }),
    tensorOutput: (z) => tf.leakyRelu(z, LEAKY_SLOPE),
    tensorBackward: (upstream, z) => upstream.mul(z.sign().maximum(LEAKY_SLOPE)),
  },
  relu6: {
    output: (z) => Math.min(Math.max(z, 0), 6),
    derivative: (z) => (z > 0 && z < 6 ? 1 : 0),
    steepest: 1,
    saturates: false,
    hasFlatPart: true,
    layersName: "relu6",
    layer: (name) => tf.layers.reLU({ maxValue: 6, name }),
    tensorOutput: tf.relu6,
    // What is left of a after division by 6 is 0 for 0 and for 6, and a itself between.
    tensorBackward: (upstream, _z, a) => upstream.mul(a.mod(6).sign()),
  },
  elu: {
    output: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    steepest: 1,
    saturates: false,
    hasFlatPart: false,
    layersName: "elu",
    layer: (name) => tf.layers.elu({ alpha: 1, name }),
    tensorOutput: tf.elu,
    // Not a + 1, which cancels where z is far below 0.
    tensorBackward: (upstream, z) => upstream.mul(z.minimum(0).exp()),
  },
  selu: {
    output: (z) => (z > 0 ? SELU_SCALE * z : SELU_SCALED_ALPHA * Math.expm1(z)),
    derivative: (z) => (z > 0 ? SELU_SCALE : SELU_SCALED_ALPHA * Math.exp(z)),
    steepest: SELU_SCALED_ALPHA,
    saturates: false,
    hasFlatPart: false,
    layersName: "selu",
    tensorOutput: tf.selu,
    tensorBackward: (upstream, z) => {
      const below = upstream.mul(z.exp().mul(SELU_SCALED_ALPHA));
      return tf.where(z.greater(0), upstream.mul(SELU_SCALE), below);
    },
  },
  softplus: {
    output: softplus,
    derivative: sigmoid,
    steepest: 1,
    saturates: false,
    hasFlatPart: false,
    layersName: "softplus",
    tensorOutput: tf.softplus,
    tensorBackward: (upstream, z) => upstream.mul(z.sigmoid()),
  },
  softsign: {
    output: (z) => z / (1 + Math.abs(z)),
    derivative: (z) => 1 / (1 + Math.abs(z)) ** 2,
    steepest: 1,
    saturates: true,
    hasFlatPart: false,
    layersName: "softsign",
    tensorOutput: (z) => z.div(z.abs().add(1)),
    tensorBackward: (upstream, z) => upstream.div(z.abs().add(1).square()),
  },
  hardSigmoid: {
    output: (z) => Math.min(Math.max(0.2 * z + 0.5, 0), 1),
    derivative: (z) => (Math.abs(z) <= 2.5 ? 0.2 : 0),
    steepest: 0.2,
    saturates: true,
    hasFlatPart: true,
    layersName: "hardSigmoid",
    tensorOutput: (z) => z.mul(0.2).add(0.5).clipByValue(0, 1),
    tensorBackward: (upstream, z) => upstream.mul(z.abs().lessEqual(2.5)).mul(0.2),
  },
  swish: {
    output: (z) => z * sigmoid(z),
    derivative: (z) => sigmoid(z) + z * sigmoid(z) * sigmoid(-z),
    steepest: 1.0998393,
    saturates: false,
    hasFlatPart: false,
    layersName: "swish",
    tensorOutput: (z) => z.mul(z.sigmoid()),
    tensorBackward: (upstream, z, a) => {
      const s = z.sigmoid();
      return upstream.mul(s.add(a.mul(tf.sub(1, s))));
    },
  },
  mish: {
    output: (z) => z * Math.tanh(softplus(z)),
    derivative: (z) => Math.tanh(softplus(z)) + z * tanhDerivative(softplus(z)) * sigmoid(z),
    steepest: 1.0884972,
    saturates: false,
    hasFlatPart: false,
    layersName: "mish",
    tensorOutput: (z) => z.mul(z.softplus().tanh()),
    // With a = z t, z (1 - t^2) is z - a t.
    tensorBackward: (upstream, z, a) => {
      const t = z.softplus().tanh();
      return upstream.mul(t.add(z.sub(a.mul(t)).mul(z.sigmoid())));
    },
  },
  gelu: {
    output: (z) => z * normalShare(z),
    derivative: (z) => normalShare(z) + z * normalDensity(z),
    steepest: 1.1289042,
    saturates: false,
    hasFlatPart: false,
    layersName: "gelu",
    tensorOutput: (z) => z.mul(z.mul(Math.SQRT1_2).erf().add(1)).mul(0.5),
    // With u = z / sqrt 2: f' = (1 + erf u + 2 u e^(-u^2) / sqrt pi) / 2.
    tensorBackward: (upstream, z) => {
      const u = z.mul(Math.SQRT1_2);
      const density = tf.sub(Math.log(2 / Math.sqrt(Math.PI)), u.square()).exp();
      return upstream.mul(u.erf().add(1).add(u.mul(density)).mul(0.5));
    },
  },
  gelu_new: {
    // (1 + tanh g) / 2 is the sigmoid of 2 g, which does not cancel where g is far below 0.
    output: (z) => z * sigmoid(2 * geluInner(z)),
    derivative: (z) => {
      const g = geluInner(z);
      return (
        sigmoid(2 * g) + z * sigmoid(2 * g) * sigmoid(-2 * g) * 2 * GELU_ROOT * (1 + 3 * GELU_CUBE * z * z)
      );
    },
    steepest: 1.128993,
    saturates: false,
    hasFlatPart: false,
    layersName: "gelu_new",
    tensorOutput: (z) => z.mul(geluGate(z, z.square())),
    tensorBackward: (upstream, z, a) => {
      const square = z.square();
      const s = geluGate(z, square);
      const slope = square.mul(6 * GELU_CUBE * GELU_ROOT).add(2 * GELU_ROOT);
      return upstream.mul(s.add(a.mul(tf.sub(1, s)).mul(slope)));
    },
  },
  linear: {
    output: (z) => z,
    derivative: () => 1,
    steepest: 1,
    saturates: false,
    hasFlatPart: false,
    layersName: "linear",
    tensorOutput: (z) => z.clone(),
    tensorBackward: (upstream) => upstream.clone(),
  },
} satisfies Record<string, Activation>;

function geluGate(z: tf.Tensor, square: tf.Tensor): tf.Tensor {
  return square
    .mul(2 * GELU_CUBE * GELU_ROOT)
    .add(2 * GELU_ROOT)
    .mul(z)
    .sigmoid();
}

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
