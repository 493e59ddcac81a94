import { Resvg, type ResvgRenderOptions } from "@resvg/resvg-js";
import { join } from "node:path";

/** The family whose files come with the project, so that figures look the same everywhere. */
export const FONT_FAMILY = "Open Sans";

const FONT_FILES = ["OpenSans-Regular.ttf", "OpenSans-Bold.ttf"].map((name) =>
  join(__dirname, "..", "..", "display", "fonts", name),
);

const options: ResvgRenderOptions = {
  font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: FONT_FAMILY },
};

/** Draws an SVG as a PNG, with this many pixels for each of its own. */
export function svgToPng(svg: string, scale: number): Uint8Array {
  return new Resvg(svg, { ...options, fitTo: { mode: "zoom", value: scale } }).render().asPng();
}

const widths = new Map<string, number>();

/** How wide a line of text, as the content of an SVG <text>, is drawn. */
export function textWidth(content: string, style: string): number {
  const text = `<text style="font-family:'${FONT_FAMILY}';${style}">${content}</text>`;
  let width = widths.get(text);
  if (width === undefined) {
    width = new Resvg(`<svg xmlns="http://www.w3.org/2000/svg">${text}</svg>`, options).getBBox()?.width ?? 0;
    widths.set(text, width);
  }
  return width;
}
