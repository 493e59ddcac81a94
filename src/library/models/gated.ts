import { tf } from "../tensorflow/tf.js";
import { errorFunction } from "simple-statistics";
import { tableOf } from "./activation.js";
import { logistic, softplusOf } from "./activationMath.js";

/** Distribution function and density of the standard normal distribution. */
const normalShare = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;
const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** GELU's approximation by tanh g (Hendrycks and Gimpel 2016), with g = ROOT (z + CUBE z^3). */
const GELU_ROOT = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;
const geluInner = (z: number): number => GELU_ROOT * (z + GELU_CUBE * z ** 3);

/** Functions z g(z) with a gate g from 0 to 1. */
export const gated = tableOf({
  swish: {
    output: (z) => z * logistic(z),
    derivative: (z) => logistic(z) + z * logistic(z) * logistic(-z),
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
    output: (z) => z * Math.tanh(softplusOf(z)),
    derivative: (z) => Math.tanh(softplusOf(z)) + z * (1 - Math.tanh(softplusOf(z)) ** 2) * logistic(z),
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
    output: (z) => z * logistic(2 * geluInner(z)),
    derivative: (z) => {
      const g = geluInner(z);
      return (
        logistic(2 * g) + z * logistic(2 * g) * logistic(-2 * g) * 2 * GELU_ROOT * (1 + 3 * GELU_CUBE * z * z)
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
});

/** The gate of `gelu_new`, for z and its square. */
function geluGate(z: tf.Tensor, square: tf.Tensor): tf.Tensor {
  return square
    .mul(2 * GELU_CUBE * GELU_ROOT)
    .add(2 * GELU_ROOT)
    .mul(z)
    .sigmoid();
}
