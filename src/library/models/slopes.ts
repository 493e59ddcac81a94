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
