import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Dataset, TargetDataset } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { makeWaves } from "../data/waves.js";
import { summarize } from "./dataSummary.js";

const near = (value: number, wanted: number, within = 1e-9): void => {
  assert.ok(Math.abs(value - wanted) <= within, `${value} is not ${wanted}`);
};
const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i}`);

test("sizes, constant features and copies are counted, by hand", () => {
  const features = [
    [1, 3, 5, 1, 0],
    [-1, 3, 7, -1, 0],
  ];
  const data: Dataset = {
    name: "small",
    features,
    labels: [0, 1],
    featureNames: named(5),
    classNames: ["a", "b"],
  };
  const summary = summarize(data).features;
  assert.deepEqual([summary.count, summary.constant, summary.copies], [5, 2, 1]);
  near(summary.zeros, 0.2);
  near(summary.size, Math.sqrt((1 + 9 + 37 + 1 + 0) / 5));
  near(summary.largestSize, Math.sqrt(37));
});

test("what is to be told: shares of classes and of labels, sizes of numbers", () => {
  const iris = summarize(loadIris()).targets;
  assert.equal(iris.kind, "classes");
  iris.shares.forEach((share) => {
    near(share, 1 / 3);
  });
  const rows = [[0], [1], [2], [3]];
  const of = (targets: number[][]): ReturnType<typeof summarize>["targets"] => {
    const data: TargetDataset = {
      name: "told",
      features: rows,
      featureNames: ["x"],
      targets,
      targetNames: named(targets[0]!.length),
    };
    return summarize(data).targets;
  };
  const labels = of([
    [1, 0],
    [1, 1],
    [0, 0],
    [0, 1],
  ]);
  assert.deepEqual([labels.kind, labels.shares, labels.notOneOf], ["labels", [0.5, 0.5], 0.5]);
  const numbers = of([[2], [4], [4], [6]]);
  assert.deepEqual([numbers.kind, numbers.min, numbers.max, numbers.mean], ["numbers", 2, 6, 4]);
  near(numbers.std, Math.sqrt(2));
});

test("the nearest example tells what a smooth function is, and nothing of shuffled targets", () => {
  const waves = makeWaves({ examples: 300, noise: 0.1, seed: 1 });
  const told = summarize(waves).neighbors;
  // Two examples' noise differs by 2 * 0.01, of twice the variance of about 0.51.
  assert.ok(told.explained > 0.95, `${told.explained}`);
  const mixed = { ...waves, targets: waves.targets.map((_, i) => waves.targets[(i * 7 + 100) % 300]!) };
  const { explained, error } = summarize(mixed).neighbors;
  assert.ok(Math.abs(explained) < 4 * error, `${explained} ${error}`);
});

test("where features are shifted and scaled, neighbors stay the same", () => {
  const waves = makeWaves({ examples: 60, noise: 0.3, seed: 2 });
  const before = summarize(waves).neighbors.explained;
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: -50, max: 50 }),
      (factor, shift) => {
        const features = waves.features.map(([x]) => [factor * x! + shift]);
        near(summarize({ ...waves, features }).neighbors.explained, before, 1e-6);
      },
    ),
    { numRuns: 20 },
  );
});
