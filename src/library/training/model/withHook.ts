import { tf } from "../../tensorflow/tf.js";

/** The same tensor; the gradient that comes back to it is shown to `look`. */
export function withHook(tensor: tf.Tensor, look: (gradient: tf.Tensor) => void): tf.Tensor {
  const hooked = tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (gradient: tf.Tensor) => {
      look(gradient);
      return gradient.clone();
    },
  }));
  return hooked(tensor);
}
