import { loadPlotly } from "./pageNode.js";
import type { RenderRequest } from "./pngNode.js";
import { svgToPng } from "./svgToPngNode.js";

const plotly = loadPlotly();

/** Draws a figure as a PNG or an SVG. It changes the figure: plotly fills in what it is given. */
export async function drawPicture(request: Omit<RenderRequest, "port" | "done">): Promise<Uint8Array> {
  const { figure, format, width, height, scale } = request;
  const url = await plotly.toImage(figure as object as Parameters<typeof plotly.toImage>[0], {
    format: "svg",
    width,
    height,
  });
  // resvg does not know quotes in a reference.
  const svg = decodeURIComponent(url.slice(url.indexOf(",") + 1)).replace(/url\('(#[^']*)'\)/g, "url($1)");
  return format === "svg" ? Buffer.from(svg) : svgToPng(svg, scale);
}
