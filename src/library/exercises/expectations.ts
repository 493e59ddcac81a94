import { hasTargets, type Split } from "../data/dataset.js";
import { quote } from "../ground/format.js";
import { keysOf, requireKnownKeys, requireNumber } from "../ground/validation.js";
import type { TrainingRecord } from "../training/record.js";
import { settingsOf } from "../training/settings.js";

/** A number, or lists of numbers in lists. */
export type NestedNumbers = number | ArrayLike<number> | readonly NestedNumbers[];

/** What a test of an assignment looks at. */
export interface Observation {
  /** What was asked for, as a reader would write it: "sigmoid(2)". */
  readonly of: string;
  /** A hidden test's message does not tell the right value. */
  readonly hidden?: boolean;
}

/** What a test of numbers looks at. */
export interface CloseObservation extends Observation {
  /** Largest difference, as a share of the expected number or, below 1, absolute; 1e-6 if not given. */
  readonly tolerance?: number;
}

const KEYS = keysOf<Observation>({ of: true, hidden: true });
const CLOSE_KEYS = keysOf<CloseObservation>({ of: true, hidden: true, tolerance: true });

/** Says that an answer is wrong: what was asked for, what was expected and what came. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** As they are before any cell runs: a cell may put its own in their place. */
const { abs, max } = Math;
const { isArray } = Array;

/**
 * Checks numbers: one, a list, or lists in lists. A test cell imports it anew, so that a student's own function of this
 * name has no effect there.
 *
 * @param actual what the student's code gave; it may be anything
 * @throws WrongAnswer if a number differs, is missing or is none.
 * @example
 * expectClose(1 / (1 + Math.exp(-2)), 0.880797, { of: "sigmoid(2)" });
 */
export function expectClose(actual: unknown, expected: NestedNumbers, observation: CloseObservation): void {
  requireKnownKeys("expectClose", "observation", observation, CLOSE_KEYS);
  const { of, hidden = false, tolerance = 1e-6 } = observation;
  requireNumber("expectClose", "tolerance", tolerance, { min: 0 });
  if (typeof expected === "number") {
    const close = typeof actual === "number" && abs(actual - expected) <= tolerance * max(1, abs(expected));
    if (!close && actual !== expected) {
      fail({ of, hidden }, shorten(expected), shorten(actual));
    }
    return;
  }
  if (!isList(actual)) {
    fail({ of, hidden: false }, `a list of ${expected.length}`, shorten(actual));
  }
  if (actual.length !== expected.length) {
    fail(
      { of, hidden: false },
      `a list of ${expected.length}`,
      `one of ${actual.length}: ${shorten(actual)}`,
    );
  }
  for (let i = 0; i < expected.length; i++) {
    expectClose(actual[i], expected[i]!, { of: `${of}[${i}]`, hidden, tolerance });
  }
}

/**
 * Checks a name, or another value that is right or wrong.
 *
 * @throws WrongAnswer if it is not the expected one.
 */
export function expectEqual(
  actual: unknown,
  expected: string | number | boolean,
  observation: Observation,
): void {
  requireKnownKeys("expectEqual", "observation", observation, KEYS);
  const { of, hidden } = observation;
  if (actual !== expected) {
    fail({ of, hidden }, shorten(expected), shorten(actual));
  }
}

/**
 * Checks that a number reaches a bound. The bound is told even by a hidden test: it is in the task.
 *
 * @throws WrongAnswer if it is smaller, or no number.
 */
export function expectAtLeast(actual: unknown, least: number, observation: Observation): void {
  requireKnownKeys("expectAtLeast", "observation", observation, KEYS);
  const { of } = observation;
  if (!(typeof actual === "number" && actual >= least)) {
    fail({ of }, `at least ${shorten(least)}`, shorten(actual));
  }
}

function fail({ of, hidden = false }: Observation, expected: string, actual: string): never {
  throw new WrongAnswer(
    hidden
      ? `${of} is not right: it gave ${actual}. (A hidden test: it does not tell the right answer.)`
      : `${of}: expected ${expected}, got ${actual}`,
  );
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/**
 * Checks that records are of trainings that were asked for: one for each seed, in their order, made by `trainEnsemble`,
 * on the examples of a dataset. The columns of the dataset may be shifted and scaled, those of its two parts alike.
 *
 * Where tests run for marks, the records have been trained again from their settings: with this, nothing in them is what
 * the submission says, but for the settings.
 *
 * @throws WrongAnswer if they are not.
 */
export function expectTrained(
  actual: unknown,
  { seeds, data }: { readonly seeds: readonly number[]; readonly data: Split },
  { of }: Pick<Observation, "of">,
): asserts actual is readonly TrainingRecord[] {
  const records = isArray(actual) ? (actual as readonly TrainingRecord[]) : [];
  const found = records.map(settingsOf);
  if (found.includes(undefined)) {
    throw new WrongAnswer(`${of}: a record that trainEnsemble did not make; it can't be trained again`);
  }
  const trained = isArray(actual) ? found.map((each) => each!.member.seed) : actual;
  if (!isArray(trained) || trained.join() !== seeds.join()) {
    fail(
      { of },
      `a list of records of the seeds ${shorten(seeds)}`,
      isArray(actual) ? `of ${shorten(trained)}` : shorten(actual),
    );
  }
  for (const { settings } of found as readonly NonNullable<ReturnType<typeof settingsOf>>[]) {
    const {
      dataset: train,
      options: { test },
    } = settings;
    if (test === undefined || hasTargets(test) || !isScaled({ train, test }, data)) {
      throw new WrongAnswer(
        `${of}: trained or tested on other examples than ${data.train.name}; its columns may be shifted and scaled, nothing else`,
      );
    }
  }
}

/** Whether the examples are the same, but for a shift and a scale of each column. */
function isScaled(actual: Split, expected: Split): boolean {
  const rows = ({ train, test }: Split): Rows => [...train.features, ...test.features];
  const labels = ({ train, test }: Split): string => `${train.labels.join()};${test.labels.join()}`;
  const [was, is] = [rows(expected), rows(actual)];
  return (
    labels(expected) === labels(actual) &&
    was.length === is.length &&
    is.every((row) => row.length === was[0]!.length) &&
    was[0]!.every((_, column) => {
      const values = was.map((row) => row[column]!);
      const low = values.indexOf(Math.min(...values));
      const high = values.indexOf(Math.max(...values));
      const shift = is[low]![column]!;
      const scale = (is[high]![column]! - shift) / (values[high]! - values[low]!);
      const size = abs(shift) + abs(is[high]![column]!);
      return is.every(
        (row, i) => abs(row[column]! - shift - scale * (values[i]! - values[low]!)) <= 1e-6 * size,
      );
    })
  );
}

type Rows = readonly (readonly number[])[];

/** A value in one line, a number with six digits. */
function shorten(value: unknown): string {
  return quote(typeof value === "number" ? Number(value.toPrecision(6)) : value);
}
