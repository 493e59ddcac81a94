import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { mean } from "simple-statistics";
import { tf } from "../tensorflow/tf.js";
import { makeWaves } from "../data/waves.js";
import { type AnyDataset, hasTargets } from "../data/dataset.js";
import { type LossFunction, type LossName, lossNames } from "./losses.js";
import type { TrainingOptions } from "./options.js";
import { recordTraining } from "./recordTraining.js";

/** Made-up examples: of three classes, of two, with numbers, and with several labels. */
/** Without it model.fit() draws a progress bar. The enum that 0 belongs to is not exported. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const SILENT = { verbose: 0 } as tf.ModelFitArgs;

const EXAMPLES = 20;
const features = Array.from({ length: EXAMPLES }, (_, i) => [
  Math.sin(i),
  Math.cos(2.3 * i),
  Math.sin(1.7 * i),
]);
const common = { name: "made up", features, featureNames: ["a", "b", "c"] };
const classes = (count: number): AnyDataset => ({
  ...common,
  labels: features.map((_, i) => (i * 7) % count),
  classNames: Array.from({ length: count }, (_, i) => `class ${i}`),
});
const numbers: AnyDataset = {
  ...common,
  targets: features.map(([a = 0, b = 0]) => [a + 2 * b, Math.abs(a) + 0.1]),
  targetNames: ["sum", "size"],
};
const labels: AnyDataset = {
  ...common,
  targets: features.map(([a = 0, b = 0]) => [a > 0 ? 1 : 0, b > 0 ? 1 : 0]),
  targetNames: ["right", "up"],
};
const shares: AnyDataset = {
  ...common,
  targets: features.map((_, i) => [0.2 + (i % 3) * 0.1, 0.5, 0.3 - (i % 3) * 0.1]),
  targetNames: ["p", "q", "r"],
};

type TfLoss = string | ((y: tf.Tensor, a: tf.Tensor) => tf.Tensor);

/** Each loss: the data, how the model ends, and what tfjs calls it or how it is written with tfjs' own operations. */
const CASES: Record<
  LossName,
  { data: AnyDataset; end: [units: number, activation: string]; tfjs?: TfLoss }[]
> = {
  binaryCrossentropy: [
    { data: classes(2), end: [1, "sigmoid"] },
    { data: labels, end: [2, "sigmoid"] },
    // By the output, where no sigmoid's z is at hand.
    { data: labels, end: [2, "softmax"] },
  ],
  binaryCrossentropyFromLogits: [
    {
      data: labels,
      end: [2, "linear"],
      tfjs: (y, a) => tf.losses.sigmoidCrossEntropy(y, a),
    },
  ],
  categoricalCrossentropy: [
    { data: classes(3), end: [3, "softmax"] },
    { data: classes(3), end: [3, "sigmoid"] },
    { data: shares, end: [3, "softmax"] },
    // None, one or both hold.
    { data: labels, end: [2, "softmax"] },
  ],
  categoricalCrossentropyFromLogits: [
    { data: classes(3), end: [3, "linear"], tfjs: (y, a) => tf.losses.softmaxCrossEntropy(y, a) },
    { data: labels, end: [2, "linear"], tfjs: (y, a) => tf.logSoftmax(a).mul(y).sum(-1).neg().mean() },
  ],
  meanSquaredError: [
    { data: numbers, end: [2, "linear"] },
    { data: classes(3), end: [3, "softmax"] },
    { data: classes(2), end: [1, "sigmoid"] },
  ],
  meanAbsoluteError: [{ data: numbers, end: [2, "linear"] }],
  huber: [{ data: numbers, end: [2, "linear"], tfjs: (y, a) => tf.losses.huberLoss(y, a) }],
  logcosh: [{ data: numbers, end: [2, "linear"] }],
  hinge: [{ data: signed(labels), end: [2, "tanh"] }],
  squaredHinge: [{ data: signed(labels), end: [2, "tanh"] }],
  categoricalHinge: [{ data: classes(3), end: [3, "linear"] }],
  poisson: [{ data: positive(numbers), end: [2, "softplus"] }],
  kullbackLeiblerDivergence: [{ data: shares, end: [3, "softmax"] }],
};

/** The same labels as -1 and 1. */
function signed(data: AnyDataset): AnyDataset {
  assert.ok(hasTargets(data));
  return { ...data, targets: data.targets.map((row) => row.map((value) => 2 * value - 1)) };
}

function positive(data: AnyDataset): AnyDataset {
  assert.ok(hasTargets(data));
  return { ...data, targets: data.targets.map((row) => row.map(Math.abs)) };
}

function build(units: number, activation: string): tf.Sequential {
  const start = (seed: number): ReturnType<typeof tf.initializers.glorotNormal> =>
    tf.initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3], kernelInitializer: start(1) }),
      tf.layers.dense({ units, activation: activation as "tanh", kernelInitializer: start(2) }),
    ],
  });
}

/** What the network should say, as `model.fit` takes it. */
function targetsOf(data: AnyDataset, units: number): tf.Tensor2D {
  const rows = hasTargets(data)
    ? data.targets.map((row) => [...row])
    : data.labels.map((label) =>
        units === 1 ? [label] : Array.from({ length: units }, (_, j) => (j === label ? 1 : 0)),
      );
  return tf.tensor2d(rows);
}

const weightsOf = (model: tf.LayersModel): number[] => model.getWeights().flatMap((w) => [...w.dataSync()]);
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.2, epochs: 6, batchSize: 8 };

describe("each loss", () => {
  for (const name of lossNames) {
    for (const { data, end, tfjs = name } of CASES[name]) {
      for (const engine of ["graph", "eager"] as const) {
        test(`${name} after ${end[1]}: ${engine}, as model.fit with tfjs' own loss`, async () => {
          const [ours, theirs] = [build(...end), build(...end)];
          const record = await recordTraining(ours, data, { ...options, loss: name, engine });
          theirs.compile({ optimizer: tf.train.sgd(0.2), loss: tfjs });
          const [x, y] = [tf.tensor2d(features), targetsOf(data, end[0])];
          const { history } = await theirs.fit(x, y, { epochs: 6, batchSize: 8, shuffle: false, ...SILENT });
          weightsOf(theirs).forEach((weight, i) => {
            assert.ok(Math.abs(weight - weightsOf(ours)[i]!) < 1e-5, `${weight} ${weightsOf(ours)[i]}`);
          });
          record.epochs.forEach(({ loss }, i) => {
            assert.ok(Math.abs(loss - (history["loss"]![i] as number)) < 1e-5 * Math.max(1, loss));
          });
        });
      }
    }
  }
});

test("a loss of one's own trains as the same loss by its name, as a number for each example or as one", async () => {
  const own: Record<string, LossFunction> = {
    each: (y, a) => a.sub(y).square().mean(-1),
    one: (y, a) => a.sub(y).square().mean(),
  };
  const named = build(2, "linear");
  await recordTraining(named, numbers, { ...options, loss: "meanSquaredError" });
  for (const loss of Object.values(own)) {
    const model = build(2, "linear");
    await recordTraining(model, numbers, { ...options, loss });
    weightsOf(model).forEach((weight, i) => {
      assert.ok(Math.abs(weight - weightsOf(named)[i]!) < 1e-6);
    });
  }
});

test("a loss of one's own of another shape, or that is no tensor, is refused", async () => {
  for (const loss of [(y: tf.Tensor) => y, () => 3]) {
    await assert.rejects(
      recordTraining(build(2, "linear"), numbers, { ...options, loss: loss as unknown as LossFunction }),
      /the loss gives .*; it must give a scalar, or one number for each of 8 examples/,
    );
  }
});

test("without a name: cross-entropy of classes and labels, the squared error of numbers", async () => {
  for (const [data, end, loss] of [
    [classes(2), [1, "sigmoid"], "binaryCrossentropy"],
    [classes(3), [3, "softmax"], "categoricalCrossentropy"],
    [labels, [2, "sigmoid"], "binaryCrossentropy"],
    [numbers, [2, "linear"], "meanSquaredError"],
    [numbers, [2, "sigmoid"], "meanSquaredError"],
  ] as const) {
    const [a, b] = [build(end[0], end[1]), build(end[0], end[1])];
    await recordTraining(a, data, options);
    await recordTraining(b, data, { ...options, loss });
    assert.deepEqual(weightsOf(a), weightsOf(b));
  }
});

test("accuracy is of classes and labels; of numbers there is none", async () => {
  const accuracyOf = async (data: AnyDataset, end: [number, string], loss: LossName): Promise<number[]> => {
    const model = build(...end);
    const { epochs } = await recordTraining(model, data, {
      ...options,
      epochs: 1,
      batchSize: 20,
      loss,
      test: data,
    });
    const predicted = (model.predict(tf.tensor2d(features)) as tf.Tensor2D).arraySync();
    const wanted = targetsOf(data, end[0]).arraySync();
    const isLabel = hasTargets(data) || end[0] === 1;
    const right = predicted.map((row, i) => {
      const middle = loss.endsWith("FromLogits") ? 0 : 0.5;
      const places = row.map((value, j) => Number(value > middle === wanted[i]![j]! > 0.5));
      const largest = (values: number[]): number => values.indexOf(Math.max(...values));
      return isLabel
        ? places.reduce((sum, place) => sum + place, 0) / places.length
        : Number(largest(row) === largest(wanted[i]!));
    });
    return [epochs[0]!.testAccuracy!, right.reduce((sum, one) => sum + one, 0) / EXAMPLES];
  };
  for (const [data, end, loss] of [
    [classes(3), [3, "softmax"], "meanSquaredError"],
    [classes(3), [3, "linear"], "categoricalCrossentropyFromLogits"],
    [classes(2), [1, "sigmoid"], "meanSquaredError"],
    [labels, [2, "sigmoid"], "binaryCrossentropy"],
    [labels, [2, "linear"], "binaryCrossentropyFromLogits"],
  ] as [AnyDataset, [number, string], LossName][]) {
    const [ours, counted] = await accuracyOf(data, end, loss);
    assert.ok(Math.abs(ours! - counted!) < 1e-6, `${loss}: ${ours} ${counted}`);
  }
  const { epochs } = await recordTraining(build(2, "linear"), numbers, { ...options, test: numbers });
  assert.ok(
    epochs.every(({ accuracy, testAccuracy }) => Number.isNaN(accuracy) && Number.isNaN(testAccuracy)),
  );
});

for (const [name, data, end] of [
  ["binaryCrossentropy", classes(2), [1, "sigmoid"]],
  ["categoricalCrossentropy", classes(3), [3, "softmax"]],
  ["meanSquaredError", classes(3), [3, "softmax"]],
] as const) {
  test(`class weights count as in model.fit: ${name}`, async () => {
    assert.ok(!hasTargets(data));
    const classWeights = [0.5, 3, 1.5].slice(0, data.classNames.length);
    const [ours, theirs] = [build(end[0], end[1]), build(end[0], end[1])];
    const { epochs, baseline } = await recordTraining(ours, data, { ...options, loss: name, classWeights });
    theirs.compile({ optimizer: tf.train.sgd(0.2), loss: name });
    const [x, y] = [tf.tensor2d(features), targetsOf(data, end[0])];
    const { history } = await theirs.fit(x, y, {
      epochs: 6,
      batchSize: 8,
      shuffle: false,
      classWeight: Object.fromEntries(classWeights.entries()),
      ...SILENT,
    });
    weightsOf(theirs).forEach((weight, i) => {
      assert.ok(Math.abs(weight - weightsOf(ours)[i]!) < 1e-5, `${weight} ${weightsOf(ours)[i]}`);
    });
    epochs.forEach(({ loss }, i) => {
      assert.ok(Math.abs(loss - (history["loss"]![i] as number)) < 1e-5 * Math.max(1, loss));
    });
    if (baseline) {
      // No constant answer does better.
      const lossOfOne = (shares: number[], label: number): number =>
        name === "meanSquaredError"
          ? mean(shares.map((share, own) => (share - (own === label ? 1 : 0)) ** 2))
          : -Math.log(shares[label]!);
      const lossOf = (shares: number[]): number =>
        data.labels.reduce((sum, label) => sum + classWeights[label]! * lossOfOne(shares, label), 0) /
        EXAMPLES;
      const grid = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
      const tried = grid.flatMap((p) =>
        classWeights.length === 2
          ? [lossOf([p, 1 - p])]
          : grid.filter((q) => p + q < 0.995).map((q) => lossOf([p, q, 1 - p - q])),
      );
      assert.ok(
        Math.abs(Math.min(...tried) - baseline.loss) < 1e-3,
        `${Math.min(...tried)} ${baseline.loss}`,
      );
    }
  });
}

test("class weights of another number, or for targets, are refused", async () => {
  await assert.rejects(
    recordTraining(build(3, "softmax"), classes(3), { ...options, classWeights: [1, 2] }),
    /classWeights is \[1, 2\]; it must be 3 numbers, one for each class/,
  );
  await assert.rejects(
    recordTraining(build(2, "linear"), numbers, { ...options, classWeights: [1, 2] }),
    /left out where targets are no classes/,
  );
});

test("a network learns a wave: its test loss comes near the noise, far below that of the mean", async () => {
  const [train, test] = [
    makeWaves({ examples: 200, noise: 0.1, seed: 1 }),
    makeWaves({ examples: 200, noise: 0.1, seed: 2 }),
  ];
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 16,
        activation: "tanh",
        inputShape: [1],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const { epochs } = await recordTraining(model, train, {
    optimizer: "adam",
    learningRate: 0.03,
    epochs: 60,
    recordEvery: "ends",
    seed: 1,
    test,
  });
  const mean = test.targets.reduce((sum, [y = 0]) => sum + y, 0) / 200;
  const variance = test.targets.reduce((sum, [y = 0]) => sum + (y - mean) ** 2, 0) / 200;
  assert.ok(epochs.at(-1)!.testLoss! < 0.02, String(epochs.at(-1)!.testLoss));
  assert.ok(Math.abs(variance - 0.51) < 0.08, String(variance));
});

test("a test set of many examples is scored in parts, as in one", async () => {
  const many = makeWaves({ examples: 2500, noise: 0.1, seed: 3 });
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const { epochs } = await recordTraining(model, makeWaves({ examples: 32, seed: 1 }), {
    ...options,
    epochs: 1,
    test: many,
  });
  const off = tf.tidy(() =>
    (model.predict(tf.tensor2d(many.features as number[][])) as tf.Tensor)
      .sub(tf.tensor2d(many.targets as number[][]))
      .square()
      .mean()
      .arraySync(),
  ) as number;
  assert.ok(Math.abs(epochs[0]!.testLoss! - off) < 1e-5 * off);
});

for (const loss of ["meanSquaredError", "meanAbsoluteError", "huber", "logcosh", "poisson"] as const) {
  test(`what a constant answer reaches, of numbers, is what training finds: ${loss}`, async () => {
    const waves = makeWaves({ examples: 80, noise: 0.3, seed: 3 });
    const targets = waves.targets.map(([y]) => [2 + y! ** 3 + y!]);
    // All features are 0: the bias alone can learn.
    const data = { ...waves, features: waves.features.map(() => [0]), targets };
    const bias = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    bias.layers[0]!.setWeights([tf.tensor2d([[0]]), tf.tensor1d([2])]);
    const { baseline, epochs } = await recordTraining(bias, data, {
      optimizer: "adam",
      learningRate: 0.02,
      batchSize: 80,
      epochs: 400,
      loss,
      recordEvery: "ends",
    });
    const reached = Math.min(...epochs.map((epoch) => epoch.loss));
    assert.ok(Math.abs(baseline!.loss - reached) < 2e-3 * reached, `${baseline!.loss} ${reached}`);
  });
}
