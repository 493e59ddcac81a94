import type { TrainingRecord } from "../training/record.js";
import { numberText, onOneLine } from "./figureText.js";
import type { DrawnLine } from "./lineTraces.js";
import type { NamedSeries } from "./series.js";
import { depthOf, legendName, missingNote, spreadOver } from "./seriesSpread.js";

/** A line for each series, with a value for each layer, and the sentences that say what is missing. */
export interface LayerLines {
  readonly lines: readonly DrawnLine[];
  readonly notes: readonly string[];
}

/** What a measure finds in each layer, series by series. */
export function layerLines(
  owner: string,
  series: readonly NamedSeries[],
  measure: (record: TrainingRecord) => readonly number[],
): LayerLines {
  const drawn = series.map((named) => {
    depthOf(owner, named);
    const { missing, ...values } = spreadOver(named, measure);
    const line: DrawnLine = {
      ...values,
      name: legendName(named.name, missing),
      style: named.style,
      x: values.y.map((_, i) => i + 1),
    };
    return { line, notes: missingNote(named.name, missing, "layer") };
  });
  return { lines: drawn.map(({ line }) => line), notes: drawn.flatMap(({ notes }) => notes) };
}

/** What lines over layers show in the first and in the output layer, in words; each after the quantity, if one is named. */
export function endsText(lines: readonly DrawnLine[], quantity = ""): string {
  return lines
    .map(
      ({ name, y }) =>
        `${quantity}${onOneLine(name)}: ${numberText(y[0])} in the first layer, ${numberText(y.at(-1))} in the output layer`,
    )
    .join("; ");
}

/** The layers of the deepest network. */
export function deepest(lines: readonly DrawnLine[]): number {
  return Math.max(...lines.map(({ x }) => x.length));
}
