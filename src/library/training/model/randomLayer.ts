import type { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";

/** What a layer does in training mode, with the numbers that it draws from outside. */
export type RandomLayer = (inputs: tf.Tensor, draw: Tools["draw"]) => tf.Tensor;

/** The settings of tfjs-layers' dropout and noise. */
interface Settings {
  readonly rate?: number;
  readonly stddev?: number;
  readonly seed?: number | null;
  readonly noiseShape?: readonly (number | null)[] | null;
}

/**
 * What a layer of dropout or noise computes in training mode, by its own formula in tfjs-layers. Undefined for other
 * layers, and for one with a seed of its own, which drops the same at each step: it needs nothing from outside.
 */
export function randomLayer(layer: tf.layers.Layer): RandomLayer | undefined {
  const { rate = 0, stddev = 0, seed, noiseShape } = layer.getConfig() as Settings;
  if (seed !== undefined && seed !== null) {
    return undefined;
  }
  const maskShape = (shape: readonly number[]): number[] =>
    shape.map((length, axis) => noiseShape?.[axis] ?? length);
  switch (layer.getClassName()) {
    case "Dropout":
      return (inputs, draw) =>
        rate > 0 ? drop(inputs, rate, draw("uniform", maskShape(inputs.shape))) : inputs;
    case "SpatialDropout1D":
      return (inputs, draw) => {
        const [examples, , channels] = inputs.shape as [number, number, number];
        return rate > 0 ? drop(inputs, rate, draw("uniform", [examples, 1, channels])) : inputs;
      };
    case "GaussianNoise":
      return (inputs, draw) => inputs.add(draw("normal", inputs.shape).mul(stddev));
    case "GaussianDropout":
      return (inputs, draw) =>
        rate > 0 && rate < 1
          ? inputs.mul(
              draw("normal", inputs.shape)
                .mul(Math.sqrt(rate / (1 - rate)))
                .add(1),
            )
          : inputs;
    default:
      return undefined;
  }
}

/** Drops a share of the numbers, and scales up the others. */
export function drop(inputs: tf.Tensor, rate: number, uniform: tf.Tensor): tf.Tensor {
  const kept = 1 - rate;
  return inputs.mul(uniform.add(kept).floor().div(kept));
}
