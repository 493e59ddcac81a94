import type { Figure } from "../figures/plotlyFigure.js";
import { displayBundle, inNotebook, type MimeBundle } from "./notebook.js";
import { renderPng, sizeOfFigure } from "./pngNode.js";

/** What plotly offers beside the figure. By default it has a button that uploads the figure to a foreign host. */
const CONFIG = {
  ...{ displaylogo: false, responsive: true, showSendToCloud: false },
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};

let warned = false;

/**
 * Shows a figure as one output of the cell: interactive where the front end can draw it (JupyterLab, VS Code), as a
 * picture where it cannot (GitHub), and as a text for those who see neither. Outside of a notebook it prints the text.
 */
export function showFigure(figure: Figure): void {
  const { data, layout, alt } = figure;
  if (!inNotebook()) {
    console.log(alt);
    return;
  }
  displayBundle(
    {
      "application/vnd.plotly.v1+json": { data: rounded(data), layout, config: CONFIG },
      ...picture(figure),
      "text/plain": alt,
    },
    { metadata: { "image/png": sizeOfFigure(figure) } },
  );
}

function picture(figure: Figure): MimeBundle {
  try {
    return { "image/png": Buffer.from(renderPng(figure)).toString("base64") };
  } catch (error) {
    if (!warned) {
      warned = true;
      console.warn(`showFigure(): figures are shown without a picture: ${(error as Error).message}`);
    }
    return {};
  }
}

/** The same with six digits for each number: more than a figure shows, and a third of the size in a stored notebook. */
function rounded<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "number" ? Number(part.toPrecision(6)) : part,
    ),
  ) as T;
}
