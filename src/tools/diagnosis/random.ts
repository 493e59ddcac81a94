import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Numbers drawn one after the other; the same seed gives the same. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(Math.imul(seed + 1, 0x9e3779b1));
    this.times(8, () => this.uniform());
  }

  times<T>(count: number, draw: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => draw(i));
  }

  /** From 0 up to, but without 1; or between two bounds. */
  uniform(min = 0, max = 1): number {
    return min + (max - min) * uniformFloat64(this.#generator);
  }

  /** Mean 0, standard deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number from 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** From min to max, each order of magnitude as likely. */
  logUniform(min: number, max: number): number {
    return min * (max / min) ** this.uniform();
  }

  /** Whether something of this chance happens. */
  chance(share: number): boolean {
    return this.uniform() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** How often something happens that happens so often on average (Knuth). */
  poisson(mean: number): number {
    const end = Math.exp(-mean);
    let [count, product] = [0, this.uniform()];
    while (product > end) {
      count += 1;
      product *= this.uniform();
    }
    return count;
  }

  /** An index, each as likely as its weight says. */
  weighted(weights: readonly number[]): number {
    let left = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    const place = weights.findIndex((weight) => (left -= weight) < 0);
    return place < 0 ? weights.length - 1 : place;
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, place: this.uniform() }))
      .sort((a, b) => a.place - b.place)
      .map(({ value }) => value);
  }
}
