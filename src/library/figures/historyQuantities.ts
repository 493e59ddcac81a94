import { meanAbsOf, normOf, updateRatioOf } from "../measures/parameterSizes.js";
import type { LayerRecord } from "../training/record.js";
import { gradientFactors } from "./gradientFactors.js";
import type { ValueAxis } from "./valueAxis.js";

/** What can be followed over a training, layer by layer. */
export interface Quantity {
  /** Of each layer, as the start of a title. */
  readonly title: string;
  readonly axis: ValueAxis;
  /** One number for each recorded step; NaN where it cannot be measured. */
  readonly of: (layer: LayerRecord) => readonly number[];
}

/** Shares of 0 to 1. */
const share = (title: string): ValueAxis => ({ title, log: false, range: [-0.03, 1.03] });

/** To add a quantity, add an entry. */
const QUANTITIES = {
  gradient: gradientFactors.weights,
  gradientNorm: {
    title: "Norm of each layer's gradient",
    axis: { title: "‖dL/dW‖, nats per unit weight", log: true },
    of: ({ kernel }) => normOf(kernel, "gradient"),
  },
  preActivationGradient: gradientFactors.preActivations,
  input: gradientFactors.inputs,
  update: {
    title: "Update of each layer's weights",
    axis: { title: "mean |update| of a step", log: true },
    of: ({ kernel }) => meanAbsOf(kernel, "update"),
  },
  updateRatio: {
    title: "Update of each layer's weights over the weights",
    axis: { title: "rms of the update / rms of the weights", log: true },
    of: ({ kernel }) => updateRatioOf(kernel),
  },
  weightChange: {
    title: "Change of each layer's weights since the start",
    axis: { title: "mean |W − W at the start|", log: true },
    of: ({ kernel }) => meanAbsOf(kernel, "change"),
  },
  saturated: {
    title: "Saturated activations of each layer",
    axis: share("share of activations"),
    of: ({ saturated }) => saturated,
  },
  dead: {
    title: "Dead units of each layer",
    axis: share("share of units"),
    of: ({ dead }) => dead,
  },
} satisfies Record<string, Quantity>;

/** The name of what is followed over a training. */
export type HistoryQuantity = keyof typeof QUANTITIES;

export const quantities: Readonly<Record<HistoryQuantity, Quantity>> = QUANTITIES;

/** All names in the table, in its order. */
export const quantityNames = Object.keys(QUANTITIES) as HistoryQuantity[];
