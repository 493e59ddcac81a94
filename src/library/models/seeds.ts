import { requireInteger, requireKnownKeys, keysOf } from "../ground/validation.js";

/** Where a range of seeds begins. */
export interface SeedRangeOptions {
  /** The first seed; 1 if not given. */
  readonly from?: number;
}

/**
 * So many seeds, one after the other: the networks of an ensemble.
 *
 * @example
 * seedRange(3); // [1, 2, 3]
 * seedRange(2, { from: 5001 }); // [5001, 5002]
 * @throws RangeError if count or from is not a whole number, or count below 1.
 */
export function seedRange(count: number, options: SeedRangeOptions = {}): number[] {
  const owner = "seedRange";
  requireKnownKeys(owner, "options", options, keysOf<SeedRangeOptions>({ from: true }));
  const from = requireInteger(owner, "from", options.from ?? 1);
  return Array.from({ length: requireInteger(owner, "count", count, { min: 1 }) }, (_, i) => from + i);
}
