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

test("a linear answer: of one feature and one number, the square of their correlation", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
        {
          minLength: 12,
          maxLength: 40,
        },
      ),
      (pairs) => {
        const [x, y] = [0, 1].map((place) => pairs.map((pair) => pair[place]!)) as [number[], number[]];
        const average = (list: readonly number[]): number =>
          list.reduce((sum, value) => sum + value, 0) / list.length;
        const [mx, my] = [average(x), average(y)];
        const moment = (a: number[], ma: number, b: number[], mb: number): number =>
          average(a.map((value, i) => (value - ma) * (b[i]! - mb)));
        const [xx, yy, xy] = [moment(x, mx, x, mx), moment(y, my, y, my), moment(x, mx, y, my)];
        fc.pre(xx > 1e-3 && yy > 1e-3);
        const data: TargetDataset = {
          name: "line",
          features: x.map((value) => [value]),
          featureNames: ["x"],
          targets: y.map((value) => [value]),
          targetNames: ["y"],
        };
        const { linear } = summarize(data);
        near(linear!.explained, xy ** 2 / (xx * yy), 1e-9);
        assert.equal(linear!.accuracy, NaN);
      },
    ),
  );
});

test("a linear answer: what can be told by a line is, what cannot is not, and copies and constants do no harm", () => {
  const features = Array.from({ length: 60 }, (_, i) => [i % 10, Math.floor(i / 10), i % 10, 7]);
  const of = (label: (row: number[]) => boolean): NonNullable<ReturnType<typeof summarize>["linear"]> =>
    summarize({
      name: "plane",
      features,
      labels: features.map((row) => Number(label(row))),
      featureNames: named(4),
      classNames: ["no", "yes"],
    }).linear!;
  assert.equal(of(([x]) => x! > 4.5).accuracy, 1);
  // Each row and column has as many of both: nothing linear is in them.
  const board = of(([x, y]) => (x! + y!) % 2 === 1);
  near(board.explained, 0, 0.02);
  assert.equal(board.examples, 60);
});

test("a linear answer is not told of few examples, or of very many features", () => {
  const of = (examples: number, width: number): unknown =>
    summarize({
      name: "wide",
      features: Array.from({ length: examples }, (_, i) =>
        Array.from({ length: width }, (_, j) => Math.sin(i * j)),
      ),
      labels: Array.from({ length: examples }, (_, i) => i % 2),
      featureNames: named(width),
      classNames: ["a", "b"],
    }).linear;
  assert.equal(of(24, 4), undefined);
  assert.ok(of(25, 4));
  assert.equal(of(1000, 61), undefined);
});
