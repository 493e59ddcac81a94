import type { Stopped } from "./record.js";
import type { LayerPlace, ParameterPlace } from "./trainable.js";

/** What one network's step computed: all its numbers, flat. */
export interface NetworkStep {
  readonly loss: number;
  readonly gradient: Float32Array;
  readonly after: Float32Array;
  /** For each layer, whether all its z and a are finite. */
  readonly finiteLayers: readonly boolean[];
}

/**
 * Whether a step went beyond what numbers can hold, and if so where it began: the first layer and quantity, in
 * order of computation (activations forward, loss, gradient backward, weights). Undefined if all is well.
 */
export function findNotFinite(
  layers: readonly LayerPlace[],
  parameters: readonly ParameterPlace[],
  step: number,
  { loss, gradient, after, finiteLayers }: NetworkStep,
): Stopped | undefined {
  const firstBad = (flat: Float32Array, order: readonly ParameterPlace[]): string | undefined =>
    order.find(({ of }) => !allFinite(of(flat)))?.layer;
  if (!Number.isFinite(loss) || !allFinite(gradient)) {
    const place = finiteLayers.indexOf(false);
    if (place >= 0) {
      return stoppedAt(step, "activations", layers[place]!.name);
    }
    return Number.isFinite(loss)
      ? stoppedAt(step, "gradient", firstBad(gradient, parameters.toReversed()))
      : stoppedAt(step, "loss");
  }
  const layer = firstBad(after, parameters);
  return layer === undefined ? undefined : stoppedAt(step, "weights", layer);
}

function stoppedAt(step: number, quantity: NonNullable<Stopped["quantity"]>, layer?: string): Stopped {
  const where = layer === undefined ? "" : ` of layer "${layer}"`;
  const message = `a number in the ${quantity}${where} is not finite (NaN or Infinity) at step ${step}`;
  const stopped = { reason: "not finite", step, quantity, message } as const;
  return layer === undefined ? stopped : { ...stopped, layer };
}

/** Whether all values are finite. */
export function allFinite(values: Float32Array): boolean {
  return values.every(Number.isFinite);
}
