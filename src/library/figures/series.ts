import { spread } from "../measures/statistics.js";
import type { TrainingRecord } from "../training/record.js";
import { fail } from "../ground/validation.js";
import { type Style, stylesOf } from "./palette.js";

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
    records,
  }));
}

/** The record, if it is one and holds a step and a layer. */
export function requireRecord(owner: string, name: string, record: TrainingRecord): TrainingRecord {
  const { layers, steps } = (record as Partial<TrainingRecord> | undefined) ?? {};
  if (!layers || !steps) {
    fail(owner, name, record, "a record of a training");
  }
  if (layers.length === 0 || steps.length === 0) {
    const held = `a record of ${layers.length} layers and ${steps.length} steps`;
    fail(owner, name, held, "a record of at least one layer and one step");
  }
  return record;
}

/** What decides a network's color. */
function activationOf({ layers }: TrainingRecord): string {
  return layers[0]!.activation;
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
