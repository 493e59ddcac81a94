import type { GradientFactor } from "../measures/layerMeasures.js";
import { meanAbsOf } from "../measures/parameterSizes.js";
import type { LayerRecord } from "../training/record.js";
import type { ValueAxis } from "./valueAxis.js";

/** How one of the three sizes is drawn of dL/dW = (what entered the layer) x (dL/dz). */
export interface FactorLook {
  /** As the start of a title that goes on with "at the first step". */
  readonly title: string;
  /** What it is called beside the others. */
  readonly symbol: string;
  readonly axis: ValueAxis;
  /** Of a layer, by recorded step; NaN where it cannot be measured. */
  readonly of: (layer: LayerRecord) => readonly number[];
}

const FACTORS = {
  weights: {
    title: "Gradient that reaches each layer's weights",
    symbol: "dL/dW",
    axis: { title: "mean |dL/dW|, nats per unit weight", log: true },
    of: ({ kernel }) => meanAbsOf(kernel, "gradient"),
  },
  preActivations: {
    title: "Gradient that reaches each layer's pre-activations",
    symbol: "dL/dz",
    axis: { title: "mean |dL/dz|, nats per unit of z", log: true },
    of: ({ preActivationGradient }) => preActivationGradient.meanAbs,
  },
  inputs: {
    title: "Size of what enters each layer",
    symbol: "input",
    axis: { title: "mean |input of the layer|", log: true },
    of: ({ input }) => input.meanAbs,
  },
} satisfies Record<GradientFactor, FactorLook>;

export const gradientFactors: Readonly<Record<GradientFactor, FactorLook>> = FACTORS;

/** All names in the table, in its order. */
export const gradientFactorNames = Object.keys(FACTORS) as GradientFactor[];
