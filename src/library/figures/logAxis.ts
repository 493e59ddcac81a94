import type { Data, LayoutAxis } from "plotly.js-dist";
import type { Style } from "./palette.js";
import { axis } from "./theme.js";

/** One line of a figure with a log axis, with a band of quartiles where there is one. */
export interface LogLine {
  readonly name: string;
  readonly style: Style;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly markers?: boolean;
  /** Where there are several panels: which x axis, and whether this line stands in the legend. */
  readonly xaxis?: "x";
  readonly showlegend?: boolean;
}

/** What a hover label says: the line's name after a word such as "layer", then its values in plotly's template. */
export interface Hover {
  readonly before: string;
  readonly values: string;
}

/** At most this many labels on an axis. */
const LABELS = 10;

/**
 * Lines on one log axis. A log axis has no place for 0: exact zeros are shown one step below the rest, as open crosses,
 * where the axis is labelled "0". What is not finite leaves a gap.
 */
export function logLines(
  title: string,
  lines: readonly LogLine[],
  hover: Hover,
): { data: Data[]; yaxis: Partial<LayoutAxis> } {
  const positive = lines
    .flatMap(({ y, lower = [], upper = [] }) => [...y, ...lower, ...upper])
    .filter((value) => value > 0 && Number.isFinite(value));
  // Without a number that can be shown, one decade that says nothing.
  const powers = (positive.length > 0 ? positive : [1]).map(Math.log10);
  const lowest = Math.floor(powers.reduce((a, b) => Math.min(a, b)));
  const high = Math.max(Math.ceil(powers.reduce((a, b) => Math.max(a, b))), lowest + 1);
  const every = Math.ceil((high - lowest) / LABELS);
  const floor = lines.some(({ y }) => y.includes(0)) ? lowest - every : lowest;
  return {
    data: lines.flatMap((line) => [
      ...band(line, (value) => Math.max(value, 10 ** floor)),
      curve(line, hover, (value) => (value > 0 && Number.isFinite(value) ? value : null)),
      ...zeros(line, 10 ** floor, hover),
    ]),
    yaxis: axis(title, {
      type: "log",
      range: [floor - 0.1, high + 0.1],
      ...(floor < lowest ? labelsWithZero(floor, high, every) : { dtick: every, exponentformat: "power" }),
    }),
  };
}

/** The words that a figure's text needs where it shows zeros. */
export function zerosNote(lines: readonly LogLine[]): string {
  const withZeros = lines.filter(({ y }) => y.includes(0)).map(({ name }) => name);
  return withZeros.length > 0 ? ` Crosses at the bottom stand for exactly 0 (${withZeros.join("; ")}).` : "";
}

function labelsWithZero(floor: number, high: number, every: number): Partial<LayoutAxis> {
  const powers = Array.from({ length: (high - floor) / every + 1 }, (_, i) => floor + i * every);
  const text = (power: number): string =>
    power === 0 ? "1" : `10<sup>${String(power).replace("-", "−")}</sup>`;
  return {
    tickvals: powers.map((power) => 10 ** power),
    ticktext: powers.map((power, i) => (i === 0 ? "0" : text(power))),
  };
}

/** A line as it is drawn on any axis: `shown` says how a value is shown, or null for a gap. */
export function curve(
  { name, style, x, y, markers = true, xaxis = "x", showlegend = true }: LogLine,
  hover: Hover,
  shown: (value: number) => number | null,
): Data {
  return {
    ...{ type: "scatter", name, legendgroup: name, x: [...x], xaxis, showlegend },
    y: y.map(shown),
    hovertemplate: `${hover.before}${name}<br>${hover.values}<extra></extra>`,
    line: { color: style.color, dash: style.dash, width: 2 },
    ...(markers
      ? { mode: "lines+markers", marker: { color: style.color, symbol: style.symbol, size: 8 } }
      : { mode: "lines" }),
  } as Data;
}

/** Between the quartiles, on any axis: `shown` says how a value is shown. */
export function band(
  { name, style, x, lower, upper, xaxis = "x" }: LogLine,
  shown: (value: number) => number,
): Data[] {
  if (!lower || !upper) {
    return [];
  }
  return [
    {
      ...{ type: "scatter", mode: "lines", name, legendgroup: name },
      ...{ showlegend: false, hoverinfo: "skip", xaxis },
      x: [...x, ...x.toReversed()],
      y: [...upper.map(shown), ...lower.map(shown).toReversed()],
      ...{ fill: "toself", fillcolor: `${style.color}33`, line: { width: 0, color: style.color } },
    },
  ];
}

function zeros({ name, style, x, y, xaxis = "x" }: LogLine, floor: number, { before }: Hover): Data[] {
  const places = x.filter((_, i) => y[i] === 0);
  return places.length === 0
    ? []
    : [
        {
          ...{ type: "scatter", mode: "markers", name, legendgroup: name, showlegend: false, xaxis },
          ...{ x: places, y: places.map(() => floor) },
          hovertemplate: `${before}${name}<br>exactly 0<extra></extra>`,
          marker: { color: style.color, symbol: "x-open", size: 10 },
        },
      ];
}
