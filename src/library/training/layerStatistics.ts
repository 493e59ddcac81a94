import { tf } from "../tensorflow/tf.js";
import { isActivationName } from "../models/activations.js";
import { isFlat, isSaturated } from "../models/slopes.js";
import type { LayerQuantity } from "./record.js";
import type { LayerPlace, Signal, TrainingSignal } from "./trainable.js";

/** What is told of each layer's activations, in this order. */
export const ACTIVATION_STATISTICS = ["zMean", "zStd", "aMean", "aStd", "saturated", "dead", "size"] as const;

/** What is told of both factors of each layer's gradient, in this order. */
export const FACTOR_STATISTICS = ["inputMeanAbs", "inputRms", "deltaMeanAbs", "deltaRms"] as const;

/** Why saturated and dead units are not told of a function that is not in the table of activations. */
export function unknownSlopes(activation: string): LayerPlace["notMeasured"] {
  const reason = `it is not known where the function "${activation}" is flat`;
  return isActivationName(activation) ? {} : { saturated: reason, dead: reason };
}

/** What is told of a layer that only scales. */
export function scalingPlace(name: string, units: number, activation: string): LayerPlace {
  const reason = "a layer that only scales is recorded by its weights";
  const quantities: Record<LayerQuantity, string> = {
    preActivations: reason,
    activations: reason,
    saturated: reason,
    dead: reason,
    input: reason,
    preActivationGradient: reason,
  };
  return { name, units, activation, positions: 1, isScaling: true, notMeasured: quantities };
}

/** All but the networks. */
const WITHIN = [1, 2];

/**
 * Statistics of each layer's activations, as a part of the computation: [7, networks, layers]. Saturated is the number
 * of z where |f'(z)| is below 5 % of its largest value, of so many (the size); dead is the number of units for which
 * f'(z) = 0 in every example. What cannot be measured is NaN. Standard deviations are the population's.
 */
export function activationStatistics(signals: readonly Signal[]): tf.Tensor {
  const alike = runsOf(
    signals,
    ({ a }) => a,
    ({ activation, unitsFirst, z, a }) => `${activation} ${unitsFirst} ${z !== undefined} ${a.shape.join()}`,
  );
  return byLayer(
    alike.map((group) => {
      const { activation, unitsFirst, z: hasZ } = group[0]!;
      const a = joined(group.map((signal) => signal.a));
      const fill = (value: number): tf.Tensor => tf.fill([a.shape[0]], value);
      const size = fill(a.size / a.shape[0]);
      if (!hasZ) {
        return {
          rows: [fill(NaN), fill(NaN), ...meanAndStd(a), fill(NaN), fill(NaN), size],
          layers: group.length,
        };
      }
      const z = joined(group.map((signal) => signal.z!));
      const moments = [...meanAndStd(z), ...meanAndStd(a)];
      if (!isActivationName(activation)) {
        return { rows: [...moments, fill(NaN), fill(NaN), size], layers: group.length };
      }
      const saturated = isSaturated(activation, z).toFloat().sum(WITHIN);
      const dead = isFlat(activation, z)
        .all(unitsFirst ? 2 : 1)
        .toFloat()
        .sum(1);
      return { rows: [...moments, saturated, dead, size], layers: group.length };
    }),
  );
}

/** Sizes of both factors of each layer's gradient: [4, networks, layers]. What cannot be measured is NaN. */
export function factorStatistics(signals: readonly TrainingSignal[]): tf.Tensor {
  const networks = signals[0]!.a.shape[0];
  const missing = tf.fill([networks, 1, 1], NaN);
  const sizesOf = (of: (signal: TrainingSignal) => tf.Tensor | undefined): tf.Tensor => {
    const tensors = signals.map((signal) => of(signal) ?? missing);
    const groups = runsOf(
      tensors,
      (tensor) => tensor,
      ({ shape }) => shape.join(),
    ).map((group) => {
      const rows = sizes(joined(group), WITHIN);
      // What enters the first layer is the same for all networks.
      const isShared = group[0]!.shape[0] !== networks;
      return { rows: isShared ? rows.map((row) => row.tile([networks])) : rows, layers: group.length };
    });
    return byLayer(groups);
  };
  return tf.concat([sizesOf(({ input }) => input), sizesOf(({ delta }) => delta)], 0);
}

/**
 * Sizes of dL/dstate, [time steps, numbers] or [networks, time steps, numbers], at each time step: [2, time steps] or
 * [2, networks, time steps], mean absolute values and root mean squares.
 */
export function timeStatistics(gradients: tf.Tensor): tf.Tensor {
  return tf.stack(sizes(gradients, [gradients.rank - 1]));
}

/** Whether all z and all a of each layer are finite: [networks, layers], 1 or 0. */
export function finiteLayers(signals: readonly Signal[]): tf.Tensor {
  return tf.stack(
    signals.map(({ a, z = a }) =>
      tf.isFinite(z).all(WITHIN).logicalAnd(tf.isFinite(a).all(WITHIN)).toFloat(),
    ),
    1,
  );
}

/** Layers are treated together, to save operations, as long as their numbers are no more than this: more are better not copied. */
const TOGETHER = 50_000;

/** Neighbors with the same key, in runs. */
function runsOf<T>(
  list: readonly T[],
  tensorOf: (entry: T) => tf.Tensor,
  keyOf: (entry: T) => string,
): T[][] {
  const runs: T[][] = [];
  for (const entry of list) {
    const run = runs.at(-1);
    const isAlike = run && keyOf(run[0]!) === keyOf(entry);
    if (isAlike && (run.length + 1) * tensorOf(entry).size <= TOGETHER) {
      run.push(entry);
    } else {
      runs.push([entry]);
    }
  }
  return runs;
}

/** Tensors of one shape [networks, ..., ...] as one: [networks * tensors, ..., ...]. */
function joined(tensors: readonly tf.Tensor[]): tf.Tensor {
  const [first] = tensors as [tf.Tensor];
  const [networks, rows, columns] = first.shape as [number, number, number];
  return tensors.length === 1
    ? first
    : tf.concat([...tensors], 1).reshape([networks * tensors.length, rows, columns]);
}

/** Rows of [networks * layers] for each run of layers, as one tensor: [rows, networks, all layers]. */
function byLayer(groups: readonly { readonly rows: tf.Tensor[]; readonly layers: number }[]): tf.Tensor {
  const tables = groups.map(({ rows, layers }) => tf.stack(rows).reshape([rows.length, -1, layers]));
  return tables.length === 1 ? tables[0]! : tf.concat(tables, 2);
}

/** Deviations are taken from each network's first value, so that large squares that nearly cancel do not arise. */
function meanAndStd(values: tf.Tensor): [mean: tf.Tensor, std: tf.Tensor] {
  const networks = values.shape[0];
  const origin = values.slice([0, 0, 0], [networks, 1, 1]);
  const deviations = values.sub(origin);
  const shift = deviations.mean(WITHIN);
  const std = deviations.square().mean(WITHIN).sub(shift.square()).relu().sqrt();
  return [origin.reshape([networks]).add(shift), std];
}

/**
 * Mean of the absolute values and root of the mean of the squares. Squares of small numbers would be lost in float32
 * (the square of 1e-23 is 0): they are taken of what is left after division by the mean.
 */
function sizes(values: tf.Tensor, axes: number[]): [meanAbs: tf.Tensor, rms: tf.Tensor] {
  const absolute = values.abs();
  const meanAbs = absolute.mean(axes, true);
  const scale = meanAbs.maximum(SMALLEST);
  const rms = absolute.div(scale).square().mean(axes, true).sqrt().mul(scale);
  return [meanAbs.reshape([-1]), rms.reshape([-1])];
}

/** The smallest number of full precision in float32. */
const SMALLEST = 1.1754944e-38;
