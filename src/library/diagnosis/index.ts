/**
 * Names what keeps a network from learning.
 *
 * @module diagnosis
 */
export { diagnose, type Diagnosis, type Finding, type Verdict } from "./diagnose.js";
export { type Disease, diseaseNames } from "./diseases.js";
