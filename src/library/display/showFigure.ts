import type { Figure } from "../figures/plotlyFigure.js";
import { displayBundle, inNotebook, type MimeBundle } from "./notebook.js";
import { plotlyJson } from "./plotlyJson.js";
import { drawsPictures, renderPngBase64, sizeOfFigure } from "./pngNode.js";

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
  displayBundle(figureBundle(figure), { metadata: pictureSize(figure) });
}

/** The MIME type of a figure that is interactive. */
export const PLOTLY = "application/vnd.plotly.v1+json";

/** A figure in all formats. */
export function figureBundle(figure: Figure): MimeBundle {
  return { [PLOTLY]: plotlyJson(figure), ...pictureBundle(figure) };
}

/** The same less the interactive one. */
export function pictureBundle(figure: Figure): MimeBundle {
  return { ...picture(figure), "text/plain": figure.alt };
}

/** How large the picture is to be, as a display's metadata. */
export const pictureSize = (figure: Figure): MimeBundle => ({ "image/png": sizeOfFigure(figure) });

function picture(figure: Figure): MimeBundle {
  if (!drawsPictures()) {
    return {};
  }
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
