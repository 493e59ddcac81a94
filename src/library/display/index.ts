/**
 * Shows figures, tables and progress in a notebook; saves figures.
 *
 * @module display
 */
import { inNotebook } from "./notebook.js";
import { startRendererEarly } from "./pngNode.js";

export { checkClaims } from "./checkClaims.js";
export { countIs } from "./countIs.js";
export { medianIs } from "./medianIs.js";
export { liveFigure, type LiveFigureOptions } from "./liveFigure.js";
export { medianRows, type MedianRow, quartileText } from "./medianRows.js";
export { renderPng } from "./pngNode.js";
export { progressBar } from "./progressBar.js";
export { saveFigure } from "./saveFigureNode.js";
export { showFigure } from "./showFigure.js";
export { type Row, showSummary, showTable, type TableOptions } from "./showTable.js";

// By the time of the first figure, what draws it is ready.
if (inNotebook()) {
  startRendererEarly();
}
