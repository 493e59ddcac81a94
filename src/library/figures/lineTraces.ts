import type { Data, ScatterData } from "plotly.js-dist";
import type { LineScale } from "./lineScale.js";
import type { Style } from "./palette.js";

type MarkerSymbol = NonNullable<ScatterData["marker"]>["symbol"];

/** One line of a figure, with a band of quartiles where there is one. */
export interface DrawnLine {
  /** What the legend calls it. Lines of one name, in other panels, share its entry. */
  readonly name: string;
  readonly style: Omit<Style, "symbol"> & Partial<Pick<Style, "symbol">>;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  /** Markers tell lines apart without color: at every point if not given, at some of many, or at none. */
  readonly markers?: "all" | "some" | "none";
  /** Drawn as the steps of a histogram, or through so many points that none may be left out. */
  readonly kind?: "steps" | "smooth";
  /** In pixels; 2 if not given. */
  readonly width?: number;
  /** What its hover labels say, in plotly's template, where it differs from those of its panel. */
  readonly hover?: string;
}

/** What a hover label says: the line's name after a word such as "layer", then its values in plotly's template. */
export interface Hover {
  readonly before?: string;
  readonly values: string;
}

/** Where traces are drawn. */
export interface Place {
  readonly xaxis: "x";
  readonly yaxis: "y";
}

/** The traces of a line: the band between its quartiles, the line, and marks where a log axis has no place for its 0. */
export function lineTraces(
  line: DrawnLine,
  { scale, hover, place, showlegend }: { scale: LineScale; hover: Hover; place: Place; showlegend: boolean },
): Data[] {
  const shared = { name: line.name, legendgroup: line.name, ...place };
  const label = `${hover.before ?? ""}${line.name}<br>`;
  const values = line.hover ?? hover.values;
  return [
    ...band(line, scale, shared),
    {
      ...shared,
      ...look(line),
      type: "scatter",
      x: [...line.x],
      y: line.y.map(scale.point),
      hovertemplate: `${label}${values}<extra></extra>`,
      showlegend,
    },
    ...zeros(line, scale, { ...shared, hovertemplate: `${label}exactly 0<extra></extra>` }),
  ];
}

function look({ style, markers = "all", kind, width = 2 }: DrawnLine): Partial<ScatterData> {
  const { color, dash, symbol = "circle" } = style;
  const line = {
    color,
    dash,
    width,
    ...(kind === "steps" && { shape: "hvh" as const }),
    ...(kind === "smooth" && { simplify: false }),
  };
  if (markers === "none") {
    return { mode: "lines", line };
  }
  const few = markers === "some" ? { maxdisplayed: 8 } : {};
  // Plotly's list of symbols stays out of the palette: its names are tested.
  const marker = { color, symbol: symbol as MarkerSymbol, size: 8, ...few };
  return { mode: "lines+markers", line, marker };
}

function band(
  { style, x, lower, upper }: DrawnLine,
  { edge }: LineScale,
  shared: Partial<ScatterData>,
): Data[] {
  if (!lower || !upper) {
    return [];
  }
  const edges = x
    .map((place, i) => ({ place, low: edge(lower[i]!), high: edge(upper[i]!) }))
    .filter(({ low, high }) => low !== null && high !== null);
  const back = edges.toReversed();
  return [
    {
      ...shared,
      type: "scatter",
      mode: "lines",
      x: [...edges, ...back].map(({ place }) => place),
      y: [...edges.map(({ high }) => high), ...back.map(({ low }) => low)],
      fill: "toself",
      fillcolor: `${style.color}33`,
      line: { width: 0, color: style.color },
      showlegend: false,
      hoverinfo: "skip",
    },
  ];
}

function zeros({ style, x, y }: DrawnLine, { floor }: LineScale, shared: Partial<ScatterData>): Data[] {
  const places = x.filter((_, i) => y[i] === 0);
  if (floor === undefined || places.length === 0) {
    return [];
  }
  return [
    {
      ...shared,
      type: "scatter",
      mode: "markers",
      x: places,
      y: places.map(() => floor),
      marker: { color: style.color, symbol: "x-open", size: 10 },
      showlegend: false,
    },
  ];
}
