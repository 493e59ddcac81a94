import * as tf from "@tensorflow/tfjs-node";
import { isActivationName } from "../models/activations.js";
import { type Region, slopeRegions } from "../models/slopes.js";
import type { Signal, TrainingSignal } from "./trainable.js";

/** What is told of each layer's activations, in this order. */
export const ACTIVATION_STATISTICS = ["zMean", "zStd", "aMean", "aStd", "saturated", "dead", "size"] as const;

/** What is told of both factors of each layer's gradient, in this order. */
export const FACTOR_STATISTICS = ["inputMeanAbs", "inputRms", "deltaMeanAbs", "deltaRms"] as const;

/** All but the networks. */
const WITHIN = [1, 2];

/**
 * Statistics of each layer's activations, as a part of the computation: [7, networks, layers]. Saturated is the number
 * of z where |f'(z)| is below 5 % of its largest value, of so many (the size); dead is the number of units for which
 * f'(z) = 0 in every example. Both are NaN for a function that is not in the table of activations (softmax). Standard
 * deviations are the population's.
 */
export function activationStatistics(signals: readonly Signal[]): tf.Tensor {
  const alike = runsOf(
    signals,
    ({ z }) => z,
    ({ activation, unitsFirst, z }) => `${activation} ${unitsFirst} ${z.shape.join()}`,
  );
  return byLayer(
    alike.map((group) => {
      const { activation, unitsFirst } = group[0]!;
      const z = joined(group.map((signal) => signal.z));
      const a = joined(group.map((signal) => signal.a));
      const fill = (value: number): tf.Tensor => tf.fill([z.shape[0]!], value);
      const size = fill(z.size / z.shape[0]!);
      const moments = [...meanAndStd(z), ...meanAndStd(a)];
      if (!isActivationName(activation)) {
        return { rows: [...moments, fill(NaN), fill(NaN), size], layers: group.length };
      }
      const { small, zero } = slopeRegions(activation);
      const saturated = contained(z, small).toFloat().sum(WITHIN);
      return { rows: [...moments, saturated, deadUnits(z, unitsFirst, zero), size], layers: group.length };
    }),
  );
}

/** Sizes of both factors of each layer's gradient: [4, networks, layers]. */
export function factorStatistics(signals: readonly TrainingSignal[]): tf.Tensor {
  const networks = signals[0]!.delta.shape[0]!;
  const sizesOf = (of: (signal: TrainingSignal) => tf.Tensor): tf.Tensor => {
    const tensors = signals.map(of);
    const groups = runsOf(
      tensors,
      (tensor) => tensor,
      ({ shape }) => shape.join(),
    ).map((group) => {
      const rows = sizes(joined(group));
      // What enters the first layer is the same for all networks.
      const isShared = group[0]!.shape[0] !== networks;
      return { rows: isShared ? rows.map((row) => row.tile([networks])) : rows, layers: group.length };
    });
    return byLayer(groups);
  };
  return tf.concat([sizesOf(({ input }) => input), sizesOf(({ delta }) => delta)], 0);
}

/** Whether all z and all a of each layer are finite: [networks, layers], 1 or 0. */
export function finiteLayers(signals: readonly Signal[]): tf.Tensor {
  return tf.stack(
    signals.map(({ z, a }) => tf.isFinite(z).all(WITHIN).logicalAnd(tf.isFinite(a).all(WITHIN)).toFloat()),
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
  const networks = values.shape[0]!;
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
function sizes(values: tf.Tensor): [meanAbs: tf.Tensor, rms: tf.Tensor] {
  const absolute = values.abs();
  const meanAbs = absolute.mean(WITHIN, true);
  const scale = meanAbs.maximum(SMALLEST);
  const rms = absolute.div(scale).square().mean(WITHIN, true).sqrt().mul(scale);
  return [meanAbs.reshape([-1]), rms.reshape([-1])];
}

/** The smallest number of full precision in float32. */
const SMALLEST = 1.1754944e-38;

/** Number of units that lie in the region for every example. */
function deadUnits(z: tf.Tensor, unitsFirst: boolean, region: Region): tf.Tensor {
  if (region.flips.length === 0 && !region.below) {
    return tf.zeros([z.shape[0]!]);
  }
  return contained(z, region)
    .all(unitsFirst ? 2 : 1)
    .toFloat()
    .sum(1);
}

/** Which values lie in a region of the number line. */
function contained(values: tf.Tensor, { below, flips: exact }: Region): tf.Tensor {
  const flips = exact.map(roundedDown);
  const [first, last] = [flips[0], flips.at(-1)];
  if (first === undefined || last === undefined) {
    return below ? tf.onesLike(values).toBool() : tf.zerosLike(values).toBool();
  }
  if (flips.length === 1) {
    return below ? values.lessEqual(first) : values.greater(first);
  }
  if (flips.length === 2) {
    return below
      ? values.lessEqual(first).logicalOr(values.greater(last))
      : values.greater(first).logicalAnd(values.lessEqual(last));
  }
  return flips
    .map((flip) => values.greater(flip))
    .reduce((inside, above) => inside.logicalXor(above), contained(values, { below, flips: [] }));
}

/** The largest number of float32 that is not above: what float32 holds lies above the one where it does above the other. */
function roundedDown(value: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  const nearest = bits.getFloat32(0);
  if (nearest <= value) {
    return nearest;
  }
  bits.setInt32(0, bits.getInt32(0) + (nearest > 0 ? -1 : 1));
  return bits.getFloat32(0);
}
