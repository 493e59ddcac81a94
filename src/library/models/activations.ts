import type { Activation } from "./activation.js";
import { gelu, gelu_new, mish, swish } from "./gated.js";
import { elu, leakyRelu, linear, relu, relu6, selu, softplus } from "./reluLike.js";
import { hardSigmoid, sigmoid, softsign, tanh } from "./sigmoidLike.js";

const TABLE = {
  sigmoid,
  tanh,
  relu,
  leakyRelu,
  relu6,
  elu,
  selu,
  softplus,
  softsign,
  hardSigmoid,
  swish,
  mish,
  gelu,
  gelu_new,
  linear,
} satisfies Record<string, Activation>;

/** The name of an activation function in the table. */
export type ActivationName = keyof typeof TABLE;

/**
 * Every activation function a hidden layer can have, under the name tfjs-layers gives it. To add one, add an
 * entry above (they are written in the files it imports): networks, records, figures and tests read this table.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = TABLE;

/** All names in the table, in its order. */
export const activationNames = Object.keys(activations) as ActivationName[];

/** Whether a name is in the table. */
export function isActivationName(name: string): name is ActivationName {
  return Object.hasOwn(activations, name);
}
