import type { LiveDrawing } from "../live.js";
import type { PlotlyFigure } from "./plotly.js";

/** Below this width, in pixels, a figure is laid out for a phone. */
const WIDE = 600;

/** What is used of a library figure's layout here. */
interface Layout {
  readonly title: { readonly text: string; readonly font: object };
}

/** A figure in this height; where it is narrow, its legend stands below and its title in two lines. */
export function fitted(drawing: LiveDrawing, width: number, height: number): PlotlyFigure {
  const { data, layout } = drawing;
  if (width >= WIDE) {
    return { data, layout: { ...layout, height } };
  }
  const { title } = layout as unknown as Layout;
  const narrow = {
    ...layout,
    width,
    height: Math.max(height, 360),
    title: { ...title, text: title.text.replace(", ", ",<br>"), font: { ...title.font, size: 14 } },
    margin: { l: 65, r: 10, t: 65, b: 110 },
    legend: { orientation: "h", y: -0.28, yanchor: "top", x: 0 },
  };
  return { data, layout: narrow };
}
