import type { tf } from "../../tensorflow/tf.js";
import { type LossName, lossNames } from "../losses.js";
import { optimizerNames, type OptimizerRecord } from "../optimizers.js";

/** An optimizer's settings in the table of optimizers, by their names in tfjs. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rmsprop: { decay: "rho" },
  adagrad: { initialAccumulatorValue: "initialAccumulator" },
};

/** The learning rate as it is now: a callback may change it. NaN if the optimizer has none. */
export function learningRateOf(optimizer: tf.Optimizer): number {
  // Public in JavaScript, but not in the types.
  const { learningRate } = optimizer as unknown as { readonly learningRate?: unknown };
  return typeof learningRate === "number" ? learningRate : NaN;
}

/** A compiled model's optimizer, as a record tells of it; "custom" if it is none of the table. */
export function optimizerOf(optimizer: tf.Optimizer): OptimizerRecord {
  const { useNesterov, centered, ...config } = optimizer.getConfig();
  const className = optimizer.getClassName().toLowerCase();
  const wanted = useNesterov === true ? "nesterov" : centered === true ? "custom" : className;
  const names = SETTINGS[wanted] ?? {};
  const settings = Object.entries(config).flatMap(([name, value]) =>
    typeof value === "number" || typeof value === "string" ? [[names[name] ?? name, value] as const] : [],
  );
  return {
    ...Object.fromEntries(settings),
    name: optimizerNames.find((name) => name === wanted) ?? "custom",
    learningRate: learningRateOf(optimizer),
  };
}

/** A compiled model's loss; "custom" if it is none of the table, or one of several. */
export function lossNameOf({ loss }: tf.LayersModel): LossName | "custom" {
  if (typeof loss !== "string") {
    return "custom";
  }
  // What is sparse is how targets are written, not the loss.
  const wanted = loss.replace(/^sparseCategorical/, "categorical");
  return lossNames.find((name) => name === wanted) ?? "custom";
}
