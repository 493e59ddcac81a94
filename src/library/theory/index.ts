/**
 * What theory expects of the gradient.
 *
 * @module theory
 */
export {
  expectedGradientByLayer,
  type InputSize,
  linearizedFactor,
  type LinearizedLayer,
} from "./expectedGradient.js";
export { gaussianMean, gaussianProductMean } from "./gaussian.js";
export { criticalWeightStd, meanField, type MeanField } from "./meanField.js";
export { type RandomLayers } from "./signalMaps.js";
