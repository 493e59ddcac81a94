/** Comparing records of trainings that should be the same but for rounding. */
import assert from "node:assert/strict";
import type { TrainingRecord } from "./record.js";

/** By how much numbers may differ. */
export interface Rounding {
  readonly absolute: number;
  readonly relative: number;
}

/** All numbers of a record that a training has computed. */
export function numbersOf(record: TrainingRecord): unknown {
  return {
    loss: record.loss,
    epochs: record.epochs,
    clipFactor: record.clipFactor,
    parameters: record.parameters.map(({ before, after, gradient }) => ({ before, after, gradient })),
    layers: record.layers.map((layer) => ({
      preActivations: layer.preActivations,
      activations: layer.activations,
      dead: layer.dead,
      input: layer.input,
      preActivationGradient: layer.preActivationGradient,
      ...(layer.stateGradients && { stateGradients: layer.stateGradients }),
    })),
  };
}

/** Asserts that two values have the same parts and the same numbers, but for rounding. */
export function closeDeep(actual: unknown, expected: unknown, rounding: Rounding, path = ""): void {
  if (typeof expected === "number") {
    const error = Math.abs((actual as number) - expected);
    const isSame =
      Object.is(actual, expected) || error <= rounding.absolute + rounding.relative * Math.abs(expected);
    assert.ok(isSame, `${path}: ${actual as number}, not ${expected}`);
    return;
  }
  if (typeof expected !== "object" || expected === null) {
    assert.deepEqual(actual, expected, path);
    return;
  }
  assert.deepEqual(Object.keys(actual as object), Object.keys(expected), path);
  for (const [key, value] of Object.entries(expected)) {
    closeDeep((actual as Record<string, unknown>)[key], value, rounding, `${path}.${key}`);
  }
}
