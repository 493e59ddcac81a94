import { tf } from "../tensorflow/tf.js";
import { deriveSeed } from "../ground/random.js";
import { keysOf, requireInteger, requireKnownKeys } from "../ground/validation.js";
import type { TargetDataset } from "./dataset.js";

/** What `makeAddingProblem` makes. */
export interface AddingOptions {
  readonly examples: number;
  /** Length of each series. */
  readonly timeSteps: number;
  readonly seed: number;
}

const KEYS = keysOf<AddingOptions>({ examples: true, timeSteps: true, seed: true });

/**
 * The adding problem (Hochreiter and Schmidhuber 1997): series of two inputs a time step, a value between 0 and 1 (uniform) and a
 * mark, 1 at two time steps and 0 elsewhere. The target is the sum of the two marked values. One mark is in the first half of the
 * series, one in the second, so that it takes a memory of half the length on average. Whoever always says 1 has a mean squared error
 * of 1/6.
 *
 * Features of an example stand step by step: value, mark, value, mark, ...
 *
 * @throws RangeError if examples is not a whole number of at least 1, or timeSteps below 2.
 */
export function makeAddingProblem(options: AddingOptions): TargetDataset {
  const owner = "makeAddingProblem";
  requireKnownKeys(owner, "options", options, KEYS);
  const examples = requireInteger(owner, "examples", options.examples, { min: 1 });
  const timeSteps = requireInteger(owner, "timeSteps", options.timeSteps, { min: 2 });
  const seed = requireInteger(owner, "seed", options.seed);
  const draw = (index: number, columns: number): number[][] =>
    tf.tidy(() =>
      tf.randomUniform<tf.Rank.R2>([examples, columns], 0, 1, "float32", deriveSeed(seed, index)).arraySync(),
    );
  const half = Math.floor(timeSteps / 2);
  const values = draw(0, timeSteps);
  const marked = draw(1, 2).map(([early, late]) => [
    Math.min(half - 1, Math.floor(early! * half)),
    half + Math.min(timeSteps - half - 1, Math.floor(late! * (timeSteps - half))),
  ]);
  return {
    name: `Adding problem, ${timeSteps} steps`,
    features: values.map((row, i) => row.flatMap((value, t) => [value, marked[i]!.includes(t) ? 1 : 0])),
    targets: values.map((row, i) => [row[marked[i]![0]!]! + row[marked[i]![1]!]!]),
    featureNames: Array.from({ length: timeSteps }, (_, t) => [`value ${t + 1}`, `mark ${t + 1}`]).flat(),
    targetNames: ["sum"],
  };
}
