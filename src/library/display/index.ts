/**
 * Shows figures, tables and progress in a notebook.
 *
 * @module display
 */
import { inNotebook } from "./notebook.js";
import { startRenderer } from "./pngNode.js";

export { showFigure } from "./showFigure.js";
export { renderPng } from "./pngNode.js";
export { progressBar } from "./progressBar.js";
export { type Row, showSummary, showTable, type TableOptions } from "./showTable.js";

// By the time of the first figure, what draws it is ready. Not when a submission is run for marks: few draw one.
if (inNotebook() && process.env["NBGRADER_EXECUTION"] === undefined) {
  startRenderer();
}
