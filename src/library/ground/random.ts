import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** The numbers 0 to count - 1 in random order. The same seed gives the same order. */
export function shuffledIndices(count: number, seed: number): number[] {
  const generator = xoroshiro128plus(seed);
  const indices = Array.from({ length: count }, (_, i) => i);
  // Fisher and Yates: each place, from the last, gets one of those not yet placed.
  for (let last = count - 1; last > 0; last--) {
    const chosen = uniformInt(generator, 0, last);
    [indices[last], indices[chosen]] = [indices[chosen]!, indices[last]!];
  }
  return indices;
}

/**
 * A seed for one of several random choices that hang on one seed, such as the kernels of a network's layers.
 * Neighboring seeds and neighboring numbers give unrelated results.
 */
export function deriveSeed(seed: number, index: number): number {
  // The generator's first outputs for neighboring seeds are alike, hence a draw that has been mixed.
  const generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  for (let i = 0; i < 8; i++) {
    generator.next();
  }
  // tfjs takes a seed of 0 for "no seed".
  return uniformInt(generator, 1, 0x7fffffff);
}

/** So many whole numbers from 0 to below `below`, each as likely as the others. The same seed gives the same ones. */
export function drawIntegers(count: number, below: number, seed: number): number[] {
  const generator = xoroshiro128plus(seed);
  return Array.from({ length: count }, () => uniformInt(generator, 0, below - 1));
}
