import type { TrainingRecord } from "../training/record.js";
import { numberText, onOneLine } from "./figureText.js";
import type { DrawnLine } from "./lineTraces.js";
import type { NamedSeries } from "./series.js";
import { legendName, missingNote, spreadOver } from "./seriesSpread.js";

/** A line for each series, with a value for each place (layer, time step), and the sentences that say what is missing. */
export interface SeriesLines {
  readonly lines: readonly DrawnLine[];
  readonly notes: readonly string[];
}

/** What a measure finds in each place, series by series; a place is called by a word. */
export function seriesLines(
  series: readonly NamedSeries[],
  measure: (record: TrainingRecord) => readonly number[],
  word: string,
): SeriesLines {
  const drawn = series.map((named) => {
    const { missing, ...values } = spreadOver(named, measure);
    const line: DrawnLine = {
      ...values,
      name: legendName(named.name, missing),
      style: named.style,
      x: values.y.map((_, i) => i + 1),
    };
    return { line, notes: missingNote(named.name, missing, word) };
  });
  return { lines: drawn.map(({ line }) => line), notes: drawn.flatMap(({ notes }) => notes) };
}

/** How the ends of lines are called. */
interface Ends {
  readonly first: string;
  readonly last: string;
}

const LAYERS: Ends = { first: "in the first layer", last: "in the output layer" };

/** What lines show at their ends, in words (of layers if not given); each after the quantity, if one is named. */
export function endsText(lines: readonly DrawnLine[], quantity = "", { first, last } = LAYERS): string {
  return lines
    .map(
      ({ name, y }) =>
        `${quantity}${onOneLine(name)}: ${numberText(y[0])} ${first}, ${numberText(y.at(-1))} ${last}`,
    )
    .join("; ");
}

/** The places of the longest line: the layers of the deepest network. */
export function longest(lines: readonly DrawnLine[]): number {
  return Math.max(...lines.map(({ x }) => x.length));
}
