/**
 * Data sets: Iris, circles, digits; how they are split and standardized.
 *
 * @module data
 */
export { makeCircles, type CirclesOptions } from "./circles.js";
export { loadCircles, loadCirclesSplit } from "./circlesNode.js";
export { selectExamples, toTensors, type Dataset, type Split } from "./dataset.js";
export { loadDigits, type DigitsOptions } from "./digitsNode.js";
export { loadIris } from "./iris.js";
export { splitTrainTest, standardize, type SplitOptions } from "./split.js";
