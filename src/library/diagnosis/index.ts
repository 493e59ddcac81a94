/**
 * Names what keeps a network from learning.
 *
 * @module diagnosis
 */
export { diagnose, type Diagnosis, type Disease, type Finding } from "./diagnose.js";
