import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import { l2Norm, meanAbs } from "./statistics.js";

/** How a weight change is expressed. */
export type ChangeUnit = "absolute" | "relative" | "perLearningRate";

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
  return record.layers.map((layer) => meanAbs(gradientAt(layer, step)));
}

/** L2 norm of each layer's kernel gradient at one recorded step (the first by default). */
export function gradientNormByLayer(record: TrainingRecord, step = 0): number[] {
  return record.layers.map((layer) => l2Norm(gradientAt(layer, step)));
}

/**
 * First layer's mean absolute gradient over the last layer's, at one recorded step (the first by default). 1 means
 * that the gradient reaches the first layer whole; 1e-5 that a hundred-thousandth of it does; 0 / 0 is NaN.
 */
export function gradientRatio(record: TrainingRecord, step = 0): number {
  const gradients = gradientByLayer(record, step);
  return (gradients[0] ?? NaN) / (gradients.at(-1) ?? NaN);
}

/** Share of saturated activations in each layer at one recorded step (the first by default). */
export function saturationByLayer(record: TrainingRecord, step = 0): number[] {
  return record.layers.map((layer) => at(layer.saturated, step, "saturationByLayer"));
}

/** Share of dead units in each layer at one recorded step (the first by default). */
export function deadByLayer(record: TrainingRecord, step = 0): number[] {
  return record.layers.map((layer) => at(layer.dead, step, "deadByLayer"));
}

function gradientAt(layer: LayerRecord, step: number): Float32Array {
  return at(layer.kernel.gradient, step, `gradient of ${layer.name}`);
}

/** An element of a recorded list; a negative step counts from the end, as `Array.at` does. */
function at<T>(list: readonly T[], step: number, what: string): T {
  const value = list.at(step);
  if (value === undefined) {
    throw new RangeError(`${what}: step ${step} was not recorded; there are ${list.length} recorded steps`);
  }
  return value;
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
