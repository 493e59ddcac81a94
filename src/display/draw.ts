import type { Data, Layout } from "plotly.js-dist";
import { loadPlotly } from "./page.js";
import type { RenderRequest } from "./png.js";
import { svgToPng } from "./svgToPng.js";

const plotly = loadPlotly();

/** Draws a figure as a PNG. It changes the figure: plotly fills in what it is given. */
export async function drawPng(request: Omit<RenderRequest, "port" | "done">): Promise<Uint8Array> {
  const { figure, width, height, scale } = request;
  const { data, layout } = figure as { data: Data[]; layout: Partial<Layout> };
  const url = await plotly.toImage({ data, layout }, { format: "svg", width, height });
  // resvg does not know quotes in a reference.
  const svg = decodeURIComponent(url.slice(url.indexOf(",") + 1)).replace(/url\('(#[^']*)'\)/g, "url($1)");
  return svgToPng(svg, scale);
}
