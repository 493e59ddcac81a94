import { tf } from "../tensorflow/tf.js";
import { type FloatFormatName, floatFormats } from "./floatFormats.js";

/** What float32 splits without a product that is too large. */
const SPLITS = 2 ** 100;

/**
 * Each number of a float32 tensor, rounded to the nearest one of a format: see `roundTo`. (TensorFlow takes numbers below
 * 2^-126 for 0, in every format.)
 */
export function roundTensor(x: tf.Tensor, name: FloatFormatName): tf.Tensor {
  if (name === "float32") {
    return x;
  }
  const { significandBits, smallestExponent, largest, smallest } = floatFormats[name];
  // Dekker's splitting of a number into halves (1971): the upper one is the number, rounded to so many bits. Of large
  // numbers, whose product would be infinite, it is taken a good deal smaller.
  const upper = (part: tf.Tensor): tf.Tensor => {
    const product = part.mul(2 ** (24 - significandBits) + 1);
    return product.add(part.sub(product));
  };
  const size = x.abs();
  const rounded =
    largest < SPLITS ? upper(x) : tf.where(size.less(SPLITS), upper(x), upper(x.div(SPLITS)).mul(SPLITS));
  // Below the smallest exponent numbers are multiples of the smallest one. tf.round rounds halves to even ones.
  const inRange =
    smallestExponent > -126
      ? tf.where(size.less(2 ** smallestExponent), x.div(smallest).round().mul(smallest), rounded)
      : rounded;
  // Halfway to the number that would come next, and beyond, all is infinite.
  const tooLarge = (largest / (2 - 2 ** (1 - significandBits))) * (2 - 2 ** -significandBits);
  const outside = tf.where(size.less(tooLarge), x.sign().mul(largest), x.mul(Infinity));
  return tf.where(size.lessEqual(largest), inRange, outside);
}
