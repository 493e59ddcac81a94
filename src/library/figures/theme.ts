import type { Data, Layout, LayoutAxis } from "plotly.js-dist";
import type { Figure, FigureLayout, Trace } from "./plotlyFigure.js";

/** Size of every figure in pixels: it fits a notebook's width. */
const SIZE = { width: 760, height: 420 };

const INK = "#2a2a2a";
const GRID = "#dddddd";
const FONT = "Open Sans, Arial, sans-serif";

/** A figure's parts. */
export interface FigureParts {
  /** What is seen. */
  readonly title: string;
  readonly data: readonly Data[];
  /** What differs from the layout that all figures share. */
  readonly layout: Partial<Layout>;
  /** What comes after the title in the text alternative: plain sentences with the numbers. */
  readonly alt: string;
}

/** Puts a figure together, in the layout that all figures share. */
export function makeFigure({ title, data, layout, alt }: FigureParts): Figure {
  const all: Partial<Layout> = {
    ...SIZE,
    title: { text: title, font: { size: 17 }, x: 0.02, xanchor: "left", y: 0.97, yanchor: "top" },
    font: { family: FONT, size: 13, color: INK },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    margin: { l: 80, r: 25, t: 55, b: 65 },
    hoverlabel: { font: { family: FONT } },
    ...layout,
  };
  return {
    data: data as readonly object[] as readonly Trace[],
    layout: all as object as FigureLayout,
    alt: `${title}. ${alt}`,
  };
}

/** An axis with a title. */
export function axis(title: string, rest: Partial<LayoutAxis> = {}): Partial<LayoutAxis> {
  return {
    title: { text: title, standoff: 10 },
    gridcolor: GRID,
    ...(rest.showline === false ? {} : { linecolor: INK }),
    showline: true,
    ticks: "outside",
    zeroline: false,
    ...rest,
  };
}

/** A legend beside the plot. */
export const LEGEND_BESIDE = { tracegroupgap: 3 } as const;

/** A legend in a row above the plot; the figure needs a margin of 80 pixels there. */
export const LEGEND_ABOVE = { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 } as const;

/** A legend in a row below the plot; the figure needs a margin of 95 pixels there. */
export const LEGEND_BELOW = { orientation: "h", y: -0.2, yanchor: "top", x: 0 } as const;

/** The part of the width, from 0 to 1, of each of several panels that stand side by side. */
export function columns(count: number, gap: number): [number, number][] {
  const width = (1 - gap * (count - 1)) / count;
  return Array.from({ length: count }, (_, i) => [i * (width + gap), i * (width + gap) + width]);
}

/** A heading above a panel that takes this part of the width. */
export function heading(
  text: string,
  [from, to]: readonly [number, number],
): NonNullable<Layout["annotations"]>[number] {
  return {
    text,
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: (from + to) / 2,
    xanchor: "center",
    y: 1.02,
    yanchor: "bottom",
  };
}

/** Plotly's name for the n-th axis, counted from 1: "x", "x2", "x3", or "xaxis", "xaxis2", ... */
export function nth<T extends "x" | "y" | "xaxis" | "yaxis">(name: T, place: number): T {
  return (place === 1 ? name : `${name}${place}`) as T;
}
