import type { tf } from "../tensorflow/tf.js";
import { activationNames, activations } from "./activations.js";

/**
 * What function a layer is, if it is nothing but one (ReLU, LeakyReLU, ELU, Softmax): its name in the table of activations where
 * its settings are those of the table; else that name and its settings, as in "leakyRelu with alpha 0.3".
 */
export function activationOfLayer(layer: tf.layers.Layer): string | undefined {
  if (layer.getClassName() === "Softmax") {
    return "softmax";
  }
  const own = settingsOf(layer);
  const related = activationNames.flatMap((name) => {
    const made = activations[name].layer?.();
    return made?.getClassName() === layer.getClassName() ? [{ name, settings: settingsOf(made) }] : [];
  });
  const same = related.find(({ settings }) => settings.join() === own.join());
  const [first] = related;
  return same?.name ?? (first && `${first.name} with ${own.join(", ")}`);
}

/** A layer's settings but those that every layer has. */
function settingsOf(layer: tf.layers.Layer): string[] {
  const common = ["name", "trainable", "batchInputShape", "dtype"];
  return Object.entries(layer.getConfig())
    .filter(([key, value]) => !common.includes(key) && value != null)
    .map(([key, value]) => `${key} ${Number(value)}`);
}
