import { spread } from "../measures/statistics.js";
import type { TrainingRecord } from "../training/record.js";
import { fail } from "../validation.js";
import type { Style } from "./style.js";
import { stylesOf } from "./theme.js";

/** One network, or many of one kind (an ensemble): then median and quartiles are shown. */
export type Series = TrainingRecord | readonly TrainingRecord[];

/** A series ready to be drawn. */
export interface NamedSeries {
  readonly name: string;
  readonly style: Style;
  readonly records: readonly TrainingRecord[];
}

/** Names and looks of what is compared. One series may come without its list. */
export function namedSeries(owner: string, series: Series | readonly Series[]): NamedSeries[] {
  const isRecord = (value: Series | readonly Series[]): value is TrainingRecord => "steps" in value;
  const list = isRecord(series) ? [series] : series;
  const groups = list.map((entry) => (isRecord(entry) ? [entry] : entry));
  if (groups.length === 0 || groups.some((records) => !records[0]?.layers[0])) {
    fail(owner, "series", `a list of ${groups.length}`, "records with at least one recorded step");
  }
  const looks = stylesOf(groups.map((records) => records[0]!.layers[0]!.activation));
  return groups.map((records, i) => ({
    name: records.length === 1 ? records[0]!.label : `${records[0]!.label}, ${records.length} seeds`,
    style: looks[i]!,
    records,
  }));
}

/** A measure that gives a list of numbers, over the records of a series: place by place the median and quartiles. */
export function spreadOver(
  { records }: NamedSeries,
  measure: (record: TrainingRecord) => readonly number[],
): { y: number[]; lower?: number[]; upper?: number[] } {
  const lists = records.map(measure);
  if (lists.length === 1) {
    return { y: [...lists[0]!] };
  }
  const length = Math.min(...lists.map((list) => list.length));
  const spreads = Array.from({ length }, (_, i) => spread(lists.map((list) => list[i]!)));
  return {
    y: spreads.map(({ median }) => median),
    lower: spreads.map(({ lower }) => lower),
    upper: spreads.map(({ upper }) => upper),
  };
}
