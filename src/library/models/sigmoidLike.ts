import { tf } from "../tensorflow/tf.js";
import { tableOf } from "./activation.js";
import { logistic } from "./activationMath.js";

/** Functions that flatten out on both sides. */
export const sigmoidLike = tableOf({
  sigmoid: {
    output: logistic,
    derivative: (z) => logistic(z) * logistic(-z),
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
    derivative: (z) => 1 - Math.tanh(z) ** 2,
    steepest: 1,
    saturates: true,
    hasFlatPart: false,
    layersName: "tanh",
    tensorOutput: tf.tanh,
    tensorBackward: (upstream, _z, a) => upstream.mul(tf.sub(1, a.square())),
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
    tensorBackward: (upstream, z) => upstream.mul(z.abs().lessEqual(2.5).toFloat()).mul(0.2),
  },
});
