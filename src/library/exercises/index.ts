/**
 * Checks and predictions for exercises and assignments.
 *
 * @module exercises
 */
export * from "./expectations.js";
export * from "./personal.js";
export * from "./predictions.js";
export { answerOf, answerQuestions, type Ask } from "./submission.js";
