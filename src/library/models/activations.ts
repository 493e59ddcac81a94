import type { Activation } from "./activation.js";
import { gated } from "./gated.js";
import { reluLike } from "./reluLike.js";
import { sigmoidLike } from "./sigmoidLike.js";

/** The name of an activation function in the tables. */
export type ActivationName = keyof typeof sigmoidLike | keyof typeof reluLike | keyof typeof gated;

/**
 * Every activation function a hidden layer can have, under the name tfjs-layers gives it. To add one, add an entry to the
 * table of its kind, one of the three files above: networks, records, figures, diagnosis and tests read them.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  ...sigmoidLike,
  ...reluLike,
  ...gated,
};

/** All names in the tables, in their order. */
export const activationNames = Object.keys(activations) as ActivationName[];

/** Whether a name is in a table. */
export function isActivationName(name: string): name is ActivationName {
  return Object.hasOwn(activations, name);
}
