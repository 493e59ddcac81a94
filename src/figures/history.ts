import { l2Norm, meanAbs, median } from "../measures/statistics.js";
import { weightChange } from "../measures/byLayer.js";
import type { LayerRecord, TrainingRecord } from "../training/record.js";
import { requireInteger, requireOneOf } from "../validation.js";
import type { Figure } from "./figure.js";
import { short } from "./format.js";
import { type LogLine, logLines, zerosNote } from "./logAxis.js";
import { axis, layoutOf, orderedColor } from "./theme.js";

/** What is followed over the recorded steps. */
export type HistoryQuantity = keyof typeof QUANTITIES;

/** Which quantity, and of which layers (counted from 0; all if not given). */
export interface HistoryOptions {
  readonly quantity?: HistoryQuantity;
  readonly layers?: readonly number[];
  /** A point for each recorded step, or for each epoch the median of its recorded steps. Steps if not given. */
  readonly by?: "step" | "epoch";
}

interface Quantity {
  readonly title: string;
  readonly axis: string;
  readonly log: boolean;
  readonly of: (layer: LayerRecord) => number[];
}

/** To add a quantity, add an entry. */
const QUANTITIES = {
  gradient: {
    ...{
      title: "Gradient that reaches each layer's weights",
      axis: "mean |dL/dW|, nats per unit weight",
      log: true,
    },
    of: ({ kernel }) => kernel.gradient.map(meanAbs),
  },
  gradientNorm: {
    ...{ title: "Norm of each layer's gradient", axis: "||dL/dW||, nats per unit weight", log: true },
    of: ({ kernel }) => kernel.gradient.map(l2Norm),
  },
  update: {
    ...{ title: "Update of each layer's weights", axis: "mean |update| of a step", log: true },
    of: ({ kernel }) => kernel.update.map(meanAbs),
  },
  weightChange: {
    ...{
      title: "Change of each layer's weights since the start",
      axis: "mean |W − W at the start|",
      log: true,
    },
    of: ({ kernel }) => kernel.after.map((_, to) => meanAbs(weightChange(kernel, { to }))),
  },
  saturated: {
    ...{ title: "Saturated activations of each layer", axis: "share of activations", log: false },
    of: ({ saturated }) => [...saturated],
  },
  dead: {
    ...{ title: "Dead units of each layer", axis: "share of units", log: false },
    of: ({ dead }) => [...dead],
  },
} satisfies Record<string, Quantity>;

const quantityNames = Object.keys(QUANTITIES) as HistoryQuantity[];

/** How a quantity of each layer goes over a training: one line a layer, dark for the first one. */
export function historyFigure(record: TrainingRecord, options: HistoryOptions = {}): Figure {
  const owner = "historyFigure";
  const {
    title,
    axis: yTitle,
    log,
    of,
  }: Quantity = QUANTITIES[requireOneOf(owner, "quantity", options.quantity ?? "gradient", quantityNames)];
  const by = requireOneOf(owner, "by", options.by ?? "step", ["step", "epoch"]);
  const count = record.layers.length;
  const layers = (options.layers ?? [...record.layers.keys()]).map((layer, i) =>
    requireInteger(owner, `layers[${i}]`, layer, { min: 0, max: count - 1 }),
  );
  const lines = layers.map((index): LogLine => {
    const name = index === 0 ? "1 (first)" : index === count - 1 ? `${count} (output)` : String(index + 1);
    const style = { color: orderedColor(index, count), dash: "solid", symbol: "circle" } as const;
    return { name, style, ...points(record, of(record.layers[index]!), by), markers: false };
  });
  const shown = lines.filter(({ y }) => y.some(Number.isFinite));
  const { data, yaxis } = logLines(yTitle, shown, `${by} %{x}: %{y:.2~e}`);
  const linear = axis(yTitle, { range: [-0.03, 1.03] });
  const [first, last] = [shown[0], shown.at(-1)];
  const say = (line: LogLine | undefined): string =>
    line
      ? `layer ${line.name} goes from ${short(line.y[0]!)} to ${short(line.y.at(-1)!)}`
      : "nothing to show";
  return {
    data: log ? data : shown.map((line) => plain(line, by)),
    layout: layoutOf(`${record.label}: ${title.charAt(0).toLowerCase()}${title.slice(1)}, ${by} by ${by}`, {
      xaxis: axis(by, { range: [0, Math.max(1, ...shown.map(({ x }) => Number(x.at(-1))))] }),
      yaxis: log ? yaxis : linear,
      legend: { title: { text: "layer" } },
    }),
    alt: `${record.label}: ${title}, over ${record.steps.length} recorded steps, ${by} by ${by}: ${say(first)}; ${say(last)}.${log ? zerosNote(shown) : ""}`,
  };
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

function plain({ name, style, x, y }: LogLine, by: string) {
  return {
    type: "scatter" as const,
    mode: "lines" as const,
    name,
    x: [...x],
    y: [...y],
    line: { color: style.color, width: 2 },
    hovertemplate: `${by} %{x}: %{y:.3f}<extra></extra>`,
  };
}
