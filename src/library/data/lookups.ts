import { deriveSeed, drawIntegers } from "../ground/random.js";
import { keysOf, requireInteger, requireKnownKeys } from "../ground/validation.js";
import type { Dataset } from "./dataset.js";

/** What `makeLookups` makes. */
export interface LookupsOptions {
  readonly examples: number;
  /** How many symbols there are to read: the sequence has one token more. */
  readonly places: number;
  /** How many different symbols there are: the classes. */
  readonly symbols: number;
  readonly seed: number;
}

const KEYS = keysOf<LookupsOptions>({ examples: true, places: true, symbols: true, seed: true });

/**
 * Sequences in which something has to be looked up: the first token names a place, the others are symbols, and the class is
 * the symbol at that place. Tokens are numbers: 0 to symbols - 1 are the symbols, symbols + i names place i (counted from
 * 0). All is drawn uniformly. A constant answer is right in 1 / symbols of the examples; the most frequent symbol of each
 * sequence is the best answer of whoever does not know the places.
 *
 * @example
 * const { features, labels } = makeLookups({ examples: 2, places: 4, symbols: 3, seed: 1 });
 * labels[0] === features[0][1 + features[0][0] - 3]; // true
 * @throws RangeError if examples or places is below 1, or symbols below 2, or one is not whole.
 */
export function makeLookups(options: LookupsOptions): Dataset {
  const owner = "makeLookups";
  requireKnownKeys(owner, "options", options, KEYS);
  const examples = requireInteger(owner, "examples", options.examples, { min: 1 });
  const places = requireInteger(owner, "places", options.places, { min: 1 });
  const symbols = requireInteger(owner, "symbols", options.symbols, { min: 2 });
  const seed = requireInteger(owner, "seed", options.seed);
  const asked = drawIntegers(examples, places, deriveSeed(seed, 0));
  const drawn = drawIntegers(examples * places, symbols, deriveSeed(seed, 1));
  const sequences = asked.map((_, i) => drawn.slice(i * places, (i + 1) * places));
  return {
    name: "Lookups",
    features: sequences.map((sequence, i) => [symbols + asked[i]!, ...sequence]),
    labels: sequences.map((sequence, i) => sequence[asked[i]!]!),
    featureNames: ["place asked for", ...Array.from({ length: places }, (_, place) => `place ${place}`)],
    classNames: Array.from({ length: symbols }, (_, symbol) => String(symbol)),
  };
}
