/**
 * Checks and predictions for assignments.
 *
 * @module assignments
 */
export * from "./expectations.js";
export * from "./predictions.js";
