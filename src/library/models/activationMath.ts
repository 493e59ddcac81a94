import { errorFunction } from "simple-statistics";

/** The logistic function. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** ln(1 + e^z), without overflow. */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

export const tanhDerivative = (z: number): number => 1 - Math.tanh(z) ** 2;

/** Distribution function and density of the standard normal distribution. */
export const normalShare = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;
export const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** The slope of leaky ReLU below 0. */
export const LEAKY_SLOPE = 0.01;

/** SELU's two constants (Klambauer et al. 2017), to the digits that tfjs keeps. */
export const SELU_SCALE = 1.0507009873554805;
export const SELU_SCALED_ALPHA = 1.7580993408473768;

/** Constants of GELU's approximation by tanh (Hendrycks and Gimpel 2016): the inner function is ROOT (z + CUBE z^3). */
export const GELU_ROOT = Math.sqrt(2 / Math.PI);
export const GELU_CUBE = 0.044715;
export const geluInner = (z: number): number => GELU_ROOT * (z + GELU_CUBE * z ** 3);
