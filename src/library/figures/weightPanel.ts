import type { Data, LayoutAxis } from "plotly.js-dist";
import type { Numbers } from "../measures/statistics.js";
import type { ParameterRecord } from "../training/record.js";
import { axis } from "./theme.js";

/** The weights of one parameter at one time, or their change. */
export interface WeightPanel {
  readonly values: Numbers;
  /** The scale runs from -limit to limit. */
  readonly limit: number;
  /** What bars show; heatmaps need no such title. */
  readonly quantity: string;
  /** Counted from 1, from the left. */
  readonly place: number;
  /** Where the color bar stands, in parts of the width, if this panel has one. */
  readonly colorbar?: number;
}

/** A panel's trace and its two axes. */
export interface DrawnPanel {
  readonly trace: Data;
  readonly xaxis: Partial<LayoutAxis>;
  readonly yaxis: Partial<LayoutAxis>;
}

/** Negative, zero, positive: told apart by hue and by lightness. */
const DIVERGING: [number, string][] = [
  [0, "#053061"],
  [0.25, "#4393c3"],
  [0.5, "#f7f7f7"],
  [0.75, "#d6604d"],
  [1, "#67001f"],
];
const [NEGATIVE, POSITIVE] = ["#2166ac", "#b2182b"];

/** Up to this many cells in a row or a column, a line parts them. */
const PARTED = 40;

/** A heatmap with a row for each input and a column for each unit, or bars where there is one row or one column. */
export function drawWeights({ shape }: ParameterRecord, panel: WeightPanel): DrawnPanel {
  const units = shape.at(-1)!;
  const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  if (inputs === 1 || units === 1) {
    return drawBars(inputs === 1 ? "unit" : "input", panel);
  }
  return drawHeatmap(inputs, units, panel);
}

function drawHeatmap(
  inputs: number,
  units: number,
  { values, limit, place, colorbar }: WeightPanel,
): DrawnPanel {
  const list = Array.from(values);
  const gap = Math.max(inputs, units) <= PARTED ? 1 : 0;
  const first = place === 1;
  return {
    trace: {
      type: "heatmap",
      z: Array.from({ length: inputs }, (_, row) => list.slice(row * units, (row + 1) * units)),
      x: counted(units),
      y: counted(inputs),
      xgap: gap,
      ygap: gap,
      zmin: -limit,
      zmax: limit,
      colorscale: DIVERGING,
      ...(colorbar === undefined
        ? { showscale: false }
        : { colorbar: { x: colorbar, thickness: 10, len: 0.95, exponentformat: "power" } }),
      hovertemplate: "input %{y}, unit %{x}: %{z:.6g}<extra></extra>",
    },
    xaxis: axis("unit", { dtick: dtick(units), showline: false, tickangle: 0 }),
    yaxis: axis(first ? "input" : "", {
      autorange: "reversed",
      dtick: dtick(inputs),
      showline: false,
      showticklabels: first,
    }),
  };
}

function drawBars(counts: string, { values, limit, quantity, place }: WeightPanel): DrawnPanel {
  const list = Array.from(values);
  return {
    trace: {
      type: "bar",
      x: counted(list.length),
      y: list,
      marker: { color: list.map((value) => (value < 0 ? NEGATIVE : POSITIVE)) },
      hovertemplate: `${counts} %{x}: %{y:.6g}<extra></extra>`,
    },
    xaxis: axis(counts, { dtick: dtick(list.length), tickangle: 0 }),
    yaxis: axis(quantity, {
      range: [-1.05 * limit, 1.05 * limit],
      ...(place === 2 ? { showticklabels: false } : { exponentformat: "power" as const }),
      zeroline: true,
      zerolinecolor: "#2a2a2a",
    }),
  };
}

function counted(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1);
}

/** The distance of labels: all up to ten, else about five of a round distance. */
function dtick(count: number): number {
  const rough = count / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return count <= 10 ? 1 : power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
}
