import { fail } from "../ground/validation.js";
import { requireRecord, weightLayers } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import { type Style, stylesOf } from "./palette.js";

/** One network, or many of one kind (an ensemble): then median and quartiles are shown. */
export type Series = TrainingRecord | readonly TrainingRecord[];

/** A series ready to be drawn. */
export interface NamedSeries {
  readonly name: string;
  readonly style: Style;
  /** How errors name it, for example "series[0]". */
  readonly argument: string;
  readonly records: readonly TrainingRecord[];
}

/** Names and looks of what is compared. One series may come without its list. */
export function namedSeries(owner: string, series: Series | readonly Series[]): NamedSeries[] {
  const isList = (value: unknown): value is readonly Series[] => Array.isArray(value);
  const groups = (isList(series) ? series : [series]).map((entry) =>
    isList(entry) ? entry : [entry],
  ) as readonly (readonly TrainingRecord[])[];
  groups.forEach((records, i) => {
    if (records.length === 0) {
      fail(owner, `series[${i}]`, [], "a record or a list of at least one");
    }
    records.forEach((record) => requireRecord(owner, `series[${i}]`, record));
  });
  if (groups.length === 0) {
    fail(owner, "series", [], "a record or a list of at least one");
  }
  const looks = stylesOf(groups.map((records) => activationOf(records[0]!)));
  return groups.map((records, i) => ({
    name: records.length === 1 ? records[0]!.label : `${records[0]!.label}, ${records.length} seeds`,
    style: looks[i]!,
    argument: `series[${i}]`,
    records,
  }));
}

/** What decides a network's color. */
function activationOf(record: TrainingRecord): string {
  return weightLayers(record)[0]!.activation;
}
