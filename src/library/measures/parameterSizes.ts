import { fail } from "../ground/validation.js";
import type { ParameterQuantity, ParameterRecord, TrainingRecord } from "../training/record.js";
import { requirePlace, requireRecord, weightLayers, type RecordedStep } from "./recordedSteps.js";
import { l2Norm, meanAbs, type Numbers } from "./statistics.js";

/** How large the numbers of an array are. */
export interface Size {
  /** Mean of the absolute values. */
  readonly meanAbs: number;
  /** Root of the mean of the squares. */
  readonly rms: number;
}

/**
 * How large the weights of one parameter are (before the step), its gradient, its update, or what has changed since the first recorded
 * step, at one recorded step. From the arrays, or where the option recordArrays left these out, as it was recorded.
 *
 * @throws RangeError if that step was not recorded.
 */
export function sizeAt(
  parameter: ParameterRecord,
  quantity: ParameterQuantity,
  { at = 0 }: RecordedStep = {},
): Size {
  const { layer, name, sizes, shape } = parameter;
  const steps = placesOf(parameter);
  const place = requirePlace("sizeAt", "at", { label: `${layer}, ${name}`, steps }, at);
  return {
    meanAbs: meanAbsAt(parameter, quantity, place),
    rms: sizes?.[quantity].rms[place] ?? normAt(parameter, quantity, place) / Math.sqrt(lengthOf(shape)),
  };
}

/** Mean absolute value of one parameter's weights, gradient, update or change, at a place in the recorded steps. */
export function meanAbsAt(parameter: ParameterRecord, quantity: ParameterQuantity, place: number): number {
  const { sizes } = parameter;
  return sizes ? sizes[quantity].meanAbs[place]! : meanAbs(numbersOf(parameter, quantity, place));
}

/** L2 norm of the same. */
export function normAt(parameter: ParameterRecord, quantity: ParameterQuantity, place: number): number {
  const { sizes, shape } = parameter;
  return sizes
    ? sizes[quantity].rms[place]! * Math.sqrt(lengthOf(shape))
    : l2Norm(numbersOf(parameter, quantity, place));
}

/** The mean absolute value by recorded step. */
export const meanAbsOf = (parameter: ParameterRecord, quantity: ParameterQuantity): readonly number[] =>
  placesOf(parameter).map((place) => meanAbsAt(parameter, quantity, place));

/** The L2 norm by recorded step. */
export const normOf = (parameter: ParameterRecord, quantity: ParameterQuantity): readonly number[] =>
  placesOf(parameter).map((place) => normAt(parameter, quantity, place));

const placesOf = ({ sizes, gradient }: ParameterRecord): number[] => [
  ...(sizes?.gradient.rms ?? gradient).keys(),
];

const lengthOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Root mean square of a step's update over that of the weights before it. Infinity for weights that are all 0. */
const updateRatioAt = (parameter: ParameterRecord, place: number): number =>
  normAt(parameter, "update", place) / normAt(parameter, "weights", place);

/** The same by recorded step. */
export const updateRatioOf = (parameter: ParameterRecord): readonly number[] =>
  placesOf(parameter).map((place) => updateRatioAt(parameter, place));

/**
 * L2 norm of the whole gradient, over all trainable arrays, by recorded step: what clipping compares with clipNorm.
 *
 * @throws RangeError if the record holds no layer or no step.
 */
export function gradientNorm(record: TrainingRecord): number[] {
  const norms = requireRecord("gradientNorm", "record", record).parameters.map((parameter) =>
    normOf(parameter, "gradient"),
  );
  return record.steps.map((_, i) => Math.hypot(...norms.map((list) => list[i]!)));
}

/**
 * Size of one step's update in each layer, as a share of the weights before it: root mean square of the kernel's update
 * over that of the kernel. Of the layers that `weightLayers` names.
 *
 * @throws RangeError if that step was not recorded.
 */
export function updateRatioByLayer(record: TrainingRecord, options: RecordedStep = {}): number[] {
  requireRecord("updateRatioByLayer", "record", record);
  const place = requirePlace("updateRatioByLayer", "at", record, options.at ?? 0);
  return weightLayers(record).map(({ kernel }) => updateRatioAt(kernel, place));
}

/** A parameter whose numbers were recorded, not only their sizes. */
export function requireArrays(owner: string, { layer, name, sizes }: ParameterRecord): void {
  if (sizes) {
    fail(
      owner,
      `${layer}, ${name}`,
      "recorded by its size alone",
      "recorded number by number: see the option recordArrays",
    );
  }
}

function numbersOf(parameter: ParameterRecord, quantity: ParameterQuantity, place: number): Numbers {
  const { before, gradient, update } = parameter;
  switch (quantity) {
    case "weights":
      return before[place]!;
    case "gradient":
      return gradient[place]!;
    case "update":
      return update[place]!;
    case "change":
      return changeBetween(parameter, { from: 0, to: place });
  }
}

/** W after one recorded step less W before another. */
export function changeBetween(
  { before, after }: ParameterRecord,
  { from, to }: { readonly from: number; readonly to: number },
): Float64Array {
  const start = before[from]!;
  return Float64Array.from(after[to]!, (value, i) => value - start[i]!);
}
