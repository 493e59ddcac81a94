import type { Data } from "plotly.js-dist";
import { type Span, weightChange } from "../measures/byLayer.js";
import { maxAbs, meanAbs, type Numbers } from "../measures/statistics.js";
import type { ParameterRecord, TrainingRecord } from "../training/record.js";
import { fail, requireInteger, requireOneOf } from "../validation.js";
import type { Figure } from "./figure.js";
import { short } from "./format.js";
import { axis, layoutOf } from "./theme.js";

/** Which layer (counted from 0), and which of its arrays. */
export interface WeightChangeOptions extends Span {
  readonly layer?: number;
  readonly parameter?: "kernel" | "bias";
}

/** Negative, zero, positive: told apart by hue and by lightness. */
const DIVERGING: [number, string][] = [
  [0, "#053061"],
  [0.25, "#4393c3"],
  [0.5, "#f7f7f7"],
  [0.75, "#d6604d"],
  [1, "#67001f"],
];

/**
 * The weights of one layer before and after training, and their change, as three pictures side by side: a row for
 * each input, a column for each unit. Before and after share one colour scale; the change has its own.
 */
export function weightChangeFigure(record: TrainingRecord, options: WeightChangeOptions = {}): Figure {
  const owner = "weightChangeFigure";
  const { parameter: name = "kernel", ...span } = options;
  requireOneOf(owner, "parameter", name, ["kernel", "bias"]);
  const index = requireInteger(owner, "layer", options.layer ?? 0, { min: 0, max: record.layers.length - 1 });
  const layer = record.layers[index]!;
  const parameter = layer[name] ?? fail(owner, "parameter", name, `"kernel", as layer ${index} has no bias`);
  const before = parameter.before[span.from ?? 0]!;
  const after = parameter.after[span.to ?? parameter.after.length - 1]!;
  const change = weightChange(parameter, { from: span.from, to: span.to });
  const scale = Math.max(maxAbs(before), maxAbs(after));
  const ownScale = maxAbs(change) || Number.MIN_VALUE;
  const panels = [
    picture(parameter, before, { scale, axis: "" }),
    picture(parameter, after, { scale, axis: "2", bar: 0.57 }),
    picture(parameter, change, { scale: ownScale, axis: "3", bar: 1.01 }),
  ];
  const title = `${record.label}: the ${name} of layer ${index + 1}, before and after training`;
  const domains = [
    [0, 0.26],
    [0.3, 0.56],
    [0.74, 1],
  ] as const;
  const heading = (text: string, panel: number) => ({
    text,
    ...({
      showarrow: false,
      xref: "paper",
      yref: "paper",
      y: 1.02,
      yanchor: "bottom",
      xanchor: "center",
    } as const),
    x: (domains[panel]![0] + domains[panel]![1]) / 2,
  });
  const columns = axis("unit", { dtick: dtick(parameter.shape.at(-1)!), showline: false, tickangle: 0 });
  const rows = { autorange: "reversed", dtick: dtick(rowsOf(parameter)), showline: false } as const;
  return {
    data: panels,
    layout: layoutOf(title, {
      xaxis: { ...columns, domain: [...domains[0]] },
      xaxis2: { ...columns, domain: [...domains[1]], anchor: "y2" },
      xaxis3: { ...columns, domain: [...domains[2]], anchor: "y3" },
      yaxis: axis("input", rows),
      yaxis2: axis("", { ...rows, anchor: "x2", showticklabels: false }),
      yaxis3: axis("", { ...rows, anchor: "x3", showticklabels: false }),
      annotations: [heading("before", 0), heading("after", 1), heading("change", 2)],
      margin: { l: 60, r: 80, t: 80, b: 60 },
    }),
    alt:
      `${title}. Mean size of a weight before: ${short(meanAbs(before))}, after: ${short(meanAbs(after))}. ` +
      `Mean size of the change: ${short(meanAbs(change))}, largest: ${short(maxAbs(change))}.`,
  };
}

function rowsOf({ shape }: ParameterRecord): number {
  return shape.slice(0, -1).reduce((product, length) => product * length, 1);
}

function dtick(count: number): number {
  return Math.max(1, Math.ceil(count / 10));
}

interface Look {
  readonly scale: number;
  readonly axis: string;
  /** Where the colour bar stands, if this panel has one. */
  readonly bar?: number;
}

function picture(parameter: ParameterRecord, values: Numbers, { scale, axis, bar }: Look): Data {
  const units = parameter.shape.at(-1)!;
  const list = Array.from(values);
  const z = Array.from({ length: rowsOf(parameter) }, (_, row) => list.slice(row * units, (row + 1) * units));
  return {
    type: "heatmap",
    z,
    x: Array.from({ length: units }, (_, i) => i + 1),
    y: z.map((_, i) => i + 1),
    ...{ zmin: -scale, zmax: scale, colorscale: DIVERGING, xgap: 1, ygap: 1 },
    ...{ xaxis: `x${axis}`, yaxis: `y${axis}`, showscale: bar !== undefined },
    ...(bar === undefined ? {} : { colorbar: { x: bar, thickness: 10, len: 0.95, exponentformat: "power" } }),
    hovertemplate: "input %{y}, unit %{x}: %{z:.6g}<extra></extra>",
  };
}
