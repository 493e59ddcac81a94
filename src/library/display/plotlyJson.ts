import type { Figure } from "../figures/plotlyFigure.js";

/** What plotly offers beside the figure. By default it has a button that uploads the figure to a foreign host. */
export const PLOTLY_CONFIG = {
  displaylogo: false,
  responsive: true,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
} as const;

/** A figure as plotly.js takes it, with six digits for each number of the data: more than a figure shows. */
export function plotlyJson({ data, layout }: Pick<Figure, "data" | "layout">): object {
  return { data: plain(data, 6), layout: plain(layout), config: PLOTLY_CONFIG };
}

/** A copy of plain values, as JSON has them, with so many digits for each number. */
export function plain(value: unknown, digits?: number): unknown {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (ArrayBuffer.isView(part)) {
      return Array.from(part as Float64Array);
    }
    return typeof part === "number" && digits !== undefined ? Number(part.toPrecision(digits)) : part;
  });
  return JSON.parse(text) as unknown;
}
