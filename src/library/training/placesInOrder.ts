import { tf } from "../tensorflow/tf.js";
import type { ParameterPlace } from "./trainable.js";

/** Where arrays lie whose numbers follow one another, each in its own shape's order. */
export function placesInOrder(
  arrays: readonly Pick<ParameterPlace, "layer" | "name" | "shape">[],
): ParameterPlace[] {
  let start = 0;
  return arrays.map(({ layer, name, shape }): ParameterPlace => {
    const first = start;
    start += tf.util.sizeFromShape([...shape]);
    const end = start;
    return { layer, name, shape, of: (network) => network.subarray(first, end) };
  });
}
