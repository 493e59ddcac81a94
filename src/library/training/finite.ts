import type { Stopped } from "./record.js";
import type { ParameterPlace } from "./recorder.js";
import type { Signal } from "./signal.js";

/**
 * Whether a step went beyond what numbers can hold, and if so where it began: the first layer and quantity, in
 * order of computation (activations forward, loss, gradient backward, weights). Undefined if all is well.
 */
export function findNotFinite(
  parameters: readonly ParameterPlace[],
  step: number,
  pass: { readonly loss: number; readonly gradient: Float32Array; readonly signals: readonly Signal[] },
  after: Float32Array,
): Stopped | undefined {
  const firstBad = (flat: Float32Array, backward: boolean): string | undefined => {
    const order = backward ? parameters.toReversed() : parameters;
    return order.find(({ start, end }) => !allFinite(flat.subarray(start, end)))?.layer;
  };
  const found = (quantity: NonNullable<Stopped["quantity"]>, layer?: string): Stopped => ({
    reason: "not finite",
    step,
    quantity,
    ...(layer === undefined ? {} : { layer }),
    message: `a number in the ${quantity}${layer === undefined ? "" : ` of layer "${layer}"`} is not finite (NaN or Infinity) at step ${step}`,
  });
  const lossOrGradient = !Number.isFinite(pass.loss) || !allFinite(pass.gradient);
  if (lossOrGradient) {
    const signal = pass.signals.find(({ z, a }) => !allFinite(z) || !allFinite(a));
    if (signal) {
      return found("activations", signal.layer);
    }
    return Number.isFinite(pass.loss) ? found("gradient", firstBad(pass.gradient, true)) : found("loss");
  }
  const layer = firstBad(after, false);
  return layer === undefined ? undefined : found("weights", layer);
}

/** Whether all values are finite. */
export function allFinite(values: Float32Array): boolean {
  return values.every(Number.isFinite);
}
