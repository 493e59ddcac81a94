/** Comparing records of trainings that should be the same but for rounding. */
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

/** Where two values differ, in their parts or, by more than rounding, in their numbers: a line for each place. */
export function differences(actual: unknown, expected: unknown, rounding: Rounding, path = ""): string[] {
  if (typeof expected === "number") {
    const error = Math.abs((actual as number) - expected);
    const isSame =
      Object.is(actual, expected) || error <= rounding.absolute + rounding.relative * Math.abs(expected);
    return isSame ? [] : [`${path}: ${actual as number}, not ${expected}`];
  }
  const [keys, wanted] = [actual, expected].map((value) =>
    typeof value === "object" && value !== null ? Object.keys(value).join() : String(value),
  );
  if (keys !== wanted) {
    return [`${path}: ${keys}, not ${wanted}`];
  }
  return Object.entries(expected ?? {}).flatMap(([key, value]) =>
    differences((actual as Record<string, unknown>)[key], value, rounding, `${path}.${key}`),
  );
}
