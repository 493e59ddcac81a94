/** What every page of the site loads: figures, those that train networks, and the bar that runs a lesson. */
import { drawFrame, figureOf, makeFrame, setFigure } from "./figureFrame.js";
import { watchFigures, watchFrame } from "./figures.js";
import { makeLiveFigures } from "./live.js";
import { beside, loadPlotly } from "./plotly.js";
import { makeStartBar } from "./startBar.js";

/** What the script that runs a lesson gets from this one, which is there already. */
export const tools = { beside, drawFrame, figureOf, loadPlotly, makeFrame, setFigure, watchFrame };
export type Tools = typeof tools;

watchFigures();
makeLiveFigures();
const place = document.querySelector<HTMLElement>(".run-bar");
if (place) {
  makeStartBar(place, tools);
}
