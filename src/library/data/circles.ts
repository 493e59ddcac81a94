import { tf } from "../tensorflow/tf.js";
import { deriveSeed } from "../ground/random.js";
import { keysOf, requireInteger, requireKnownKeys, requireNumber } from "../ground/validation.js";
import type { Dataset } from "./dataset.js";

/** What all circles are called. */
export const CIRCLES_NAMES = {
  name: "Circles",
  featureNames: ["x1", "x2"],
  classNames: ["outer circle", "inner circle"],
};

/** What `makeCircles` makes. */
export interface CirclesOptions {
  /** How many points, both circles together. */
  readonly examples: number;
  /** Radius of the inner circle, 0.8 if not given; the outer one's is 1. */
  readonly factor?: number;
  /** Standard deviation of the Gaussian noise added to each coordinate; 0 if not given. */
  readonly noise?: number;
  readonly seed: number;
}

const KEYS = keysOf<CirclesOptions>({ examples: true, factor: true, noise: true, seed: true });

/**
 * Points on two concentric circles, evenly spaced, with Gaussian noise: the same recipe as scikit-learn's
 * `make_circles`, with another random generator, so the points differ from `loadCircles`.
 *
 * @throws RangeError if examples is not a whole number of at least 2, factor not in [0, 1] or noise below 0.
 */
export function makeCircles(options: CirclesOptions): Dataset {
  requireKnownKeys("makeCircles", "options", options, KEYS);
  const examples = requireInteger("makeCircles", "examples", options.examples, { min: 2 });
  const factor = requireNumber("makeCircles", "factor", options.factor ?? 0.8, { min: 0, max: 1 });
  const noise = requireNumber("makeCircles", "noise", options.noise ?? 0, { min: 0 });
  const seed = requireInteger("makeCircles", "seed", options.seed);
  const outer = Math.floor(examples / 2);
  const shifts = tf.tidy(() =>
    tf.randomNormal<tf.Rank.R2>([examples, 2], 0, 1, "float32", deriveSeed(seed, 0)).arraySync(),
  );
  const features = shifts.map(([shift1 = 0, shift2 = 0], i) => {
    const [radius, place, count] = i < outer ? [1, i, outer] : [factor, i - outer, examples - outer];
    const angle = (2 * Math.PI * place) / count;
    return [radius * Math.cos(angle) + noise * shift1, radius * Math.sin(angle) + noise * shift2];
  });
  return { ...CIRCLES_NAMES, features, labels: features.map((_, i) => (i < outer ? 0 : 1)) };
}
