import { tf } from "../tensorflow/tf.js";
import { deriveSeed } from "../ground/random.js";
import { keysOf, requireInteger, requireKnownKeys, requireNumber } from "../ground/validation.js";
import type { TargetDataset } from "./dataset.js";

/** What `makeWaves` makes. */
export interface WavesOptions {
  readonly examples: number;
  /** Standard deviation of the Gaussian noise added to each target; 0 if not given. */
  readonly noise?: number;
  readonly seed: number;
}

const KEYS = keysOf<WavesOptions>({ examples: true, noise: true, seed: true });

/**
 * Numbers to be told, for regression: y = sin(x) at random points between -pi and pi (uniform), with Gaussian noise. Whoever
 * always says the mean has a mean squared error of about 1/2 + noise^2; the best possible is noise^2.
 *
 * @throws RangeError if examples is not a whole number of at least 2, or noise below 0.
 */
export function makeWaves(options: WavesOptions): TargetDataset {
  requireKnownKeys("makeWaves", "options", options, KEYS);
  const examples = requireInteger("makeWaves", "examples", options.examples, { min: 2 });
  const noise = requireNumber("makeWaves", "noise", options.noise ?? 0, { min: 0 });
  const seed = requireInteger("makeWaves", "seed", options.seed);
  const draw = (index: number, kind: "normal" | "uniform"): number[] =>
    tf.tidy(() => {
      const own = deriveSeed(seed, index);
      const drawn =
        kind === "normal"
          ? tf.randomNormal<tf.Rank.R1>([examples], 0, 1, "float32", own)
          : tf.randomUniform<tf.Rank.R1>([examples], -Math.PI, Math.PI, "float32", own);
      return drawn.arraySync();
    });
  const shifts = draw(1, "normal");
  const x = draw(0, "uniform");
  return {
    name: "Waves",
    features: x.map((value) => [value]),
    targets: x.map((value, i) => [Math.sin(value) + noise * shifts[i]!]),
    featureNames: ["x"],
    targetNames: ["sin(x)"],
  };
}
