/**
 * Activation functions with their derivatives, initializers, and `buildMlp`.
 *
 * @module models
 */
export { activationNames, activations, type Activation, type ActivationName } from "./activations.js";
export {
  initializerNames,
  type InitializerName,
  type InitializerSpec,
  kernelVariance,
} from "./initializers.js";
export { buildMlp, type MlpSpec } from "./mlp.js";
