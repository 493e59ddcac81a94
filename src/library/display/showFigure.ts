import type { Figure } from "../figures/plotlyFigure.js";
import { displayBundle, inNotebook, type MimeBundle } from "./notebook.js";
import { plotlyJson } from "./plotlyJson.js";
import { renderPngBase64, sizeOfFigure } from "./pngNode.js";

let warned = false;

/**
 * Shows a figure as one output of the cell: interactive where the front end can draw it (JupyterLab, VS Code), as a
 * picture where it cannot (GitHub), and as a text for those who see neither. Outside of a notebook it prints the text.
 */
export function showFigure(figure: Figure): void {
  if (!inNotebook()) {
    console.log(figure.alt);
    return;
  }
  const [data, metadata] = figureBundle(figure);
  displayBundle(data, { metadata });
}

/** A figure in all formats, and how large its picture is. */
export function figureBundle(figure: Figure): [data: MimeBundle, metadata: MimeBundle] {
  const data = {
    "application/vnd.plotly.v1+json": plotlyJson(figure),
    ...picture(figure),
    "text/plain": figure.alt,
  };
  return [data, { "image/png": sizeOfFigure(figure) }];
}

function picture(figure: Figure): MimeBundle {
  try {
    return { "image/png": renderPngBase64(figure) };
  } catch (error) {
    if (!warned) {
      warned = true;
      console.warn(`showFigure(): figures are shown without a picture: ${(error as Error).message}`);
    }
    return {};
  }
}
