/**
 * Measures of a record: change, gradient and saturation by layer, medians, who learned, and how sure that is.
 *
 * @module measures
 */
export * from "./layerMeasures.js";
export * from "./learning.js";
export * from "./outcomes.js";
export { type At, type Span } from "./recordedSteps.js";
export * from "./spreads.js";
export * from "./statistics.js";
export * from "./wilsonInterval.js";
