/**
 * What theory expects of the gradient.
 *
 * @module theory
 */
export { expectedGradientByLayer, linearizedFactor } from "./expectedGradient.js";
export { gaussianMean, gaussianProductMean } from "./gaussian.js";
export { criticalWeightStd, meanField, type MeanField, type RandomLayers } from "./meanField.js";
