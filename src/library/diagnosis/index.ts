/**
 * Names what keeps a network from learning, and tries what helps.
 *
 * @module diagnosis
 */
export { type CureName, cureNames } from "./cures.js";
export { diagnose, type DiagnoseOptions, type Diagnosis, type Finding, type Verdict } from "./diagnose.js";
export { type Disease, diseaseNames } from "./diseases.js";
export { type CureReport, type TriedCure, tryCures, type TryCuresOptions } from "./tryCures.js";
