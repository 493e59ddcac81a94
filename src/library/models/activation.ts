import type { tf } from "../tensorflow/tf.js";

/** An activation function and all that is to be known of it: of one number, in float64, and of a whole tensor. */
export type Activation = ActivationFunction & InLayers;

interface ActivationFunction {
  /** a = f(z) */
  readonly output: (z: number) => number;
  /** da/dz = f'(z): what a gradient is multiplied by on its way back. At a kink it is 0 or the slope that tfjs takes. */
  readonly derivative: (z: number) => number;
  /** The largest |f'(z)| there is. */
  readonly steepest: number;
  /**
   * Whether it is steep around 0 and flattens out on both sides, as sigmoid does: then many saturated z are a fault. ReLU and
   * its relatives are flat for half of their z in good health.
   */
  readonly saturates: boolean;
  /**
   * Whether f'(z) is 0 in some part of the number line, as for ReLU below 0: a unit all of whose z lie there is dead. Others have
   * a slope of 0 only where float64 ends, such as tanh beyond 19.
   */
  readonly hasFlatPart: boolean;
  /** f for each number of a tensor. Plain operations of tfjs, so that it runs wherever tfjs does. */
  readonly tensorOutput: (z: tf.Tensor) => tf.Tensor;
  /**
   * upstream * f'(z): what is left of a gradient that comes back to a = f(z). Plain operations of tfjs, as few as there can be:
   * their count is what a small network's step costs.
   */
  readonly tensorBackward: (upstream: tf.Tensor, z: tf.Tensor, a: tf.Tensor) => tf.Tensor;
}

/** What a dense layer of tfjs-layers takes as its activation. */
export type LayersName = Parameters<typeof tf.layers.activation>[0]["activation"];

/** How tfjs-layers has a function: by name, as a layer that is this function and nothing else, or both. */
type InLayers =
  | { readonly layersName: LayersName; readonly layer?: MakeLayer }
  | { readonly layersName?: undefined; readonly layer: MakeLayer };

/** Makes the layer of tfjs-layers that is nothing but this function. */
export type MakeLayer = (name?: string) => tf.layers.Layer;

/** Checks a table's entries, and keeps their names as a type. */
export function tableOf<Name extends string>(
  entries: Readonly<Record<Name, Activation>>,
): Readonly<Record<Name, Activation>> {
  return entries;
}
