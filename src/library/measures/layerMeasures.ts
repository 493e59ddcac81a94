import { keysOf, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import {
  type RecordedSpan,
  type RecordedStep,
  requirePlace,
  requireRecord,
  requireSpan,
  weightLayers,
} from "./recordedSteps.js";
import { changeBetween, meanAbsAt, normAt, requireArrays } from "./parameterSizes.js";
import { meanAbs } from "./statistics.js";

const AT_KEYS = keysOf<RecordedStep>({ at: true });
const SPAN_KEYS = keysOf<RecordedSpan>({ from: true, to: true });

/** How a weight change is expressed. */
export type ChangeUnit = (typeof CHANGE_UNITS)[number];
const CHANGE_UNITS = ["absolute", "relative", "perLearningRate"] as const;

/** Which steps a weight change spans, and its unit. */
export interface ChangeOptions extends RecordedSpan {
  /** "absolute" if not given. */
  readonly unit?: ChangeUnit;
}

/**
 * Which gradient, or which factor of one: dL/dW = (what entered the layer) x (dL/dz).
 * - "weights": dL/dW, the product of both.
 * - "preActivations": dL/dz, the factor that vanishes or explodes on its way back.
 * - "inputs": what entered the layer on its way forward.
 */
export type GradientFactor = (typeof GRADIENT_FACTORS)[number];
const GRADIENT_FACTORS = ["weights", "preActivations", "inputs"] as const;

/** Which recorded step, and which factor of the gradient. */
export interface GradientOptions extends RecordedStep {
  /** "weights" if not given. */
  readonly of?: GradientFactor;
}

const GRADIENT_KEYS = keysOf<GradientOptions>({ at: true, of: true });

/**
 * Weight change of one parameter, weight by weight: W after - W before, over the whole record or a span of it.
 * It is what the optimizer did, not a gradient. Flat, in the parameter's own order.
 *
 * @throws RangeError if the span is not one of recorded steps.
 */
export function weightChange(parameter: ParameterRecord, span: RecordedSpan = {}): Float64Array {
  requireKnownKeys("weightChange", "span", span, SPAN_KEYS);
  requireArrays("weightChange", parameter);
  const { name, layer, before } = parameter;
  const recorded = { label: `${layer}, ${name}`, steps: before };
  return changeBetween(parameter, requireSpan("weightChange", recorded, span));
}

/**
 * Mean absolute weight change of each layer's kernel.
 *
 * - absolute: mean |W after - W before|
 * - relative: that, divided by mean |W before|
 * - perLearningRate: that, divided by the learning rate. Under plain SGD with one step this is the mean absolute
 *   gradient; under any other optimizer it is not.
 *
 * @throws RangeError if the span is not one of recorded steps, or there is no such unit.
 */
export function weightChangeByLayer(record: TrainingRecord, options: ChangeOptions = {}): number[] {
  const owner = "weightChangeByLayer";
  requireKnownKeys(owner, "options", options, keysOf<ChangeOptions>({ from: true, to: true, unit: true }));
  const unit = requireOneOf(owner, "unit", options.unit ?? "absolute", CHANGE_UNITS);
  const { optimizer } = requireRecord(owner, "record", record);
  const span = requireSpan(owner, record, options);
  return weightLayers(record).map(({ kernel }) => {
    const change = changeSize(owner, kernel, span);
    const divisors = {
      absolute: 1,
      relative: meanAbsAt(kernel, "weights", span.from),
      perLearningRate: optimizer.learningRate,
    };
    return change / divisors[unit];
  });
}

/**
 * Size of each layer's gradient, or of one of its two factors, at one recorded step: mean |dL/dW| over the kernel, mean |dL/dz|
 * over the units and the step's batch, or the mean absolute value of what entered the layer. Of the layers that `weightLayers` names, in
 * their order; NaN for a factor that cannot be measured in a layer (see its `notMeasured`).
 *
 * @throws RangeError if that step was not recorded, or there is no such factor.
 */
export function gradientByLayer(record: TrainingRecord, options: GradientOptions = {}): number[] {
  return gradients("gradientByLayer", record, options);
}

/** L2 norm of each layer's kernel gradient dL/dW at one recorded step. */
export function gradientNormByLayer(record: TrainingRecord, options: RecordedStep = {}): number[] {
  const owner = "gradientNormByLayer";
  requireKnownKeys(owner, "options", options, AT_KEYS);
  return atStep(owner, record, options, ({ kernel }, place) => normAt(kernel, "gradient", place));
}

/**
 * First layer's gradient over the last layer's, at one recorded step, as `gradientByLayer` has them. 1 means
 * that the gradient reaches the first layer whole; 1e-5 that a hundred-thousandth of it does; 0 / 0 is NaN.
 */
export function gradientRatio(record: TrainingRecord, options: GradientOptions = {}): number {
  const sizes = gradients("gradientRatio", record, options);
  return (sizes[0] ?? NaN) / (sizes.at(-1) ?? NaN);
}

/** Share of saturated activations in each layer at one recorded step, on the record's probe; NaN where it is not known. */
export function saturationByLayer(record: TrainingRecord, options: RecordedStep = {}): number[] {
  requireKnownKeys("saturationByLayer", "options", options, AT_KEYS);
  return atStep("saturationByLayer", record, options, ({ saturated }, place) => saturated[place]!);
}

/** Share of dead units in each layer at one recorded step, on the record's probe; NaN where it is not known. */
export function deadByLayer(record: TrainingRecord, options: RecordedStep = {}): number[] {
  requireKnownKeys("deadByLayer", "options", options, AT_KEYS);
  return atStep("deadByLayer", record, options, ({ dead }, place) => dead[place]!);
}

function gradients(owner: string, record: TrainingRecord, options: GradientOptions): number[] {
  requireKnownKeys(owner, "options", options, GRADIENT_KEYS);
  switch (requireOneOf(owner, "of", options.of ?? "weights", GRADIENT_FACTORS)) {
    case "weights":
      return atStep(owner, record, options, ({ kernel }, place) => meanAbsAt(kernel, "gradient", place));
    case "preActivations":
      return atStep(owner, record, options, (layer, place) => layer.preActivationGradient.meanAbs[place]!);
    case "inputs":
      return atStep(owner, record, options, ({ input }, place) => input.meanAbs[place]!);
  }
}

/** What was recorded of each layer at one step. */
function atStep(
  owner: string,
  record: TrainingRecord,
  { at = 0 }: RecordedStep,
  of: (layer: LayerRecord, place: number) => number,
): number[] {
  requireRecord(owner, "record", record);
  const place = requirePlace(owner, "at", record, at);
  return weightLayers(record).map((layer) => of(layer, place));
}

/** Mean absolute change over a span; of an array that was recorded by size, the span must begin with the record or be one step. */
function changeSize(
  owner: string,
  kernel: ParameterRecord,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if (kernel.sizes && from === 0) {
    return meanAbsAt(kernel, "change", to);
  }
  if (kernel.sizes && from === to) {
    return meanAbsAt(kernel, "update", to);
  }
  requireArrays(owner, kernel);
  return meanAbs(changeBetween(kernel, { from, to }));
}
