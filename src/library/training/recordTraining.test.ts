import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { makeCircles } from "../data/circles.js";
import { type Dataset, toTensors } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { maxAbs, meanAbs } from "../measures/statistics.js";
import { weightChangeByLayer } from "../measures/layerMeasures.js";
import { buildMlp } from "../models/mlp.js";
import type { MlpSpec } from "../models/mlpSpec.js";
import { lossOf } from "./losses.js";
import { optimizerNames } from "./optimizers.js";
import { Batches } from "./batches.js";
import type { TrainingOptions } from "./options.js";
import type { LayerRecord, TrainingRecord } from "./record.js";
import { recordTraining } from "./recordTraining.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 0.8, seed: 1 })).train;
const circles = makeCircles({ examples: 30, factor: 0.5, noise: 0.1, seed: 1 });
const spec: MlpSpec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh", seed: 1 };
const sgd = { optimizer: "sgd", learningRate: 0.1, epochs: 2, batchSize: 8 } as const;

const { dense, activation, batchNormalization } = tf.layers;
const normal = (seed: number) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });

interface Model {
  readonly build: () => tf.LayersModel;
  readonly dataset: Dataset;
  /** Set where model.fit() itself is wrong, and nothing to compare with. */
  readonly fitIsWrong?: true;
}

/** Every kind of model that should train just as it does by itself. Each call builds it anew, with the same weights. */
const MODELS: Record<string, Model> = {
  "a network with tanh": { build: () => buildMlp(spec), dataset: iris },
  "a network with ReLU and one output": {
    build: () => buildMlp({ ...spec, inputs: 2, outputs: 1, activation: "relu", seed: 3 }),
    dataset: circles,
  },
  "a network with leaky ReLU, a layer of its own": {
    build: () => buildMlp({ ...spec, activation: "leakyRelu" }),
    dataset: iris,
  },
  "a model with batch normalization, activation layers and dropout of nothing": {
    build: () =>
      tf.sequential({
        layers: [
          // A bias before the normalization has no gradient but rounding errors, which Adam would make much of.
          dense({ units: 5, inputShape: [4], useBias: false, ...normal(1) }),
          batchNormalization(),
          activation({ activation: "sigmoid" }),
          tf.layers.dropout({ rate: 0 }),
          dense({ units: 3, ...normal(2) }),
          tf.layers.softmax(),
        ],
      }),
    dataset: iris,
  },
  "a model with layers for ReLU, ELU and leaky ReLU": {
    build: () =>
      tf.sequential({
        layers: [
          dense({ units: 6, inputShape: [4], ...normal(1) }),
          tf.layers.reLU({ maxValue: 6 }),
          dense({ units: 6, ...normal(2) }),
          tf.layers.elu(),
          dense({ units: 6, ...normal(3) }),
          tf.layers.leakyReLU({ alpha: 0.3 }),
          dense({ units: 3, ...normal(4), activation: "softmax" }),
        ],
      }),
    dataset: iris,
  },
  "a model with regularized weights": {
    build: () => {
      const kernelRegularizer = tf.regularizers.l1l2({ l1: 0.02, l2: 0.1 });
      return tf.sequential({
        layers: [
          dense({ units: 5, inputShape: [4], activation: "tanh", kernelRegularizer, ...normal(1) }),
          dense({ units: 3, activation: "softmax", biasRegularizer: "l1l2", ...normal(2) }),
        ],
      });
    },
    dataset: iris,
  },
  "a functional model with a skip connection": {
    build: () => {
      const input = tf.input({ shape: [4] });
      const first = dense({ units: 4, activation: "tanh", ...normal(1) }).apply(input) as tf.SymbolicTensor;
      const second = dense({ units: 4, activation: "swish", ...normal(2) }).apply(first) as tf.SymbolicTensor;
      const sum = tf.layers.add().apply([input, second]) as tf.SymbolicTensor;
      const outputs = dense({ units: 3, activation: "softmax", ...normal(3) }).apply(sum);
      return tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor });
    },
    dataset: iris,
  },
  "a convolution": {
    build: () =>
      tf.sequential({
        layers: [
          tf.layers.reshape({ targetShape: [4, 1], inputShape: [4] }),
          tf.layers.conv1d({ filters: 3, kernelSize: 2, activation: "relu", ...normal(1) }),
          tf.layers.flatten(),
          dense({ units: 3, activation: "softmax", ...normal(2) }),
        ],
      }),
    dataset: iris,
  },
  "a convolution whose input has two axes": {
    build: () =>
      tf.sequential({
        layers: [
          tf.layers.conv1d({
            filters: 3,
            kernelSize: 2,
            inputShape: [2, 2],
            activation: "tanh",
            ...normal(1),
          }),
          tf.layers.flatten(),
          dense({ units: 3, activation: "softmax", ...normal(2) }),
        ],
      }),
    dataset: iris,
  },
  "a model of models whose layers have the same names": {
    build: () => {
      const part = (seed: number, inputShape: number[]): tf.Sequential =>
        tf.sequential({
          layers: [dense({ name: "h", units: 4, inputShape, activation: "tanh", ...normal(seed) })],
        });
      return tf.sequential({
        layers: [part(1, [4]), part(2, [4]), dense({ units: 3, activation: "softmax", ...normal(3) })],
      });
    },
    dataset: iris,
  },
  "a model that uses a layer twice, once inside of another model": {
    build: () => {
      const shared = dense({ units: 4, inputShape: [4], activation: "tanh", ...normal(1) });
      const inner = tf.sequential({ layers: [shared] });
      const input = tf.input({ shape: [4] });
      const twice = inner.apply(shared.apply(input)) as tf.SymbolicTensor;
      const outputs = dense({ units: 3, activation: "softmax", ...normal(2) }).apply(twice);
      return tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor });
    },
    dataset: iris,
    // It has the weights of such a layer in its list twice, and makes a step of twice the gradient.
    fitIsWrong: true,
  },
  "a model with a layer that does not train": {
    build: () =>
      tf.sequential({
        layers: [
          dense({ units: 4, inputShape: [4], activation: "tanh", ...normal(1) }),
          dense({ units: 4, activation: "sigmoid", trainable: false, ...normal(2) }),
          dense({ units: 3, activation: "softmax", ...normal(3) }),
        ],
      }),
    dataset: iris,
  },
  "a recurrent network": {
    build: () =>
      tf.sequential({
        layers: [
          tf.layers.simpleRNN({
            units: 3,
            inputShape: [4, 1],
            ...normal(1),
            recurrentInitializer: tf.initializers.orthogonal({ seed: 2 }),
          }),
          dense({ units: 3, activation: "softmax", ...normal(3) }),
        ],
      }),
    dataset: iris,
  },
};

/** tfjs' own optimizers, with the settings that the record's have by default. */
const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  adam: () => tf.train.adam(0.05, 0.9, 0.999, 1e-7),
};

/** Without it model.fit() draws a progress bar. The enum that 0 belongs to is not exported. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const SILENT = { verbose: 0 } as tf.ModelFitArgs;

const numbers = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

for (const [name, { build, dataset, fitIsWrong }] of Object.entries(MODELS)) {
  for (const optimizer of fitIsWrong ? [] : (["sgd", "momentum", "adam"] as const)) {
    test(`${name} trains as by model.fit() with ${optimizer}`, async () => {
      const [fitted, recorded] = [build(), build()];
      const initial = numbers(fitted);
      assert.deepEqual(numbers(recorded), initial);
      const loss = dataset.classNames.length === 2 ? "binaryCrossentropy" : "categoricalCrossentropy";
      const trainer = OPTIMIZERS[optimizer]();
      fitted.compile({ optimizer: trainer, loss });
      const { x, y } = toTensors(dataset);
      const shaped = x.reshape([-1, ...fitted.inputs[0]!.shape.slice(1).map(Number)]);
      // The last of these batches is smaller than the rest.
      await fitted.fit(shaped, y, { epochs: 3, batchSize: 8, shuffle: false, ...SILENT });
      await recordTraining(recorded, dataset, { optimizer, learningRate: 0.05, epochs: 3, batchSize: 8 });
      const [expected, actual] = [numbers(fitted), numbers(recorded)];
      const difference = maxAbs(expected.map((value, i) => value - actual[i]!));
      assert.ok(difference <= 1e-5, `the weights are ${difference} apart`);
      const moved = maxAbs(expected.map((value, i) => value - initial[i]!));
      assert.ok(moved > 0.01, `no weight moved by more than ${moved}`);
      tf.dispose([x, y, shaped]);
      trainer.dispose();
      fitted.dispose();
      recorded.dispose();
    });
  }

  test(`${name} is as it was after training, and no tensor is left`, async () => {
    const model = build();
    const parts = partsOf(model);
    const tensors = tf.memory().numTensors;
    const options = { ...sgd, optimizer: "adam", test: dataset } as const;
    const record = await recordTraining(model, dataset, options);
    assert.deepEqual(partsOf(model), parts);
    for (const { kernel, activations, preActivations, saturated, dead } of record.layers) {
      assert.equal(kernel.gradient.length, record.steps.length);
      for (const list of [activations.mean, activations.std, preActivations.mean, saturated, dead]) {
        assert.equal(list.length, record.steps.length);
      }
    }
    const stop = new Error("midway");
    const onProgress = (): void => {
      throw stop;
    };
    await assert.rejects(recordTraining(model, dataset, { ...options, onProgress }), stop);
    assert.deepEqual(partsOf(model), parts);
    const lost = partsOf(model).filter(({ call }, i) => call !== parts[i]!.call);
    assert.deepEqual(lost, []);
    assert.equal(tf.memory().numTensors, tensors);
    model.dispose();
  });
}

interface Part {
  readonly layer: tf.layers.Layer;
  readonly call: unknown;
  readonly hasOwnCall: boolean;
  readonly activation: unknown;
}

/** What recording touches in each layer. */
function partsOf(model: tf.LayersModel): Part[] {
  return model.layers.flatMap((layer) => {
    const inside = "layers" in layer ? partsOf(layer as unknown as tf.LayersModel) : [];
    const { call, activation: own } = layer as unknown as { call: unknown; activation?: unknown };
    return [...inside, { layer, call, hasOwnCall: Object.hasOwn(layer, "call"), activation: own }];
  });
}

test("a layer's call that was replaced before training is still in place afterwards", async () => {
  const model = buildMlp(spec);
  const layer = model.layers[0]!;
  let calls = 0;
  const original = layer.call.bind(layer);
  const spy: typeof original = (...args) => {
    calls += 1;
    return original(...args);
  };
  layer.call = spy;
  await recordTraining(model, iris, { ...sgd, epochs: 1 });
  assert.equal(Reflect.get(layer, "call"), spy);
  assert.ok(calls > 0);
  model.dispose();
});

test("each layer's record is its own, even if layers of nested models have the same name", async () => {
  const { build, dataset } = MODELS["a model of models whose layers have the same names"]!;
  const model = build();
  const first = Array.from(model.getWeights()[0]!.dataSync());
  const second = Array.from(model.getWeights()[2]!.dataSync());
  const record = await recordTraining(model, dataset, sgd);
  assert.equal(record.layers.length, 3);
  assert.deepEqual(Array.from(record.layers[0]!.kernel.before[0]!), first);
  assert.deepEqual(Array.from(record.layers[1]!.kernel.before[0]!), second);
  model.dispose();
});

test("a layer that is used twice is recorded once, under its own name", async () => {
  const model = MODELS["a model that uses a layer twice, once inside of another model"]!.build();
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1 });
  const [shared, output] = [model.layers[1]!.name, model.layers.at(-1)!.name];
  assert.deepEqual(
    record.parameters.map(({ layer, name }) => `${layer} ${name}`),
    [`${shared} kernel`, `${shared} bias`, `${output} kernel`, `${output} bias`],
  );
  model.dispose();
});

test("examples may have more numbers than their features have names", async () => {
  const { build } = MODELS["a convolution"]!;
  const losses: (readonly number[])[] = [];
  for (const featureNames of [iris.featureNames, ["a series of four"]]) {
    const model = build();
    losses.push((await recordTraining(model, { ...iris, featureNames }, sgd)).loss);
    model.dispose();
  }
  assert.deepEqual(losses[1], losses[0]);
});

test("the signal of a layer that does not train is not taken for that of the layer before it", async () => {
  const model = MODELS["a model with a layer that does not train"]!.build();
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1 });
  assert.deepEqual(
    record.layers.map((layer) => layer.activation),
    ["tanh", "softmax"],
  );
  assert.ok(record.parameters.every(({ layer }) => layer !== model.layers[1]!.name));
  model.dispose();
});

test("the gradient of the loss is right where the last pre-activation is exactly 0", async () => {
  // tfjs' own binary cross-entropy is a sum of two functions with a kink at 0, whose slopes it takes as 0 there.
  const model = buildMlp({ ...spec, inputs: 2, outputs: 1, kernelInitializer: "zeros" });
  const dataset = { ...circles, labels: circles.labels.map((_, i) => (i < 6 ? 1 : 0)) };
  const record = await recordTraining(model, dataset, { ...sgd, epochs: 1, batchSize: 30 });
  assert.ok(Math.abs(record.layers.at(-1)!.bias!.gradient[0]![0]! - (0.5 - 6 / 30)) < 1e-6);
  assert.ok(Math.abs(record.loss[0]! - Math.log(2)) < 1e-6);
  model.dispose();
});

async function train(
  change: Partial<TrainingOptions> = {},
  own: Partial<MlpSpec> = {},
): Promise<TrainingRecord> {
  const model = buildMlp({ ...spec, ...own });
  const record = await recordTraining(model, iris, { ...sgd, ...change });
  model.dispose();
  return record;
}

test("the update is the difference of the weights, and each step starts where the last one ended", async () => {
  for (const optimizer of optimizerNames) {
    const { parameters, steps, stepsPerEpoch } = await train({ optimizer });
    assert.equal(stepsPerEpoch, 4);
    assert.deepEqual(steps, [0, 1, 2, 3, 4, 5, 6, 7]);
    for (const { before, after, update } of parameters) {
      before.forEach((start, t) => {
        assert.deepEqual(
          update[t],
          after[t]!.map((value, i) => value - start[i]!),
        );
        if (t > 0) {
          assert.deepEqual(start, after[t - 1]);
        }
      });
    }
  }
});

test("under plain SGD the update is minus the learning rate times the gradient", async () => {
  const record = await train({ learningRate: 0.3 });
  for (const { before, gradient, update } of record.parameters) {
    update.forEach((list, t) => {
      list.forEach((value, i) => {
        // The weights are float32 numbers: their difference is as exact as their last digit.
        const rounding = 2 ** -23 * Math.max(Math.abs(before[t]![i]!), 2 ** -20);
        assert.ok(Math.abs(value + 0.3 * gradient[t]![i]!) <= rounding + 3e-7 * Math.abs(value));
      });
    });
  }
});

test("weight change by learning rate is the mean absolute gradient after one step of SGD", async () => {
  const record = await train({ epochs: 1, batchSize: iris.labels.length });
  weightChangeByLayer(record, { unit: "perLearningRate" }).forEach((change, layer) => {
    const gradient = meanAbs(record.layers[layer]!.kernel.gradient[0]!);
    assert.ok(Math.abs(change / gradient - 1) < 1e-5, `${change} and ${gradient}`);
  });
});

test("the first step of Adam is the learning rate in size in either form, unless the gradient nears epsilon", async () => {
  for (const epsilonForm of ["pytorch", "keras"] as const) {
    const options = { optimizer: "adam", epsilonForm, epsilon: 1e-3, learningRate: 0.01, epochs: 1 } as const;
    const record = await train(options);
    // m / sqrt(v) is sqrt(1 - beta2) smaller before its correction, and only Keras' epsilon is not corrected with it.
    const epsilon = epsilonForm === "pytorch" ? 1e-3 : 1e-3 / Math.sqrt(1 - 0.999);
    for (const { gradient, update } of record.parameters) {
      update[0]!.forEach((value, i) => {
        const slope = gradient[0]![i]!;
        assert.ok(Math.abs(value + (0.01 * slope) / (Math.abs(slope) + epsilon)) < 1e-6);
      });
    }
  }
});

test("the record names its optimizer with every setting that it read", async () => {
  assert.deepEqual((await train()).optimizer, { name: "sgd", learningRate: 0.1 });
  assert.deepEqual((await train({ optimizer: "adam", epsilonForm: "keras" })).optimizer, {
    name: "adam",
    learningRate: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    epsilonForm: "keras",
  });
});

test("recordEvery records every n-th step and the last", async () => {
  const all = await train();
  for (const [recordEvery, expected] of [
    [3, [0, 3, 6, 7]],
    [7, [0, 7]],
    [100, [0, 7]],
  ] as const) {
    const some = await train({ recordEvery });
    assert.deepEqual(some.steps, expected);
    assert.deepEqual(
      some.loss,
      expected.map((step) => all.loss[step]),
    );
    assert.deepEqual(some.epochs, all.epochs);
    some.layers.forEach(({ kernel, saturated }, layer) => {
      const full = all.layers[layer]!;
      assert.deepEqual(
        [kernel.gradient, kernel.before, kernel.after, saturated],
        [full.kernel.gradient, full.kernel.before, full.kernel.after, full.saturated].map((list) =>
          expected.map((step) => list[step]),
        ),
      );
    });
  }
});

test("an epoch's loss is the mean over its examples, and its test loss that of the weights after it", async () => {
  const model = buildMlp(spec);
  const whole = { ...sgd, epochs: 1, batchSize: iris.labels.length };
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1, batchSize: 7, test: iris });
  const [epoch] = record.epochs;
  // 30 examples: batches of 7, 7, 7, 7 and 2.
  const loss = record.loss.reduce((sum, value, i) => sum + value * (i < 4 ? 7 : 2), 0) / 30;
  assert.ok(Math.abs(epoch!.loss - loss) < 1e-6);
  const [expected, named] = tf.tidy(() => {
    const { x, y } = toTensors(iris);
    const p = model.predict(x) as tf.Tensor2D;
    return [
      tf.metrics.categoricalCrossentropy(y, p).mean().dataSync()[0]!,
      Array.from(p.argMax(1).dataSync()),
    ];
  });
  const right = named.filter((label, i) => label === iris.labels[i]).length;
  assert.ok(Math.abs(epoch!.testLoss! - expected) < 1e-5, `${epoch!.testLoss} and ${expected}`);
  assert.equal(epoch!.testAccuracy, right / 30);
  // A pass over all examples at once starts from the same weights, so its loss and accuracy are these.
  const next = await recordTraining(model, iris, whole);
  assert.ok(Math.abs(next.loss[0]! - epoch!.testLoss!) < 1e-6);
  assert.equal(next.epochs[0]!.accuracy, epoch!.testAccuracy);
  model.dispose();
});

test("with one output, accuracy is the share of examples on the right side of a probability of a half", async () => {
  const model = buildMlp({ ...spec, inputs: 2, outputs: 1 });
  const record = await recordTraining(model, circles, { ...sgd, epochs: 5, test: circles });
  const probabilities = tf.tidy(() => {
    const { x } = toTensors(circles);
    return Array.from((model.predict(x) as tf.Tensor).dataSync());
  });
  const right = probabilities.filter((p, i) => p > 0.5 === (circles.labels[i] === 1)).length;
  assert.equal(record.epochs.at(-1)!.testAccuracy, right / 30);
  model.dispose();
});

test("test loss is that of the model as it predicts: nothing dropped, moving averages where they are asked for", async () => {
  const model = tf.sequential({
    layers: [
      dense({ units: 5, inputShape: [4], activation: "tanh", ...normal(1) }),
      tf.layers.dropout({ rate: 0.5, seed: 1 }),
      batchNormalization(),
      dense({ units: 3, activation: "softmax", ...normal(2) }),
    ],
  });
  const record = await recordTraining(model, iris, {
    ...sgd,
    test: iris,
    testNormalization: "movingAverages",
  });
  assert.equal(record.testNormalization, "movingAverages");
  const expected = tf.tidy(() => {
    const { x, y } = toTensors(iris);
    return tf.metrics
      .categoricalCrossentropy(y, model.predict(x) as tf.Tensor)
      .mean()
      .dataSync()[0]!;
  });
  closeTo(record.epochs.at(-1)!.testLoss, expected, 1e-5, "test loss");
  model.dispose();
});

/** Mean and standard deviation of numbers, and the share of them of which something is true. */
function summary(values: readonly number[], saturated: (value: number) => boolean) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance), share: values.filter(saturated).length / values.length };
}

function closeTo(actual: number | undefined, expected: number, within: number, what: string): void {
  const difference = Math.abs(actual! - expected);
  assert.ok(difference <= within, `${what} is ${actual}, not ${expected}`);
}

/** Output of each layer for a batch, [examples][units], by model.predict() of the model up to that layer. */
function outputsOf(model: tf.LayersModel, { features }: Dataset): number[][][] {
  return tf.tidy(() =>
    model.layers.map((layer) => {
      const part = tf.model({ inputs: model.inputs, outputs: layer.output });
      return (part.predict(tf.tensor2d(features.map((row) => [...row]))) as tf.Tensor2D).arraySync();
    }),
  );
}

/** z = a W + b in plain numbers. */
function affine(inputs: readonly (readonly number[])[], layer: LayerRecord): number[][] {
  const { units, kernel, bias } = layer;
  return inputs.map((row) =>
    Array.from({ length: units }, (_, unit) =>
      row.reduce(
        (sum, value, i) => sum + value * kernel.before[0]![i * units + unit]!,
        bias?.before[0]![unit] ?? 0,
      ),
    ),
  );
}

for (const [name, saturatedAt, deadAt] of [
  // 5 % of the steepest slope, 1 and 1/4, and of 1 for ReLU.
  ["tanh", (z: number) => 1 - Math.tanh(z) ** 2 < 0.05, () => false],
  ["sigmoid", (z: number) => Math.exp(-z) / (1 + Math.exp(-z)) ** 2 < 0.05 / 4, () => false],
  ["relu", (z: number) => z <= 0, (z: number) => z <= 0],
] as const) {
  test(`statistics of a network with ${name} are those of a separate forward pass`, async () => {
    const model = buildMlp({
      ...spec,
      activation: name,
      width: 12,
      kernelInitializer: { name: "randomNormal", stddev: 1.5 },
    });
    const outputs = outputsOf(model, iris);
    const record = await recordTraining(model, iris, { ...sgd, epochs: 1, batchSize: iris.labels.length });
    assert.equal(record.label, name);
    const shares: number[] = [];
    record.layers.slice(0, -1).forEach((layer, depth) => {
      assert.equal(layer.activation, name);
      assert.equal(layer.units, 12);
      const z = affine(depth === 0 ? iris.features : outputs[depth - 1]!, layer);
      const before = summary(z.flat(), saturatedAt);
      const after = summary(outputs[depth]!.flat(), () => false);
      closeTo(layer.preActivations.mean[0], before.mean, 1e-5, "mean z");
      closeTo(layer.preActivations.std[0], before.std, 1e-5, "deviation of z");
      closeTo(layer.activations.mean[0], after.mean, 1e-5, "mean a");
      closeTo(layer.activations.std[0], after.std, 1e-5, "deviation of a");
      closeTo(layer.saturated[0], before.share, 1e-12, "saturated share");
      const dead = Array.from({ length: 12 }, (_, unit) => z.every((row) => deadAt(row[unit]!)));
      closeTo(layer.dead[0], dead.filter(Boolean).length / 12, 1e-12, "dead share");
      shares.push(before.share);
    });
    // The test would say little of a network where nothing is saturated, or all.
    assert.ok(
      shares.every((share) => share > 0.02 && share < 0.98),
      String(shares),
    );
    const last = record.layers.at(-1)!;
    assert.equal(last.activation, "softmax");
    assert.ok([...last.saturated, ...last.dead].every(Number.isNaN));
    assert.match(last.notMeasured.dead!, /"softmax" is flat/);
    model.dispose();
  });
}

test("units that are switched off for every example are counted as dead", async () => {
  const model = buildMlp({ ...spec, activation: "relu", hiddenLayers: 1, width: 4 });
  tf.tidy(() => {
    const [kernel] = model.layers[0]!.getWeights();
    model.layers[0]!.setWeights([kernel!, tf.tensor1d([-100, 0, -100, 100])]);
  });
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1, batchSize: 30 });
  assert.equal(record.layers[0]!.dead[0], 0.5);
  // Two units of four, and some of the examples of the third.
  assert.ok(record.layers[0]!.saturated[0]! > 0.5 && record.layers[0]!.saturated[0]! < 0.75);
  model.dispose();
});

test("what enters an activation layer after batch normalization is normalized, and belongs to the dense layer", async () => {
  const { build } = MODELS["a model with batch normalization, activation layers and dropout of nothing"]!;
  const model = build();
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1, batchSize: 30 });
  assert.deepEqual(
    weightLayers(record).map((layer) => layer.activation),
    ["sigmoid", "softmax"],
  );
  const [first] = record.layers;
  const z = affine(iris.features, first!);
  const normalized = Array.from({ length: 5 }, (_, unit) => {
    const { mean, std } = summary(
      z.map((row) => row[unit]!),
      () => false,
    );
    // Keras' epsilon, added to the variance.
    return z.map((row) => (row[unit]! - mean) / Math.sqrt(std ** 2 + 1e-3));
  }).flat();
  const entered = summary(normalized, () => false);
  closeTo(first!.preActivations.mean[0], entered.mean, 1e-5, "mean z");
  closeTo(first!.preActivations.std[0], entered.std, 1e-5, "deviation of z");
  const left = summary(
    normalized.map((value) => 1 / (1 + Math.exp(-value))),
    () => false,
  );
  closeTo(first!.activations.mean[0], left.mean, 1e-5, "mean a");
  closeTo(first!.activations.std[0], left.std, 1e-5, "deviation of a");
  assert.deepEqual(
    record.parameters.map(({ name }) => name),
    ["kernel", "gamma", "beta", "kernel", "bias"],
  );
  model.dispose();
});

test("saturation is told only of functions in the table, not of other slopes than theirs", async () => {
  const { build } = MODELS["a model with layers for ReLU, ELU and leaky ReLU"]!;
  const model = build();
  const record = await recordTraining(model, iris, { ...sgd, epochs: 1 });
  const [relu6, elu, leaky] = record.layers;
  assert.equal(relu6!.activation, "relu6");
  assert.equal(elu!.activation, "elu");
  // A slope of 0.3 below 0 is not saturated; the table's leaky ReLU has 0.01 there.
  assert.notEqual(leaky!.activation, "leakyRelu");
  assert.ok(leaky!.saturated.every(Number.isNaN));
  assert.match(leaky!.notMeasured.saturated!, /"leakyRelu with alpha 0.3/);
  model.dispose();
});

/** A fingerprint of a record as text, in which every number has all its digits. */
const fingerprint = (json: string): string => createHash("sha256").update(json).digest("hex");

const seeded = { ...sgd, optimizer: "adam", seed: 7, test: iris } as const;

test("the same seeds give the same numbers, other seeds others", async () => {
  const reference = JSON.stringify(await train(seeded));
  assert.equal(JSON.stringify(await train(seeded)), reference);
  assert.notEqual(JSON.stringify(await train({ ...seeded, seed: 8 })), reference);
  assert.notEqual(JSON.stringify(await train(seeded, { seed: 2 })), reference);
});

test("another process gives the same numbers", async () => {
  const options = { ...sgd, optimizer: "adam", seed: 7 } as const;
  const split = { testShare: 0.8, seed: 1 };
  const script = `
    const { buildMlp, loadIris, recordTraining, splitTrainTest } = require(${JSON.stringify(join(__dirname, "..", "index.js"))});
    const { train } = splitTrainTest(loadIris(), ${JSON.stringify(split)});
    recordTraining(buildMlp(${JSON.stringify(spec)}), train, ${JSON.stringify(options)})
      .then((record) => process.stdout.write(JSON.stringify(record)));`;
  const child = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" });
  const model = buildMlp(spec);
  const record = await recordTraining(model, splitTrainTest(loadIris(), split).train, options);
  model.dispose();
  assert.equal(fingerprint(child), fingerprint(JSON.stringify(record)));
});

test("with a seed each example comes once an epoch, in another order each time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 45 }),
      fc.integer(),
      (examples, size, seed) => {
        const dataset: Dataset = {
          ...circles,
          features: Array.from({ length: examples }, (_, i) => [i, -i]),
          labels: Array.from({ length: examples }, (_, i) => i % 2),
        };
        const tensors = tf.memory().numTensors;
        const batches = new Batches(dataset, [2], 1, size, seed);
        assert.equal(batches.count, Math.ceil(examples / size));
        const orders = [0, 1, 2].map((epoch) => batches.order(epoch));
        for (const order of orders) {
          const seen: number[] = [];
          for (let place = 0; place < batches.count; place++) {
            const batch = batches.take(order, place, lossOf(1));
            const { x } = batch;
            const labels = batch.targets.dataSync();
            const rows = x.arraySync() as number[][];
            assert.equal(rows.length, place < batches.count - 1 ? size : examples - size * place);
            rows.forEach(([x1, x2], i) => {
              assert.equal(x1, -x2!);
              assert.equal(labels[i], x1 % 2);
              seen.push(x1);
            });
            batches.free(batch);
          }
          assert.deepEqual(seen, order);
          assert.deepEqual(
            seen.sort((a, b) => a - b),
            Array.from({ length: examples }, (_, i) => i),
          );
        }
        if (examples > 10) {
          assert.equal(new Set(orders.map(String)).size, 3);
        }
        assert.equal(tf.memory().numTensors, tensors);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test("without a seed the examples keep the dataset's order", () => {
  const batches = new Batches(iris, [4], 3, 8);
  assert.deepEqual(batches.order(0), [...iris.labels.keys()]);
  assert.deepEqual(batches.order(5), batches.order(0));
});
