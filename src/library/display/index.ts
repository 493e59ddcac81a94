/**
 * Shows figures, tables and progress in a notebook.
 *
 * @module display
 */
import { inNotebook } from "./notebook.js";
import { startRenderer } from "./png.js";

export { showFigure } from "./figure.js";
export { renderPng } from "./png.js";
export { progressBar } from "./progress.js";
export { type Row, showSummary, showTable, type TableOptions } from "./table.js";

// By the time of the first figure, what draws it is ready. Not when a submission is run for marks: few draw one.
if (inNotebook() && process.env["NBGRADER_EXECUTION"] === undefined) {
  startRenderer();
}
