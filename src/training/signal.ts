import { activations, isActivationName } from "../models/activations.js";

/** What passed through one layer's activation function in one forward pass. */
export interface Signal {
  /** Name of the layer with the kernel before it. */
  readonly layer: string;
  /** Name of the activation function. */
  readonly activation: string;
  readonly units: number;
  /** z, what entered, flat, [examples * units]. */
  readonly z: Float32Array;
  /** a = f(z), what left. */
  readonly a: Float32Array;
}

/** The same, summed up. */
export interface SignalSummary extends Pick<Signal, "layer" | "activation" | "units"> {
  readonly preActivations: Moments;
  readonly activations: Moments;
  readonly saturated: number;
  readonly dead: number;
}

/** Mean and standard deviation. */
export interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** Sums up a signal. */
export function summarize({ layer, activation, units, z, a }: Signal): SignalSummary {
  return {
    ...{ layer, activation, units },
    preActivations: moments(z),
    activations: moments(a),
    ...saturationAndDeath(activation, z, units),
  };
}

/** Mean and standard deviation (of the population). */
export function moments(values: Float32Array): Moments {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
  }
  return { mean, std: Math.sqrt(squares / values.length) };
}

/** An activation passes little gradient where |f'(z)| is below this share of its largest value. */
export const SATURATION_LIMIT = 0.05;

/**
 * Share of z where the activation function is saturated, and share of units for which f'(z) = 0 in every example.
 * `z` is flat, [examples * units]. Both are NaN for a function that is not in the table (softmax).
 */
export function saturationAndDeath(
  activation: string,
  z: Float32Array,
  units: number,
): { saturated: number; dead: number } {
  if (!isActivationName(activation)) {
    return { saturated: NaN, dead: NaN };
  }
  const { derivative, steepest } = activations[activation];
  const limit = SATURATION_LIMIT * steepest;
  const alive = new Uint8Array(units);
  let saturated = 0;
  for (let i = 0; i < z.length; i++) {
    const slope = Math.abs(derivative(z[i]!));
    if (slope < limit) {
      saturated += 1;
    }
    if (slope > 0) {
      alive[i % units] = 1;
    }
  }
  const dead = alive.reduce((count, flag) => count + (1 - flag), 0);
  return { saturated: saturated / z.length, dead: dead / units };
}
