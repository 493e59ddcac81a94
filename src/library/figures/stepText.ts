/** Words for the recorded step that a figure shows. */
import { fail } from "../ground/validation.js";
import type { TrainingRecord } from "../training/record.js";
import type { NamedSeries } from "./series.js";

/**
 * The number of the step that all networks of some series recorded at a place; undefined if it is not the same for
 * all, or some have recorded less.
 *
 * @throws RangeError if no network has recorded as many steps.
 */
export function stepOf(
  owner: string,
  series: readonly NamedSeries[],
  at: number,
  name = "at",
): number | undefined {
  const records = series.flatMap((one) => one.records);
  const most = Math.max(...records.map(({ steps }) => steps.length));
  if (!Number.isInteger(at) || at < -most || at >= most) {
    fail(owner, name, at, `the place of a recorded step, a whole number from ${-most} to ${most - 1}`);
  }
  const found = stepsAt(records, at);
  return found.length === 1 ? found[0] : undefined;
}

/** "at the first step", "at the last step", "at step 40". */
export function whenOf(series: readonly NamedSeries[], at: number): string {
  const found = stepsAt(
    series.flatMap(({ records }) => records),
    at,
  );
  if (at === 0 || at === -1) {
    const own = found.length > 1 ? "each network's" : "the";
    return `at ${own} ${at === 0 ? "first" : "last"} step`;
  }
  return found.length === 1 && found[0] !== undefined
    ? `at step ${found[0]}`
    : `at recorded step ${at < 0 ? `${-at} from the end` : at + 1}`;
}

/** A sentence that says which step it was of which series, where it was not the same for all. */
export function stepsNote(series: readonly NamedSeries[], at: number): string[] {
  const found = stepsAt(
    series.flatMap(({ records }) => records),
    at,
  );
  if (found.length < 2) {
    return [];
  }
  const texts = series.map(({ name, records }) => {
    const own = stepsAt(records, at).filter((step) => step !== undefined);
    const [low, high] = [Math.min(...own), Math.max(...own)];
    return `${own.length === 0 ? "none" : low === high ? String(low) : `${low} to ${high}`} for ${name}`;
  });
  return [`The step is ${texts.join(", ")}, counted from 0.`];
}

/** Each number once, undefined where a network has recorded less. */
function stepsAt(records: readonly TrainingRecord[], at: number): (number | undefined)[] {
  return [...new Set(records.map(({ steps }) => steps.at(at)))];
}
