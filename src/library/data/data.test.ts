import { tf } from "../tensorflow/tf.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { makeCircles } from "./circles.js";
import { loadCircles, loadCirclesSplit } from "./originalCircles.js";
import { type Dataset, selectExamples, type Split, toTensors } from "./dataset.js";
import { loadDigits } from "./digits.js";
import { loadIris } from "./iris.js";
import { deriveSeed, shuffledIndices } from "../ground/random.js";
import { splitTrainTest, standardize } from "./split.js";

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const std = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const column = ({ features }: Dataset, j: number): number[] => features.map((row) => row[j]!);
const countOf = ({ labels }: Dataset, label: number): number =>
  labels.filter((value) => value === label).length;

function closeTo(actual: number, expected: number, within: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= within, `${what} is ${actual}, not ${expected}`);
}

/** A dataset in which each example is known by its feature, its place in the list. */
function numbered(labels: readonly number[], classes: number): Dataset {
  return {
    name: "numbered",
    features: labels.map((_, i) => [i]),
    labels,
    featureNames: ["place"],
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
  };
}

test("Iris has Fisher's 150 flowers, 50 of each kind", () => {
  const iris = loadIris();
  assert.equal(iris.features.length, 150);
  assert.ok(iris.features.every((row) => row.length === 4));
  assert.equal(iris.featureNames.length, 4);
  assert.deepEqual(iris.classNames, ["setosa", "versicolor", "virginica"]);
  assert.deepEqual(
    [0, 1, 2].map((label) => countOf(iris, label)),
    [50, 50, 50],
  );
  assert.deepEqual(iris.features[0], [5.1, 3.5, 1.4, 0.2]);
  assert.deepEqual(iris.features[50], [7, 3.2, 4.7, 1.4]);
  assert.deepEqual(iris.features[149], [5.9, 3, 5.1, 1.8]);
  assert.deepEqual([iris.labels[0], iris.labels[50], iris.labels[149]], [0, 1, 2]);
});

test("Iris has the published means, of all flowers and of each kind", () => {
  const iris = loadIris();
  // UCI's copy of the data gives 3.054 and 3.758 for all; two of its rows differ from Fisher's, whose means these are.
  [5.843, 3.057, 3.758, 1.199].forEach((expected, j) => {
    closeTo(mean(column(iris, j)), expected, 0.0005, `mean of ${iris.featureNames[j]}`);
  });
  const byKind = [
    [5.006, 3.428, 1.462, 0.246],
    [5.936, 2.77, 4.26, 1.326],
    [6.588, 2.974, 5.552, 2.026],
  ];
  byKind.forEach((means, label) => {
    const kind = selectExamples(
      iris,
      [...iris.labels.keys()].filter((i) => iris.labels[i] === label),
    );
    means.forEach((expected, j) => {
      closeTo(mean(column(kind, j)), expected, 0.0005, `mean of ${kind.featureNames[j]}, kind ${label}`);
    });
  });
});

test("each loadIris() gives a copy of its own", () => {
  (loadIris().features as number[][])[0]![0] = 99;
  (loadIris().labels as number[])[0] = 2;
  assert.equal(loadIris().features[0]![0], 5.1);
  assert.equal(loadIris().labels[0], 0);
});

test("loadCirclesSplit() gives the original's points in the original's parts and order", () => {
  const { train, test: rest } = loadCirclesSplit();
  assert.equal(train.features.length, 670);
  assert.equal(train.labels.length, 670);
  assert.equal(rest.features.length, 330);
  const lines = readFileSync(join(__dirname, "..", "..", "data", "circles.csv"), "utf8")
    .trim()
    .split("\n");
  assert.equal(lines.shift(), "x1,x2,label,split,order");
  assert.equal(lines.length, 1000);
  for (const line of lines) {
    const [x1, x2, label, part, order] = line.split(",") as [string, string, string, string, string];
    const { features, labels } = part === "train" ? train : rest;
    assert.deepEqual(features[Number(order)], [Number(x1), Number(x2)]);
    assert.equal(labels[Number(order)], Number(label));
  }
});

test("loadCircles() gives all points of both parts, each once", () => {
  const { train, test: rest } = loadCirclesSplit();
  const pointsOf = ({ features, labels }: Dataset): string[] =>
    features.map((row, i) => `${row.join()} ${labels[i]}`);
  const all = pointsOf(loadCircles());
  assert.equal(new Set(all).size, 1000);
  assert.deepEqual(all.toSorted(), [...pointsOf(train), ...pointsOf(rest)].toSorted());
  assert.deepEqual(loadCircles().classNames, train.classNames);
});

test("loadCircles() gives 500 points about radius 1 and 500 about radius 0.85", () => {
  const { features, labels } = loadCircles();
  [1, 0.85].forEach((expected, label) => {
    const radii = features.filter((_, i) => labels[i] === label).map(([x1, x2]) => Math.hypot(x1!, x2!));
    assert.equal(radii.length, 500);
    // Noise of 0.1 across the radius adds 0.1^2 / (2 r) to it; the standard error of the mean is 0.0045.
    closeTo(mean(radii), expected + 0.005 / expected, 0.0135, `mean radius of class ${label}`);
    closeTo(std(radii), 0.1, 0.01, `spread of the radius of class ${label}`);
  });
});

test("makeCircles() without noise gives evenly spaced points on two circles", () => {
  const { features, labels } = makeCircles({ examples: 9, factor: 0.5, seed: 1 });
  assert.deepEqual(labels, [0, 0, 0, 0, 1, 1, 1, 1, 1]);
  features.forEach(([x1, x2], i) => {
    const [radius, turn] = i < 4 ? [1, i / 4] : [0.5, (i - 4) / 5];
    closeTo(x1!, radius * Math.cos(2 * Math.PI * turn), 1e-12, `x1 of point ${i}`);
    closeTo(x2!, radius * Math.sin(2 * Math.PI * turn), 1e-12, `x2 of point ${i}`);
  });
});

test("makeCircles() has an inner circle of radius 0.8 unless told otherwise", () => {
  const { features } = makeCircles({ examples: 4, seed: 1 });
  assert.deepEqual(
    features.map(([x1, x2]) => Math.hypot(x1!, x2!).toFixed(6)),
    ["1.000000", "1.000000", "0.800000", "0.800000"],
  );
});

test("makeCircles() adds noise of the given standard deviation to each coordinate on its own", () => {
  const options = { examples: 20_000, factor: 0.5, seed: 3 };
  const clean = makeCircles(options);
  const noisy = makeCircles({ ...options, noise: 0.2 });
  const [first, second] = [0, 1].map((j) => noisy.features.map((row, i) => row[j]! - clean.features[i]![j]!));
  // Standard errors: 0.0014 for a mean, 0.001 for a deviation, 0.0003 for the mean product.
  for (const shifts of [first!, second!]) {
    closeTo(mean(shifts), 0, 0.006, "mean of the noise");
    closeTo(std(shifts), 0.2, 0.004, "standard deviation of the noise");
  }
  closeTo(mean(first!.map((shift, i) => shift * second![i]!)), 0, 0.0012, "covariance of the noise");
});

test("makeCircles() gives the same points for the same seed, others for another", () => {
  const options = { examples: 10, noise: 0.1, seed: 4 };
  assert.deepEqual(makeCircles(options), makeCircles(options));
  assert.notDeepEqual(makeCircles({ ...options, seed: 5 }).features, makeCircles(options).features);
});

test("selectExamples() picks examples with their labels, in the order given", () => {
  const picked = selectExamples(numbered([0, 1, 2], 3), [2, 0, 2]);
  assert.deepEqual(picked.features, [[2], [0], [2]]);
  assert.deepEqual(picked.labels, [2, 0, 2]);
  assert.deepEqual(picked.classNames, ["class 0", "class 1", "class 2"]);
});

test("toTensors() gives one column of 0 and 1 for two classes, one-hot rows for more", () => {
  const two = toTensors(numbered([1, 0, 1], 2));
  assert.deepEqual(two.x.arraySync(), [[0], [1], [2]]);
  assert.deepEqual(two.y.arraySync(), [[1], [0], [1]]);
  const three = toTensors(numbered([2, 0], 3));
  assert.deepEqual(three.y.arraySync(), [
    [0, 0, 1],
    [1, 0, 0],
  ]);
  assert.equal(three.y.dtype, "float32");
  tf.dispose([two, three]);
});

/** Any class labels: up to four classes, of any sizes. */
const anyLabels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 60 });

test("splitTrainTest() is disjoint and complete, and keeps each class's share, for any share and seed", () => {
  fc.assert(
    fc.property(
      anyLabels,
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.integer(),
      (labels, testShare, seed) => {
        const testCount = Math.round(labels.length * testShare);
        fc.pre(testCount >= 1 && testCount < labels.length);
        const all = numbered(labels, 4);
        const { train, test: rest } = splitTrainTest(all, { testShare, seed });
        assert.equal(rest.labels.length, testCount);
        const places = [...column(train, 0), ...column(rest, 0)].sort((a, b) => a - b);
        assert.deepEqual(places, [...labels.keys()]);
        for (const part of [train, rest]) {
          assert.deepEqual(
            part.labels,
            column(part, 0).map((place) => labels[place]),
          );
        }
        for (const label of [0, 1, 2, 3]) {
          const share = (countOf(all, label) * testCount) / labels.length;
          const count = countOf(rest, label);
          assert.ok(Math.abs(count - share) < 1, `class ${label}: ${count} of ${share}`);
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("splitTrainTest() gives equal classes equal parts", () => {
  const { train, test: rest } = splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 });
  assert.equal(train.labels.length, 100);
  const counts = [0, 1, 2].map((label) => countOf(rest, label)).sort();
  assert.deepEqual(counts, [16, 17, 17]);
});

test("splitTrainTest() gives the same parts for the same seed, others for another", () => {
  const split = (seed: number): Split => splitTrainTest(loadIris(), { testShare: 0.2, seed });
  assert.deepEqual(split(7), split(7));
  assert.notDeepEqual(split(7).test.features, split(8).test.features);
});

test("splitTrainTest() puts both parts in random order", () => {
  const { train, test: rest } = splitTrainTest(loadIris(), { testShare: 0.5, seed: 1 });
  for (const { labels } of [train, rest]) {
    const runs = labels.filter((label, i) => label !== labels[i - 1]).length;
    // 75 flowers in random order change kind about 50 times; sorted ones, 3 times.
    assert.ok(runs > 35, `${runs} runs`);
  }
});

test("standardize() gives the training part mean 0 and deviation 1, and scales the test part alike", () => {
  const split = splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 });
  const original = structuredClone(split);
  const { train, test: rest } = standardize(split);
  assert.deepEqual(split, original);
  for (const j of [0, 1, 2, 3]) {
    closeTo(mean(column(train, j)), 0, 1e-12, "mean");
    closeTo(std(column(train, j)), 1, 1e-12, "standard deviation");
    const center = mean(column(split.train, j));
    const width = std(column(split.train, j));
    column(rest, j).forEach((value, i) => {
      closeTo(value, (column(split.test, j)[i]! - center) / width, 1e-12, `test example ${i}`);
    });
  }
  assert.deepEqual(train.labels, split.train.labels);
  assert.equal(train.featureNames[0], "sepal length (standardized)");
  assert.deepEqual(rest.featureNames, train.featureNames);
});

test("standardize() of a dataset scales it by itself, as the training part of a split is", () => {
  const iris = loadIris();
  const scaled = standardize(iris);
  assert.deepEqual(scaled, standardize({ train: iris, test: iris }).train);
  for (const j of [0, 1, 2, 3]) {
    closeTo(mean(column(scaled, j)), 0, 1e-12, "mean");
    closeTo(std(column(scaled, j)), 1, 1e-12, "standard deviation");
  }
});

test("standardize() only centers a feature that never varies", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (value, count) => {
        const part = {
          ...numbered(Array<number>(count).fill(0), 2),
          features: Array<number[]>(count).fill([value]),
        };
        const scaled = standardize({ train: part, test: { ...part, features: [[value + 1]], labels: [0] } });
        closeTo(maxOf(column(scaled.train, 0)), 0, 1e-6, "training part");
        closeTo(scaled.test.features[0]![0]!, 1, 1e-6, "test part");
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

const maxOf = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

test("shuffledIndices() gives each index once, and each place to each index equally often", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer(), (count, seed) => {
      const order = shuffledIndices(count, seed);
      assert.deepEqual(
        order.sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
    }),
    { seed: 1 },
  );
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const key = shuffledIndices(3, deriveSeed(seed, 0)).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Six orders, 1000 times each, with a standard deviation of 29.
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) {
    assert.ok(Math.abs(count - 1000) < 130, `order ${order} came ${count} times`);
  }
});

test("deriveSeed() gives each pair of seed and number a seed of its own, which is never 0", () => {
  const seeds = Array.from({ length: 200 }, (_, seed) =>
    Array.from({ length: 50 }, (_, index) => deriveSeed(seed - 100, index)),
  ).flat();
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed > 0 && seed <= 0x7fffffff));
  // Among 10,000 random numbers of 31 bits, two are alike with a probability of 2 %.
  assert.ok(new Set(seeds).size >= seeds.length - 1);
});

test("no function of the data leaves a tensor behind", () => {
  const before = tf.memory().numTensors;
  const split = splitTrainTest(makeCircles({ examples: 20, noise: 0.1, seed: 1 }), {
    testShare: 0.3,
    seed: 1,
  });
  standardize(split);
  loadCircles();
  selectExamples(loadIris(), [0]);
  tf.dispose(toTensors(loadIris()));
  tf.dispose(toTensors(split.train));
  assert.equal(tf.memory().numTensors, before);
});

const three = numbered([0, 1, 2], 3);
const REFUSED: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
  [
    "one example",
    () => makeCircles({ examples: 1, seed: 1 }),
    /^makeCircles\(\): examples is 1; .* at least 2$/,
  ],
  ["half an example", () => makeCircles({ examples: 2.5, seed: 1 }), /^makeCircles\(\): examples is 2\.5;/],
  [
    "a factor of 2",
    () => makeCircles({ examples: 9, factor: 2, seed: 1 }),
    /^makeCircles\(\): factor is 2; .*0 to 1$/,
  ],
  ["noise below 0", () => makeCircles({ examples: 9, noise: -1, seed: 1 }), /^makeCircles\(\): noise is -1;/],
  [
    "noise that is NaN",
    () => makeCircles({ examples: 9, noise: NaN, seed: 1 }),
    /^makeCircles\(\): noise is NaN;/,
  ],
  ["a seed of 0.1", () => makeCircles({ examples: 9, seed: 0.1 }), /^makeCircles\(\): seed is 0\.1;/],
  [
    "an option that it does not have",
    () => makeCircles({ examples: 9, seed: 1, ...{ n: 1 } }),
    /^makeCircles\(\): options has no option "n"/,
  ],
  [
    "no options",
    () => Reflect.apply(makeCircles, undefined, []) as unknown,
    /^makeCircles\(\): options is undefined;/,
  ],
  [
    "an index beyond the end",
    () => selectExamples(three, [3]),
    /^selectExamples\(\): .*index.* 3.*3 examples/,
  ],
  ["an index below 0", () => selectExamples(three, [0, -1]), /^selectExamples\(\): .*index.* -1/],
  [
    "a test share of 0",
    () => splitTrainTest(three, { testShare: 0, seed: 1 }),
    /^splitTrainTest\(\): testShare is 0;/,
  ],
  [
    "a test share of 1",
    () => splitTrainTest(three, { testShare: 1, seed: 1 }),
    /^splitTrainTest\(\): testShare is 1;/,
  ],
  [
    "a test share too small for one example",
    () => splitTrainTest(three, { testShare: 0.1, seed: 1 }),
    /^splitTrainTest\(\): testShare is 0\.1; .*3 examples/,
  ],
  [
    "a test share that is NaN",
    () => splitTrainTest(three, { testShare: NaN, seed: 1 }),
    /^splitTrainTest\(\): testShare is NaN;/,
  ],
  [
    "a seed that is no number",
    () => splitTrainTest(three, { testShare: 0.5, seed: "1" as unknown as number }),
    /^splitTrainTest\(\): seed is "1";/,
  ],
  [
    "a misspelt option",
    () => splitTrainTest(three, { testShare: 0.5, seed: 1, ...{ testShares: 1 } }),
    /^splitTrainTest\(\): options has no option "testShares"/,
  ],
  [
    "no options to split by",
    () => Reflect.apply(splitTrainTest, undefined, [three]) as unknown,
    /^splitTrainTest\(\): options is undefined;/,
  ],
  [
    "a label without a class",
    () => splitTrainTest(numbered([0, 1, 7, 0], 2), { testShare: 0.5, seed: 1 }),
    /^splitTrainTest\(\): dataset\.labels\[2\] is 7; it must be a whole number from 0 to 1, as there are 2 classNames$/,
  ],
  [
    "to make tensors of such labels",
    () => toTensors(numbered([0, -1, 2], 3)),
    /^toTensors\(\): dataset\.labels\[1\] is -1;/,
  ],
  [
    "rows of different lengths",
    () => toTensors({ ...three, features: [[1], [], [1, 2]] }),
    /^toTensors\(\): dataset\.features\[1\] is \[\]; it must be 1 finite number/,
  ],
  [
    "a feature that is NaN",
    () => toTensors({ ...three, features: [[1], [2], [NaN]] }),
    /^toTensors\(\): dataset\.features\[2\]\[0\] is NaN; it must be a finite number \(features row 2, column "place"\)$/,
  ],
  [
    "fewer rows than labels",
    () => toTensors({ ...three, features: [[1], [2]] }),
    /^toTensors\(\): dataset\.features\.length is 2; it must be 3, as there are 3 labels$/,
  ],
  [
    "to standardize what is neither a split nor a dataset",
    () => standardize(null as unknown as Split),
    /^standardize\(\): data is null; it must be a dataset$/,
  ],
  [
    "to standardize a dataset without examples",
    () => standardize(numbered([], 2)),
    /^standardize\(\): data\.features\.length is 0; it must be at least 1$/,
  ],
  [
    "a split where a dataset is needed",
    () => toTensors({ train: three, test: three } as unknown as Dataset),
    /^toTensors\(\): dataset has no name; a dataset has name, features, .*; is dataset\.train meant\?$/,
  ],
  [
    "labels with a hole",

    () => toTensors({ ...three, labels: [0, , 2] as number[] }),
    /^toTensors\(\): dataset\.labels has a hole at place 1;/,
  ],
  [
    "a row of thousands of features, shortly",
    () => toTensors({ ...three, features: [[1], Array<number>(50_000).fill(1), [1]] }),
    /^toTensors\(\): dataset\.features\[1\] is \[1, 1.{0,100}50000 in all\]; it must be 1 finite number: place$/,
  ],
  [
    "to standardize by no examples",
    () => standardize({ train: numbered([], 2), test: three }),
    /^standardize\(\): train\.features\.length is 0; it must be at least 1$/,
  ],
];

for (const [what, call, message] of REFUSED) {
  test(`the data functions refuse ${what}`, () => {
    const before = tf.memory().numTensors;
    assert.throws(call, { name: "RangeError", message });
    assert.equal(tf.memory().numTensors, before);
  });
}

test("loadDigits() gives as many images of each digit, no image twice, in an order that the seed decides", () => {
  const digits = loadDigits({ examples: 500, seed: 3 });
  assert.equal(digits.features.length, 500);
  for (let digit = 0; digit < 10; digit++) {
    assert.equal(digits.labels.filter((label) => label === digit).length, 50);
  }
  assert.ok(
    digits.features.every((image) => image.length === 784 && image.every((ink) => ink >= 0 && ink <= 1)),
  );
  assert.equal(new Set(digits.features.map((image) => image.join())).size, 500);
  assert.deepEqual(loadDigits({ examples: 500, seed: 3 }), digits);
  assert.notDeepEqual(loadDigits({ examples: 500, seed: 4 }).labels, digits.labels);
  // A one is written with less ink than a zero.
  const ink = (digit: number): number =>
    digits.features
      .filter((_, i) => digits.labels[i] === digit)
      .flat()
      .reduce((sum, value) => sum + value, 0);
  assert.ok(ink(1) < 0.6 * ink(0));
  assert.throws(
    () => loadDigits({ examples: 1e6, seed: 1 }),
    /loadDigits\(\): examples is 1000000; .* from 10 to \d+/,
  );
});
