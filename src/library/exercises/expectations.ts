import { quote } from "../ground/format.js";
import { keysOf, requireKnownKeys, requireNumber } from "../ground/validation.js";

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

/** A value in one line, a number with six digits. */
function shorten(value: unknown): string {
  return quote(typeof value === "number" ? Number(value.toPrecision(6)) : value);
}
