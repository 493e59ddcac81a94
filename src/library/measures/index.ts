/**
 * Measures of a record: change, gradient and saturation by layer, medians, who learned, and how sure that is.
 *
 * @module measures
 */
export * from "./layerMeasures.js";
export * from "./learning.js";
export * from "./outcomes.js";
export { gradientNorm, type Size, sizeAt, updateRatioByLayer } from "./parameterSizes.js";
export { type RecordedSpan, type RecordedStep, weightLayers } from "./recordedSteps.js";
export * from "./singularValues.js";
export * from "./spreadOf.js";
export * from "./statistics.js";
export * from "./underflow.js";
export * from "./wilsonInterval.js";
export { gradientByTimeStep, type TimeStepOptions } from "./timeSteps.js";
export { type StateJacobians, stateJacobians } from "./stateJacobians.js";
