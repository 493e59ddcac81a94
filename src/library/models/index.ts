/**
 * Activation functions with their derivatives, initializers, `buildMlp`, and seeds for it; formats of floating-point numbers.
 *
 * @module models
 */
export { type Activation, type MakeLayer } from "./activation.js";
export { activationNames, activations, type ActivationName } from "./activations.js";
export {
  type FloatFormat,
  type FloatFormatName,
  floatFormatNames,
  floatFormats,
  roundTo,
  spacing,
} from "./floatFormats.js";
export {
  initializerNames,
  type InitializerName,
  type InitializerSpec,
  type InitializerWithSettings,
  kernelVariance,
} from "./initializers.js";
export { buildMlp } from "./mlp.js";
export { type EnsembleSpec, type MlpSpec } from "./mlpSpec.js";
export { type TransformerSpec } from "./transformerSpec.js";
export { seedRange, type SeedRangeOptions } from "./seeds.js";
