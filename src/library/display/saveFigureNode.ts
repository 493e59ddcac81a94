import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import type { Figure } from "../figures/plotlyFigure.js";
import { fail } from "../ground/validation.js";
import { figurePage } from "./figurePage.js";
import { plain } from "./plotlyJson.js";
import { renderPng, renderSvg } from "./pngNode.js";

/** To add a format, add an entry under the ending of its files. */
const FORMATS = {
  ".png": renderPng,
  ".svg": renderSvg,
  ".html": (figure) => figurePage(figure, readFileSync(require.resolve("plotly.js-dist"), "utf8")),
  ".json": ({ data, layout, alt }) =>
    `${JSON.stringify({ data: plain(data), layout: plain(layout), alt })}\n`,
} satisfies Record<string, (figure: Figure) => string | Uint8Array>;

const isEnding = (ending: string): ending is keyof typeof FORMATS => Object.hasOwn(FORMATS, ending);

/**
 * Writes a figure into a file, in the form that the file's ending names; a file that is there is written over.
 *
 * - .png, .svg: a picture of the figure's size.
 * - .html: a page of one file with the interactive figure, which opens without a network (about 10 MB: plotly.js is in it).
 * - .json: plotly's `data` and `layout`, and the text in `alt`.
 *
 * @example
 * saveFigure(gradientByLayerFigure(record), "gradient.png");
 * @throws RangeError for another ending or a folder that is not there; Error if the figure cannot be drawn.
 */
export function saveFigure(figure: Figure, path: string): void {
  const owner = "saveFigure";
  const endings = Object.keys(FORMATS).join(", ");
  if (typeof path !== "string") {
    fail(owner, "path", path, `the name of a file that ends in ${endings}`);
  }
  const ending = extname(path).toLowerCase();
  if (!isEnding(ending)) {
    fail(owner, "path", path, `the name of a file that ends in ${endings}`);
  }
  const { data, layout, alt } = (figure) ?? {};
  if (!data || !layout || alt === undefined) {
    fail(owner, "figure", figure, "a figure, with data, layout and alt");
  }
  if (!existsSync(dirname(path))) {
    fail(owner, "path", path, "in a folder that exists");
  }
  writeFileSync(path, FORMATS[ending](figure));
}
