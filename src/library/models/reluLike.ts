import { tf } from "../tensorflow/tf.js";
import { tableOf } from "./activation.js";
import { logistic, softplusOf } from "./activationMath.js";

/** The slope of leaky ReLU below 0. */
export const LEAKY_SLOPE = 0.01;

/** SELU's two constants (Klambauer et al. 2017), to the digits that tfjs keeps. */
const SELU_SCALE = 1.0507009873554805;
const SELU_SCALED_ALPHA = 1.7580993408473768;

/** Functions that become straight lines on the right. */
export const reluLike = tableOf({
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
    output: softplusOf,
    derivative: logistic,
    steepest: 1,
    saturates: false,
    hasFlatPart: false,
    layersName: "softplus",
    tensorOutput: tf.softplus,
    tensorBackward: (upstream, z) => upstream.mul(z.sigmoid()),
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
});
