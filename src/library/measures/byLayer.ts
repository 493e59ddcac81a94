import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import { fail, requireOneOf } from "../ground/validation.js";
import { l2Norm, meanAbs } from "./statistics.js";

/** How a weight change is expressed. */
export type ChangeUnit = (typeof CHANGE_UNITS)[number];
const CHANGE_UNITS = ["absolute", "relative", "perLearningRate"] as const;

/** Which recorded steps a change spans: from the weights before step `from` to those after step `to` (indices into `record.steps`). */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/**
 * Weight change of one parameter, weight by weight: W after - W before, over the whole record or a span of it.
 * It is what the optimiser did, not a gradient. Flat, in the parameter's own order.
 */
export function weightChange(parameter: ParameterRecord, span: Span = {}): Float64Array {
  const { from, to } = resolveSpan(parameter, span);
  const before = parameter.before[from]!;
  const after = parameter.after[to]!;
  return Float64Array.from(after, (value, i) => value - before[i]!);
}

/**
 * Mean absolute weight change of each layer's kernel.
 *
 * - absolute: mean |W after - W before|
 * - relative: that, divided by mean |W before|
 * - perLearningRate: that, divided by the learning rate. Under plain SGD with one step this is the mean absolute
 *   gradient; under any other optimiser it is not.
 */
export function weightChangeByLayer(
  record: TrainingRecord,
  { unit = "absolute", ...span }: Span & { readonly unit?: ChangeUnit } = {},
): number[] {
  requireOneOf("weightChangeByLayer", "unit", unit, CHANGE_UNITS);
  return record.layers.map(({ kernel }) => {
    const change = meanAbs(weightChange(kernel, span));
    const before = kernel.before[resolveSpan(kernel, span).from]!;
    const divisors = {
      absolute: 1,
      relative: meanAbs(before),
      perLearningRate: record.optimizer.learningRate,
    };
    return change / divisors[unit];
  });
}

/** Mean absolute gradient of each layer's kernel, mean |dL/dW|, at one recorded step (the first by default). */
export function gradientByLayer(record: TrainingRecord, step = 0): number[] {
  return atStep("gradientByLayer", record, step, ({ kernel }) => kernel.gradient).map(meanAbs);
}

/** L2 norm of each layer's kernel gradient at one recorded step (the first by default). */
export function gradientNormByLayer(record: TrainingRecord, step = 0): number[] {
  return atStep("gradientNormByLayer", record, step, ({ kernel }) => kernel.gradient).map(l2Norm);
}

/**
 * First layer's mean absolute gradient over the last layer's, at one recorded step (the first by default). 1 means
 * that the gradient reaches the first layer whole; 1e-5 that a hundred-thousandth of it does; 0 / 0 is NaN.
 */
export function gradientRatio(record: TrainingRecord, step = 0): number {
  const gradients = atStep("gradientRatio", record, step, ({ kernel }) => kernel.gradient).map(meanAbs);
  return (gradients[0] ?? NaN) / (gradients.at(-1) ?? NaN);
}

/** Share of saturated activations in each layer at one recorded step (the first by default). */
export function saturationByLayer(record: TrainingRecord, step = 0): number[] {
  return atStep("saturationByLayer", record, step, ({ saturated }) => saturated);
}

/** Share of dead units in each layer at one recorded step (the first by default). */
export function deadByLayer(record: TrainingRecord, step = 0): number[] {
  return atStep("deadByLayer", record, step, ({ dead }) => dead);
}

/** What was recorded of each layer at one step; a negative step counts from the end, as `Array.at` does. */
function atStep<T>(
  owner: string,
  record: TrainingRecord,
  step: number,
  listOf: (layer: LayerRecord) => readonly T[],
): T[] {
  const count = record.steps.length;
  if (!(Number.isInteger(step) && step >= -count && step < count)) {
    fail(owner, "step", step, `the place of a recorded step, a whole number from ${-count} to ${count - 1}`);
  }
  return record.layers.map((layer) => listOf(layer).at(step)!);
}

function resolveSpan(parameter: ParameterRecord, span: Span): { from: number; to: number } {
  const count = parameter.before.length;
  const { from = 0, to = count - 1 } = span;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to < count)) {
    throw new RangeError(
      `weightChange(): from ${from} to ${to} is not a span of recorded steps; they run from 0 to ${count - 1}`,
    );
  }
  return { from, to };
}
