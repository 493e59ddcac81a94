import type { TrainingRecord } from "../training/record.js";
import type { NamedSeries } from "./series.js";
import { depthOf } from "./seriesSpread.js";
import { type SeriesLines, seriesLines } from "./seriesLines.js";

/** What a measure finds in each layer, series by series. */
export function layerLines(
  owner: string,
  series: readonly NamedSeries[],
  measure: (record: TrainingRecord) => readonly number[],
): SeriesLines {
  series.forEach((named) => depthOf(owner, named));
  return seriesLines(series, measure, "layer");
}
