import type { Data, LayoutAxis } from "plotly.js-dist";
import type { Style } from "./style.js";
import { axis } from "./theme.js";

/** One line of a figure with a log axis, with a band of quartiles where there is one. */
export interface LogLine {
  readonly name: string;
  readonly style: Style;
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly markers?: boolean;
}

/** Lines on one log axis, which shows exact zeros too: below the rest, as open crosses. */
export function logLines(
  title: string,
  lines: readonly LogLine[],
  hover: string,
): { data: Data[]; yaxis: Partial<LayoutAxis> } {
  const positive = lines
    .flatMap(({ y, lower = [], upper = [] }) => [...y, ...lower, ...upper])
    .filter((value) => value > 0);
  const low = Math.floor(Math.log10(positive.length > 0 ? Math.min(...positive) : 1e-3));
  const high = Math.ceil(Math.log10(positive.length > 0 ? Math.max(...positive) : 1));
  const hasZeros = lines.some(({ y }) => y.includes(0));
  const floor = hasZeros ? low - 1 : low;
  const data = lines.flatMap((line) => [
    ...band(line, 10 ** floor),
    curve(line, hover),
    ...zeros(line, 10 ** floor),
  ]);
  const decades = Math.max(high, low + 1) - floor;
  return {
    data,
    yaxis: axis(title, {
      type: "log",
      range: [floor - 0.1, Math.max(high, low + 1) + 0.1],
      dtick: Math.ceil(decades / 10),
      exponentformat: "power",
      showexponent: "all",
    }),
  };
}

/** The words that a figure's text needs where it shows zeros. */
export function zerosNote(lines: readonly LogLine[]): string {
  const withZeros = lines.filter(({ y }) => y.includes(0)).map(({ name }) => name);
  return withZeros.length > 0 ? ` Crosses at the bottom stand for exactly 0 (${withZeros.join(", ")}).` : "";
}

function curve({ name, style, x, y, markers = true }: LogLine, hover: string): Data {
  return {
    type: "scatter",
    mode: markers ? "lines+markers" : "lines",
    name,
    legendgroup: name,
    x: [...x],
    y: y.map((value) => (value > 0 ? value : null)),
    hovertemplate: `${name}<br>${hover}<extra></extra>`,
    line: { color: style.color, dash: style.dash, width: 2 },
    marker: { color: style.color, symbol: style.symbol, size: 8 },
  } as Data;
}

/** Between the quartiles. */
function band({ name, style, x, lower, upper }: LogLine, floor: number): Data[] {
  if (!lower || !upper) {
    return [];
  }
  const visible = (values: readonly number[]): number[] => values.map((value) => Math.max(value, floor));
  return [
    {
      type: "scatter",
      mode: "lines",
      name,
      legendgroup: name,
      showlegend: false,
      hoverinfo: "skip",
      x: [...x, ...x.toReversed()],
      y: [...visible(upper), ...visible(lower).toReversed()],
      fill: "toself",
      fillcolor: `${style.color}33`,
      line: { width: 0, color: style.color },
    },
  ];
}

function zeros({ name, style, x, y }: LogLine, floor: number): Data[] {
  const places = x.filter((_, i) => y[i] === 0);
  return places.length === 0
    ? []
    : [
        {
          type: "scatter",
          mode: "markers",
          name,
          legendgroup: name,
          showlegend: false,
          x: places,
          y: places.map(() => floor),
          hovertemplate: `${name}<br>exactly 0<extra></extra>`,
          marker: { color: style.color, symbol: "x-open", size: 10 },
        },
      ];
}
