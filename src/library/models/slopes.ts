import { tf } from "../tensorflow/tf.js";
import { type ActivationName, activations } from "./activations.js";

/** An activation passes little gradient where |f'(z)| is below this share of its largest value. */
export const SATURATION_LIMIT = 0.05;

/** Some part of the number line: whether it begins with -Infinity, and after which numbers that changes. */
export interface Region {
  readonly below: boolean;
  readonly flips: readonly number[];
}

/** Whether a number lies in a region. */
export function contains({ below, flips }: Region, z: number): boolean {
  let inside = below;
  for (const flip of flips) {
    inside = z > flip ? !inside : inside;
  }
  return inside;
}

/**
 * Whether each number of a tensor lies in a region, as `contains` has it: bool, of the tensor's shape. Plain operations of tfjs,
 * few of them: 1 for a half of the number line, 2 for all but a middle part that is the same on both sides of 0.
 */
export function regionTensor({ below, flips }: Region, z: tf.Tensor): tf.Tensor {
  // For what float32 holds, a flip can be any number up to the next one of float32.
  const edges = flips.map(roundedDown);
  const parts: tf.Tensor[] = [];
  if (below && edges.length === 2 && neighbor(edges[1]!, 1) === -edges[0]!) {
    return z.abs().greater(edges[1]!);
  }
  const ends = below ? [-Infinity, ...edges] : edges;
  for (let i = 0; i < ends.length; i += 2) {
    const [from, to] = [ends[i]!, ends[i + 1] ?? Infinity];
    if (from === -Infinity && to === Infinity) {
      return tf.onesLike(z).toBool();
    }
    const above = from === -Infinity ? undefined : z.greater(from);
    const under = to === Infinity ? undefined : z.lessEqual(to);
    parts.push(above && under ? above.logicalAnd(under) : (above ?? under)!);
  }
  return parts.length === 0 ? tf.zerosLike(z).toBool() : parts.reduce((all, part) => all.logicalOr(part));
}

/** Whether |f'(z)| is below 5 % of its largest value, number by number: see `regionTensor`. */
export function isSaturated(activation: ActivationName, z: tf.Tensor): tf.Tensor {
  return regionTensor(slopeRegions(activation).small, z);
}

/** Whether f'(z) is 0 in float64, number by number: see `regionTensor`. */
export function isFlat(activation: ActivationName, z: tf.Tensor): tf.Tensor {
  return regionTensor(slopeRegions(activation).zero, z);
}

const regions = new Map<ActivationName, { small: Region; zero: Region }>();

/** Where an activation's slope is small (saturation), and where it is 0. Found once; then a comparison is enough. */
export function slopeRegions(activation: ActivationName): { readonly small: Region; readonly zero: Region } {
  const known = regions.get(activation);
  if (known) {
    return known;
  }
  const { derivative, steepest } = activations[activation];
  const limit = SATURATION_LIMIT * steepest;
  const found = {
    small: findRegion((z) => Math.abs(derivative(z)) < limit),
    zero: findRegion((z) => derivative(z) === 0),
  };
  regions.set(activation, found);
  return found;
}

/** Steps of 0.01 up to 50, then of 1 % up to 100,000: each way from 0. */
const GRID = symmetric([
  ...Array.from({ length: 5000 }, (_, i) => 0.005 + i / 100),
  ...Array.from({ length: 765 }, (_, i) => 50 * 1.01 ** i),
]);

function findRegion(isInside: (z: number) => boolean): Region {
  const flips: number[] = [];
  for (let i = 1; i < GRID.length; i++) {
    let [low, high] = [GRID[i - 1]!, GRID[i]!];
    const before = isInside(low);
    if (isInside(high) !== before) {
      // Halves the gap until no number is left in it.
      for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
        [low, high] = isInside(middle) === before ? [middle, high] : [low, middle];
      }
      flips.push(low);
    }
  }
  return { below: isInside(GRID[0]!), flips };
}

function symmetric(positive: readonly number[]): number[] {
  return [...positive.map((z) => -z).toReversed(), ...positive];
}

/** The largest number of float32 that is not above: what float32 holds lies above the one where it does above the other. */
function roundedDown(value: number): number {
  const nearest = Math.fround(value);
  return nearest <= value ? nearest : neighbor(nearest, -1);
}

/** The next number of float32, up (1) or down (-1). */
function neighbor(value: number, direction: 1 | -1): number {
  if (value === 0) {
    return direction * 2 ** -149;
  }
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? direction : -direction));
  return bits.getFloat32(0);
}
