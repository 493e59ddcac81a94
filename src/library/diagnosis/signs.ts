/** What a record shows of a network's state: the numbers that diseases are told by. */
import { gradientByLayer } from "../measures/layerMeasures.js";
import { activations, isActivationName } from "../models/activations.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { meanAbs } from "../measures/statistics.js";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";

/** All layers but the last. */
export function hiddenOf(record: TrainingRecord): readonly LayerRecord[] {
  return weightLayers(record).slice(0, -1);
}

/** How the gradient comes through at the first step, from the output layer to the first. */
export interface GradientFlow {
  /** "dL/dz", or "dL/dW" where that alone was recorded or can be compared. */
  readonly symbol: string;
  readonly first: number;
  /** The first layer's over the last one's. */
  readonly share: number;
  /** What each hidden layer multiplies it by, on the geometric mean; 1 if there are less than two. */
  readonly perLayer: number;
}

/**
 * Of dL/dz, mean absolute values: that is what the weights and slopes on the way multiply. The size of dL/dW depends on
 * what entered the layer as well; it stands in for records that have no other, and for networks with convolutions: their
 * dL/dz is spread over positions, which are more in some layers than in others, and dL/dW is summed over them.
 */
export function gradientFlow(record: TrainingRecord): GradientFlow {
  const layers = weightLayers(record);
  const byZ = layers.map(({ preActivationGradient }) => preActivationGradient.meanAbs[0]!);
  const isComparable = !byZ.some(Number.isNaN) && layers.every(({ positions }) => positions === 1);
  const sizes = isComparable ? byZ : gradientByLayer(record);
  const hidden = sizes.slice(0, -1);
  const perLayer = hidden.length < 2 ? 1 : (hidden[0]! / hidden.at(-1)!) ** (1 / (hidden.length - 1));
  return {
    symbol: isComparable ? "dL/dz" : "dL/dW",
    first: sizes[0]!,
    share: sizes[0]! / sizes.at(-1)!,
    perLayer,
  };
}

/**
 * How far the units' incoming weights at a recorded step (from the end if negative) differ from the layer's mean unit,
 * as a share of their size; 0 for all zeros. A kernel's last axis is its units.
 */
export function differenceOfUnits({ before, shape }: ParameterRecord, at: number): number {
  const units = shape.at(-1)!;
  const weights = before.at(at)!;
  let difference = 0;
  for (let start = 0; start < weights.length; start += units) {
    const row = weights.subarray(start, start + units);
    const middle = row.reduce((sum, weight) => sum + weight, 0) / units;
    difference += row.reduce((sum, weight) => sum + Math.abs(weight - middle), 0);
  }
  const size = meanAbs(weights) * weights.length;
  return size === 0 ? 0 : difference / size;
}

/** Root mean square of the inputs, as the first layer's z and weights tell it: z = x W, so E[z^2] = inputs E[x^2] E[W^2]. */
export function inputSize(record: TrainingRecord): { readonly size: number; readonly features: number } {
  const { kernel, preActivations, notMeasured } = weightLayers(record)[0]!;
  if (notMeasured.input !== undefined) {
    return { size: NaN, features: NaN };
  }
  const weights = kernel.before[0]!;
  const meanSquare = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
  const z = preActivations.mean[0]! ** 2 + preActivations.std[0]! ** 2;
  const fanIn = weights.length / kernel.shape.at(-1)!;
  return { size: Math.sqrt(z / (fanIn * meanSquare)), features: fanIn };
}

/** The largest share in any hidden layer whose activation function is of a kind. */
export function worstShare(
  record: TrainingRecord,
  kind: "saturates" | "hasFlatPart",
  shareOf: (layer: LayerRecord) => number,
): number {
  const layers = hiddenOf(record).filter(
    ({ activation }) => isActivationName(activation) && activations[activation][kind],
  );
  // NaN where it cannot be measured.
  return Math.max(0, ...layers.map((layer) => shareOf(layer) || 0));
}
