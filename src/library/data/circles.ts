import * as tf from "@tensorflow/tfjs-node";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { requireInteger, requireKnownKeys, requireNumber } from "../ground/validation.js";
import type { Dataset, Split } from "./dataset.js";
import { deriveSeed } from "../ground/random.js";

const described = {
  name: "Circles",
  featureNames: ["x1", "x2"],
  classNames: ["outer circle", "inner circle"],
};

/**
 * The points of the original experiment, already split: 670 to train on, in the order in which the original
 * trained on them, and 330 to test with. They come from scikit-learn's `make_circles(n_samples=1000,
 * factor=0.85, noise=0.1, random_state=2021)` and `train_test_split(test_size=0.33, random_state=42)`.
 */
export function loadCircles(): Split {
  const file = join(__dirname, "..", "..", "data", "circles.csv");
  const points = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [x1, x2, label, split, order] = line.split(",");
      return { features: [Number(x1), Number(x2)], label: Number(label), split, order: Number(order) };
    })
    .sort((a, b) => a.order - b.order);
  const part = (name: string): Dataset => {
    const chosen = points.filter(({ split }) => split === name);
    return {
      ...described,
      features: chosen.map(({ features }) => features),
      labels: chosen.map(({ label }) => label),
    };
  };
  return { train: part("train"), test: part("test") };
}

/** What `makeCircles` makes. */
export interface CirclesOptions {
  /** How many points, both circles together. */
  readonly examples: number;
  /** Radius of the inner circle; the outer one's is 1. */
  readonly factor?: number;
  /** Standard deviation of the Gaussian noise added to each coordinate. */
  readonly noise?: number;
  readonly seed: number;
}

/**
 * Points on two concentric circles, evenly spaced, with Gaussian noise: the same recipe as scikit-learn's
 * `make_circles`, with another random generator, so the points differ from `loadCircles`.
 *
 * @throws RangeError if examples is not a whole number of at least 2, factor not in [0, 1] or noise below 0.
 */
export function makeCircles(options: CirclesOptions): Dataset {
  requireKnownKeys("makeCircles", "options", options, ["examples", "factor", "noise", "seed"]);
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
  return { ...described, features, labels: features.map((_, i) => (i < outer ? 0 : 1)) };
}
