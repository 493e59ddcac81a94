import type { Data, Layout } from "plotly.js-dist";
import { median } from "../measures/statistics.js";
import type { TrainingRecord } from "../training/record.js";
import { fail, requireInteger, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { short } from "../ground/format.js";
import { type Hover, type LogLine, logLines, zerosNote } from "./logAxis.js";
import { orderedColor } from "./palette.js";
import { type HistoryQuantity, quantities, type Quantity, quantityNames } from "./historyQuantities.js";
import { requireRecord } from "./series.js";
import { axis, columns, heading, LEGEND_BESIDE, makeFigure, nth } from "./theme.js";

/** Which quantity, and of which layers (counted from 0; all if not given). */
export interface HistoryOptions {
  readonly quantity?: HistoryQuantity;
  readonly layers?: readonly number[];
  /** A point for each recorded step, or for each epoch the median of its recorded steps. Steps if not given. */
  readonly by?: "step" | "epoch";
}

/** One network's lines, in a panel of its own. */
interface Panel {
  readonly label: string;
  readonly lines: readonly LogLine[];
}

/**
 * How a quantity of each layer goes over a training: one line a layer, dark for the first one. Several networks stand
 * side by side, on one axis.
 *
 * @throws RangeError for an unknown quantity, a layer that a network has not, or what is no record.
 */
export function historyFigure(
  records: TrainingRecord | readonly TrainingRecord[],
  options: HistoryOptions = {},
): Figure {
  const owner = "historyFigure";
  requireKnownKeys(owner, "options", options, ["quantity", "layers", "by"]);
  const quantity = quantities[requireOneOf(owner, "quantity", options.quantity ?? "gradient", quantityNames)];
  const by = requireOneOf(owner, "by", options.by ?? "step", ["step", "epoch"]);
  const list = Array.isArray(records) ? (records as readonly TrainingRecord[]) : [records as TrainingRecord];
  const panels = list.map((record, i) => {
    requireRecord(owner, `records[${i}]`, record);
    const count = record.layers.length;
    const layers = (options.layers ?? [...record.layers.keys()]).map((layer, j) =>
      requireInteger(owner, `layers[${j}]`, layer, { min: 0, max: count - 1 }),
    );
    return { label: record.label, lines: linesOf(record, layers, quantity, by) };
  });
  if (panels.length === 0) {
    fail(owner, "records", records, "a record or a list of at least one");
  }
  const { title } = quantity;
  const start =
    panels.length > 1 ? title : `${panels[0]!.label}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  return makeFigure({
    title: `${start}, ${by} by ${by}`,
    ...drawPanels(panels, quantity, by),
    alt: describe(panels, quantity),
  });
}

function linesOf(
  record: TrainingRecord,
  layers: readonly number[],
  { of }: Quantity,
  by: "step" | "epoch",
): LogLine[] {
  const count = record.layers.length;
  return layers
    .map((index): LogLine => {
      const name = index === 0 ? "1 (first)" : index === count - 1 ? `${count} (output)` : String(index + 1);
      const style = { color: orderedColor(index, count), dash: "solid", symbol: "circle" } as const;
      return { name, style, ...points(record, of(record.layers[index]!), by), markers: false };
    })
    .filter(({ y }) => y.some(Number.isFinite));
}

/** The values of all recorded steps, or the median of each epoch's, epochs counted from 1. */
function points(record: TrainingRecord, values: number[], by: "step" | "epoch"): Pick<LogLine, "x" | "y"> {
  if (by === "step") {
    return { x: record.steps, y: values };
  }
  const epochs = new Map<number, number[]>();
  record.steps.forEach((step, i) => {
    const epoch = Math.floor(step / record.stepsPerEpoch) + 1;
    epochs.set(epoch, [...(epochs.get(epoch) ?? []), values[i]!]);
  });
  return { x: [...epochs.keys()], y: [...epochs.values()].map(median) };
}

/** Panels side by side over one axis, with one legend: the deepest network's. */
function drawPanels(panels: readonly Panel[], { axis: yTitle, log }: Quantity, by: string) {
  const depths = panels.map(({ lines }) => lines.length);
  const named = depths.indexOf(Math.max(...depths));
  const lines = panels.flatMap((panel, i) =>
    panel.lines.map((line): LogLine => ({ ...line, xaxis: nth("x", i + 1), showlegend: i === named })),
  );
  const last = Math.max(1, ...lines.map(({ x }) => x.at(-1)!));
  const widths = columns(panels.length, 0.04);
  const hover = { before: "layer ", values: `${by} %{x}: ${log ? "%{y:.2~e}" : "%{y:.3f}"}` };
  const { data, yaxis } = log ? logLines(yTitle, lines, hover) : shareLines(yTitle, lines, hover);
  const axes = widths.map((domain, i) => [
    nth("xaxis", i + 1),
    axis(by, { domain, range: [0, last], anchor: "y" }),
  ]);
  return {
    data,
    layout: {
      ...(Object.fromEntries(axes) as Partial<Layout>),
      ...{ yaxis, showlegend: true, legend: { ...LEGEND_BESIDE, title: { text: "layer" } } },
      ...(panels.length > 1 ? { annotations: panels.map(({ label }, i) => heading(label, widths[i]!)) } : {}),
      margin: { l: 80, r: 25, t: panels.length > 1 ? 80 : 55, b: 65 },
    },
  };
}

/** Lines of shares, from 0 to 1. */
function shareLines(title: string, lines: readonly LogLine[], hover: Hover) {
  const data = lines.map(({ name, style, x, y, ...place }): Data => ({
    ...{ type: "scatter", mode: "lines", name, legendgroup: name, x: [...x], y: [...y] },
    ...{ xaxis: place.xaxis, showlegend: place.showlegend, line: { color: style.color, width: 2 } },
    hovertemplate: `${hover.before}${name}<br>${hover.values}<extra></extra>`,
  }));
  return { data, yaxis: axis(title, { range: [-0.03, 1.03] }) };
}

function describe(panels: readonly Panel[], { log }: Quantity): string {
  const texts = panels.map(({ label, lines }) => {
    const ends = [lines[0], lines.at(-1)].filter((line) => line !== undefined);
    const parts = ends.map(({ name, y }) => `layer ${name} from ${short(y[0]!)} to ${short(y.at(-1)!)}`);
    return `${label}: ${parts.length > 0 ? parts.join(", ") : "nothing was recorded"}`;
  });
  const zeros = log ? zerosNote(panels.flatMap(({ lines }) => lines)) : "";
  return `From the start to the end, ${texts.join("; ")}.${zeros}`;
}
