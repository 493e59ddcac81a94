/**
 * Measures of a record: change, gradient and saturation by layer, medians, who learned.
 *
 * @module measures
 */
export * from "./byLayer.js";
export * from "./learning.js";
export * from "./outcomes.js";
export * from "./statistics.js";
