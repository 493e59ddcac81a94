import { fail } from "../ground/validation.js";
import type { LayerRecord, TrainingRecord } from "../training/record.js";
import { isRecord } from "../training/recordJson.js";

/** Which recorded step a measure is of. */
export interface RecordedStep {
  /** The step's place in `record.steps`, from the end if negative, as in `Array.at`; 0, the first one, if not given. */
  readonly at?: number;
}

/** What has recorded steps, and what messages call it. */
interface Recorded {
  readonly label: string;
  readonly steps: { readonly length: number };
}

/** From the weights before one recorded step to those after another: places in `record.steps`, from the end if negative. */
export interface RecordedSpan {
  readonly from?: number;
  readonly to?: number;
}

/**
 * The layers that measures and figures by layer are of, in order of computation: all but those that only scale number by
 * number (normalization, PReLU).
 */
export function weightLayers({ layers }: TrainingRecord): readonly LayerRecord[] {
  return layers.filter(({ isScaling }) => !isScaling);
}

/** The record, if it is one and holds a layer and a step. */
export function requireRecord(owner: string, name: string, record: TrainingRecord): TrainingRecord {
  const { layers, steps } = (record as Partial<TrainingRecord> | undefined) ?? {};
  if (!layers || !steps) {
    fail(owner, name, record, "a record of a training");
  }
  if (!isRecord(record)) {
    fail(
      owner,
      name,
      record,
      "a record of a training with its arrays; JSON has none: see saveRecord and loadRecord",
    );
  }
  const count = weightLayers(record).length;
  if (count === 0 || steps.length === 0) {
    const why = record.stopped ? ` (${record.stopped.message})` : "";
    const held = `a record of ${count} layers and ${steps.length} steps${why}`;
    fail(owner, name, held, "a record of at least one layer and one step");
  }
  return record;
}

/** The place of a recorded step, counted from the start; `at` counts from the end if negative, as `Array.at` does. */
export function requirePlace(owner: string, name: string, record: Recorded, at: number): number {
  const count = record.steps.length;
  if (!(Number.isInteger(at) && at >= -count && at < count)) {
    const held = `${-count} to ${count - 1} in the record of "${record.label}"`;
    fail(owner, name, at, `the place of a recorded step, a whole number from ${held}`);
  }
  return at < 0 ? at + count : at;
}

/** Both places of a span, counted from the start; the whole record if nothing else is said. */
export function requireSpan(
  owner: string,
  record: Recorded,
  { from = 0, to = -1 }: RecordedSpan,
): { from: number; to: number } {
  const places = {
    from: requirePlace(owner, "from", record, from),
    to: requirePlace(owner, "to", record, to),
  };
  if (places.from > places.to) {
    const steps = `recorded steps ${places.from} and ${places.to} of "${record.label}"`;
    fail(owner, "from", from, `at or before to, which is ${to} (${steps})`);
  }
  return places;
}
