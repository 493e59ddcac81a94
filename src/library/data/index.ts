/**
 * Data sets: Iris, circles, digits, waves, the adding problem, your own; how they are split and standardized.
 *
 * @module data
 */
export { type AddingOptions, makeAddingProblem } from "./addingProblem.js";
export { makeCircles, type CirclesOptions } from "./circles.js";
export { loadCircles, loadCirclesSplit } from "./originalCircles.js";
export {
  selectExamples,
  toTensors,
  type AnyDataset,
  type Dataset,
  type Split,
  type TargetDataset,
} from "./dataset.js";
export { parseCsv, type CsvFormat } from "./csv.js";
export { loadCsv } from "./csvNode.js";
export {
  datasetFromRows,
  type ColumnOptions,
  type ExampleRow,
  type LabelOptions,
  type TargetOptions,
} from "./rows.js";
export { type KnownCase, type KnownFinding, knownCasesToCsv, loadKnownCases } from "./knownCases.js";
export { makeWaves, type WavesOptions } from "./waves.js";
export { makeLookups, type LookupsOptions } from "./lookups.js";
export { loadDigits, type DigitsOptions } from "./digits.js";
export { loadIris } from "./iris.js";
export { splitTrainTest, standardize, type SplitOptions } from "./split.js";
