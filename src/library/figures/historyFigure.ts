import { fail, keysOf, requireInteger, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import { requireRecord, weightLayers } from "../measures/recordedSteps.js";
import { median } from "../measures/statistics.js";
import type { TrainingRecord } from "../training/record.js";
import { listText, numberText, uncapitalized } from "./figureText.js";
import { type HistoryQuantity, quantities, type Quantity, quantityNames } from "./historyQuantities.js";
import { lineFigure, type LinePanel } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import { orderedColor } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { withLossUnit } from "./lossUnit.js";
import { axis } from "./theme.js";

/** Which quantity, and of which layers (counted from 0; all if not given). */
export interface HistoryOptions {
  readonly quantity?: HistoryQuantity;
  readonly layers?: readonly number[];
  /** A point for each recorded step, or for each epoch the median of its recorded steps. Steps if not given. */
  readonly by?: "step" | "epoch";
}

const OPTIONS = keysOf<HistoryOptions>({ quantity: true, layers: true, by: true });

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
  requireKnownKeys(owner, "options", options, OPTIONS);
  const quantity = quantities[requireOneOf(owner, "quantity", options.quantity ?? "gradient", quantityNames)];
  const by = requireOneOf(owner, "by", options.by ?? "step", ["step", "epoch"]);
  const list = Array.isArray(records) ? (records as readonly TrainingRecord[]) : [records as TrainingRecord];
  if (list.length === 0) {
    fail(owner, "records", records, "a record or a list of at least one");
  }
  const depth = Math.max(
    ...list.map((record, i) => weightLayers(requireRecord(owner, `records[${i}]`, record)).length),
  );
  const panels = list.map((record) => {
    const count = weightLayers(record).length;
    const layers = (options.layers ?? Array.from({ length: count }, (_, l) => l)).map((layer, j) =>
      requireInteger(owner, `layers[${j}]`, layer, { min: 0, max: count - 1 }),
    );
    return { record, lines: linesOf(record, layers, quantity, { by, depth }) };
  });
  const first = by === "step" ? 0 : 1;
  const last = Math.max(first + 1, ...panels.flatMap(({ lines }) => lines.map(({ x }) => x.at(-1)!)));
  const several = panels.length > 1;
  const start = several ? quantity.title : `${list[0]!.label}: ${uncapitalized(quantity.title)}`;
  return lineFigure({
    title: `${start}, ${by} by ${by}`,
    panels: panels.map(({ record, lines }): LinePanel => ({
      lines,
      hover: { before: "layer ", values: `${by} %{x}: ${quantity.axis.log ? "%{y:.2~e}" : "%{y:.3f}"}` },
      x: axis(by, { range: [first, last] }),
      y: { ...quantity.axis, title: withLossUnit(quantity.axis.title, [{ records: list }]) },
      ...(several && { heading: record.label }),
    })),
    share: "axis",
    legendTitle: "layer",
    alt: `From the start to the end, ${panels.map(({ record, lines }) => `${record.label}: ${endsText(lines)}`).join("; ")}`,
    notes: stoppedNote(list),
  });
}

/** Layer k has one color in all panels, however deep their networks are. */
function linesOf(
  record: TrainingRecord,
  layers: readonly number[],
  { of }: Quantity,
  { by, depth }: { by: "step" | "epoch"; depth: number },
): DrawnLine[] {
  const all = weightLayers(record);
  const count = all.length;
  return layers
    .map((index): DrawnLine => {
      const name = index === 0 ? "1 (first)" : index === count - 1 ? `${count} (output)` : String(index + 1);
      const style = { color: orderedColor(index, depth), dash: "solid" } as const;
      return { name, style, ...points(record, of(all[index]!), by), markers: "none" };
    })
    .filter(({ y }) => y.some(Number.isFinite));
}

/** The values of all recorded steps, or the median of each epoch's, epochs counted from 1. */
function points(
  record: TrainingRecord,
  values: readonly number[],
  by: "step" | "epoch",
): Pick<DrawnLine, "x" | "y"> {
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

function endsText(lines: readonly DrawnLine[]): string {
  const ends = [lines[0], lines.at(-1)].filter((line) => line !== undefined);
  const parts = ends.map(
    ({ name, y }) => `layer ${name} from ${numberText(y[0])} to ${numberText(y.at(-1))}`,
  );
  return parts.length > 0 ? parts.join(", ") : "nothing was recorded";
}

/** Which trainings ended before their time: their lines do. */
function stoppedNote(records: readonly TrainingRecord[]): string[] {
  const texts = records.flatMap(({ label, stopped }) =>
    stopped ? [`${label} stopped at step ${stopped.step}`] : [],
  );
  return texts.length > 0 ? [`${listText(texts)}.`] : [];
}
