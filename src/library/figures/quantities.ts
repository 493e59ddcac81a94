import { weightChange } from "../measures/layerMeasures.js";
import { l2Norm, meanAbs } from "../measures/statistics.js";
import type { LayerRecord } from "../training/record.js";

/** What can be followed over a training, layer by layer. */
export interface Quantity {
  /** Of each layer, as the start of a title. */
  readonly title: string;
  readonly axis: string;
  /** Whether decades matter; shares of 0 to 1 need no log axis. */
  readonly log: boolean;
  /** One number for each recorded step. */
  readonly of: (layer: LayerRecord) => number[];
}

/** To add a quantity, add an entry. */
const QUANTITIES = {
  gradient: {
    ...{ title: "Gradient that reaches each layer's weights", axis: "mean |dL/dW|, nats per unit weight" },
    log: true,
    of: ({ kernel }) => kernel.gradient.map(meanAbs),
  },
  gradientNorm: {
    ...{ title: "Norm of each layer's gradient", axis: "‖dL/dW‖, nats per unit weight" },
    log: true,
    of: ({ kernel }) => kernel.gradient.map(l2Norm),
  },
  update: {
    ...{ title: "Update of each layer's weights", axis: "mean |update| of a step" },
    log: true,
    of: ({ kernel }) => kernel.update.map(meanAbs),
  },
  weightChange: {
    ...{ title: "Change of each layer's weights since the start", axis: "mean |W − W at the start|" },
    log: true,
    of: ({ kernel }) => kernel.after.map((_, to) => meanAbs(weightChange(kernel, { to }))),
  },
  saturated: {
    ...{ title: "Saturated activations of each layer", axis: "share of activations" },
    log: false,
    of: ({ saturated }) => [...saturated],
  },
  dead: {
    ...{ title: "Dead units of each layer", axis: "share of units" },
    log: false,
    of: ({ dead }) => [...dead],
  },
} satisfies Record<string, Quantity>;

/** The name of what is followed over a training. */
export type HistoryQuantity = keyof typeof QUANTITIES;

export const quantities: Readonly<Record<HistoryQuantity, Quantity>> = QUANTITIES;

/** All names in the table, in its order. */
export const quantityNames = Object.keys(QUANTITIES) as HistoryQuantity[];
