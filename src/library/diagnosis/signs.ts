/** What a record shows of a network's state: the numbers that diseases are told by. */
import { gradientByLayer } from "../measures/layerMeasures.js";
import { activations, isActivationName } from "../models/activations.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { mean, median } from "simple-statistics";
import { l2Norm, meanAbs } from "../measures/statistics.js";
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

/** Whether the gradient grows on its way back so much that it explodes, or numbers run away in the first pass already. */
export function explodes(record: TrainingRecord): boolean {
  const { first, share, perLayer } = gradientFlow(record);
  const isSteep = share > EXPLODING.share && perLayer > EXPLODING.perLayer;
  return record.stopped?.step === 0 || !Number.isFinite(first) || isSteep;
}

/** From where on a gradient explodes: the first layer's over the last one's, and the growth in each layer. */
const EXPLODING = { share: 100, perLayer: 1.5 };

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

/**
 * Root mean square of the inputs; NaN where they go through a table of words or are normalized first. Of records that do not tell
 * it, as the first layer's z and weights do: z = x W, so E[z^2] = inputs E[x^2] E[W^2].
 */
export function inputSize(record: TrainingRecord): { readonly size: number; readonly features: number } {
  const { kernel, preActivations, notMeasured } = weightLayers(record)[0]!;
  if (kernel.name === "embeddings" || record.layers[0]!.isScaling) {
    return { size: NaN, features: NaN };
  }
  if (record.data !== undefined) {
    return { size: record.data.features.size, features: record.data.features.count };
  }
  if (notMeasured.input !== undefined) {
    return { size: NaN, features: NaN };
  }
  const weights = kernel.before[0]!;
  const z = Math.hypot(preActivations.mean[0]!, preActivations.std[0]!);
  const fanIn = weights.length / kernel.shape.at(-1)!;
  return { size: z / (Math.sqrt(fanIn) * rms(weights)), features: fanIn };
}

/** Whether a loss is for numbers: of which the target is one, and no class or label. */
export function isNumbersLoss({ lossName }: TrainingRecord): boolean {
  return ["meanSquaredError", "meanAbsoluteError", "huber", "logcosh"].includes(lossName);
}

const rms = (values: Float32Array): number => l2Norm(values) / Math.sqrt(values.length);

/**
 * How large the hidden layers' kernels are at the start, in the typical layer: root mean square times the root of the number of
 * inputs, with which sizes stay from layer to layer. By the mean of inputs and units, if that is more, as in Glorot's start, it is
 * no smaller. NaN if there is no hidden layer with a kernel.
 */
export interface StartScales {
  readonly byInputs: number;
  readonly byMean: number;
  readonly layers: number;
}

export function startScales(record: TrainingRecord): StartScales {
  const kernels = hiddenOf(record).flatMap(({ kernel }) => (kernel.name === "kernel" ? [kernel] : []));
  const typical = (count: (inputs: number, units: number) => number): number =>
    kernels.length === 0
      ? NaN
      : median(
          kernels.map(({ before, shape }) => {
            const [first, units] = [before[0]!, shape.at(-1)!];
            return rms(first) * Math.sqrt(count(first.length / units, units));
          }),
        );
  return {
    byInputs: typical((inputs) => inputs),
    byMean: typical((inputs, units) => Math.max(inputs, (inputs + units) / 2)),
    layers: kernels.length,
  };
}

/** How large each layer's kernel is at the end, as a share of what it was at the start. */
export function weightsOverStart(record: TrainingRecord): number[] {
  return weightLayers(record)
    .map(({ kernel }) => rms(kernel.after.at(-1)!) / rms(kernel.before[0]!))
    .filter(Number.isFinite);
}

/** How the gradient comes through time, in the recurrent layer where it changes most: at the first step over the last one. */
export function timeFlow(
  record: TrainingRecord,
): { readonly layer: string; readonly steps: number; readonly share: number } | undefined {
  const flows = record.layers.flatMap(({ name, stateGradients }) => {
    const sizes = stateGradients?.h.meanAbs[0];
    const share = sizes ? sizes[0]! / sizes.at(-1)! : NaN;
    return sizes && Number.isFinite(share) ? [{ layer: name, steps: sizes.length, share }] : [];
  });
  return flows.sort((a, b) => Math.abs(Math.log(b.share)) - Math.abs(Math.log(a.share)))[0];
}

/** How the loss went. */
export interface LossCourse {
  readonly first: number;
  /** Of all recorded steps and epochs. */
  readonly highest: number;
  /** The mean over the last eighth. */
  readonly last: number;
  /** By how much it fell in the last half, as a share of what it was before that. 0 if it rose. */
  readonly fall: number;
}

/** By epochs, where there are enough of them, else by recorded steps. */
export function lossCourse(record: TrainingRecord): LossCourse {
  const epochs = record.epochs.map(({ loss }) => loss);
  const losses = epochs.length >= 8 ? epochs : record.loss;
  const part = (from: number, to: number): number => {
    const start = Math.min(Math.floor(from * losses.length), losses.length - 1);
    return mean(losses.slice(start, Math.max(start + 1, Math.floor(to * losses.length))));
  };
  const [before, last] = [part(0.4, 0.6), part(0.875, 1)];
  const finite = [...record.loss, ...epochs].filter(Number.isFinite);
  return {
    first: record.loss[0]!,
    highest: Math.max(...finite),
    last,
    fall: Math.max(0, 1 - last / before),
  };
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
