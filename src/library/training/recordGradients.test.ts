import assert from "node:assert/strict";
import test from "node:test";
import { tf } from "../tensorflow/tf.js";
import { type Dataset, toTensors } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { diagnose } from "../diagnosis/diagnose.js";
import { gradientByLayer } from "../measures/layerMeasures.js";
import { buildMlp } from "../models/mlp.js";
import type { Progress } from "./progress.js";
import type { LayerRecord, TrainingRecord } from "./record.js";
import { differences, numbersOf } from "./alike.test.support.js";
import { variableOf } from "./model/layerTree.js";
import { recordGradients } from "./recordGradients.js";
import { recordTraining } from "./recordTraining.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh", seed: 1 } as const;
const { dense, lstm } = tf.layers;

/** What other operations, in another order, may change. */
const ROUNDING = { absolute: 1e-6, relative: 2e-4 };

/** Without it model.fit() draws a progress bar. The enum that 0 belongs to is not exported. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const SILENT = { verbose: 0, shuffle: false } as tf.ModelFitArgs;

/** Models of Iris, and what is compiled: each trains alike in both ways. */
const MODELS: Record<string, () => tf.LayersModel> = {
  "a dense network": () => buildMlp(spec),
  "batch normalization": () => buildMlp({ ...spec, batchNormalization: true }),
  "a convolution": () =>
    tf.sequential({
      layers: [
        tf.layers.reshape({ inputShape: [4], targetShape: [4, 1] }),
        tf.layers.conv1d({ filters: 3, kernelSize: 2, activation: "relu" }),
        tf.layers.flatten(),
        dense({ units: 3, activation: "softmax" }),
      ],
    }),
  "a recurrent layer": () =>
    tf.sequential({
      layers: [
        tf.layers.reshape({ inputShape: [4], targetShape: [4, 1] }),
        lstm({ units: 5 }),
        dense({ units: 3, activation: "softmax" }),
      ],
    }),
};

for (const [name, build] of Object.entries(MODELS)) {
  test(`${name}: the record of model.fit is that of recordTraining`, async () => {
    const [model, other] = [build(), build()];
    other.setWeights(model.getWeights());
    const options = { epochs: 3, batchSize: 16 };
    const expected = await recordTraining(other, iris.train, {
      ...options,
      optimizer: "sgd",
      learningRate: 0.1,
      test: iris.test,
      testNormalization: "movingAverages",
    });
    const recorder = recordGradients({ dataset: iris.train });
    model.compile({ optimizer: tf.train.sgd(0.1), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    const [train, testing] = [toTensors(iris.train), toTensors(iris.test)];
    await model.fit(train.x, train.y, {
      ...SILENT,
      ...options,
      validationData: [testing.x, testing.y],
      callbacks: recorder,
    });
    const { record } = recorder;
    assert.equal(record.engine.mode, "eager");
    const same = ["optimizer", "lossName", "steps", "stepsPerEpoch", "probeExamples", "data"] as const;
    for (const key of same) {
      assert.deepEqual(record[key], expected[key], key);
    }
    assert.deepEqual(record.layers.map(describe), expected.layers.map(describe));
    assert.deepEqual(
      differences([numbersOf(record), told(record)], [numbersOf(expected), told(expected)], ROUNDING),
      [],
    );
  });
}

test("a model trains as it does without the callback, to the last digit, and is as it was afterwards", async () => {
  for (const optimizer of ["sgd", "adam", "rmsprop"]) {
    const weights: Float32Array[][] = [];
    for (const callbacks of [
      undefined,
      recordGradients(),
      recordGradients({ dataset: iris.train, recordEvery: 3 }),
    ]) {
      const model = buildMlp({ ...spec, batchNormalization: true });
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
      const before = tf.memory().numTensors;
      const { x, y } = toTensors(iris.train);
      await model.fit(x, y, { ...SILENT, epochs: 2, batchSize: 16, ...(callbacks && { callbacks }) });
      weights.push(model.getWeights().map((weight) => weight.dataSync<"float32">()));
      assert.ok(!Object.hasOwn(model.optimizer, "minimize"), "the optimizer is given back");
      assert.ok(!Object.hasOwn(model.layers[0]!, "call"), "the layers are given back");
      tf.dispose([x, y]);
      const left = tf.memory().numTensors - before;
      assert.ok(
        left <= 2 * model.trainableWeights.length + 3,
        `${left} tensors are left: more than the optimizer's`,
      );
    }
    assert.deepEqual(weights[1], weights[0], optimizer);
    assert.deepEqual(weights[2], weights[0], optimizer);
  }
});

test("the gradient is what the optimizer was given, the update what it did, for any optimizer", async () => {
  const record = await fitted({ optimizer: tf.train.adadelta(0.5) });
  assert.equal(record.optimizer.name, "custom");
  const { kernel } = record.layers[0]!;
  assert.deepEqual(kernel.after[0], kernel.before[1]);
  assert.ok(kernel.update[0]!.some((value) => value !== 0));
  for (const [optimizer, expected] of [
    [tf.train.momentum(0.1, 0.8, true), { name: "nesterov", learningRate: 0.1, momentum: 0.8 }],
    [
      tf.train.rmsprop(0.01, 0.7, 0.1),
      { name: "rmsprop", learningRate: 0.01, rho: 0.7, momentum: 0.1, epsilon: 1e-7 },
    ],
    [tf.train.adagrad(0.1, 0.2), { name: "adagrad", learningRate: 0.1, initialAccumulator: 0.2 }],
    [tf.train.adam(0.01), { name: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
  ] as const) {
    assert.deepEqual((await fitted({ optimizer })).optimizer, expected);
  }
});

test("several inputs and outputs: gradients agree with automatic differentiation", async () => {
  const inputs = [2, 2].map((width) => tf.input({ shape: [width] }));
  const joint = dense({ units: 6, activation: "tanh" }).apply(
    tf.layers.concatenate().apply(inputs),
  ) as tf.SymbolicTensor;
  const outputs = [
    dense({ units: 3, activation: "softmax" }).apply(joint) as tf.SymbolicTensor,
    dense({ units: 1 }).apply(joint) as tf.SymbolicTensor,
  ];
  const model = tf.model({ inputs, outputs });
  // The second output counts a tenth.
  const tenth = (target: tf.Tensor, said: tf.Tensor): tf.Tensor =>
    tf.losses.meanSquaredError(target, said).mul(0.1);
  model.compile({ optimizer: "sgd", loss: ["categoricalCrossentropy", tenth] as never });
  const { x, y } = toTensors(iris.train);
  const [left, right] = tf.split(x, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  const number = x.sum(1, true);
  const start = model.getWeights().map((weight) => weight.clone());
  const recorder = recordGradients();
  await model.fit([left, right], [y, number], { ...SILENT, batchSize: 1000, callbacks: recorder });
  const { record } = recorder;
  assert.equal(record.lossName, "custom");
  model.setWeights(start);
  const variables = model.trainableWeights.map(variableOf);
  const { value, grads } = tf.variableGrads(() => {
    const [classes, told] = model.apply([left, right]) as [tf.Tensor2D, tf.Tensor2D];
    const entropy = tf.metrics.categoricalCrossentropy(y, classes).mean();
    return entropy.add<tf.Scalar>(tenth(number, told));
  }, variables);
  assert.deepEqual(differences([record.loss[0]!], Array.from(value.dataSync()), ROUNDING), []);
  record.parameters.forEach((parameter, i) => {
    assert.deepEqual(
      differences(
        Array.from(parameter.gradient[0]!),
        Array.from(grads[variables[i]!.name]!.dataSync()),
        ROUNDING,
      ),
      [],
    );
  });
});

test("fitDataset, a series told at each time step, a learning rate that a callback changes", async () => {
  const model = tf.sequential({
    layers: [
      lstm({ units: 3, inputShape: [5, 1], returnSequences: true }),
      tf.layers.timeDistributed({ layer: dense({ units: 1 }) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  const xs = tf.randomNormal([12, 5, 1], 0, 1, "float32", 1);
  const data = tf.data
    .zip({ xs: tf.data.array(tf.unstack(xs)), ys: tf.data.array(tf.unstack(xs.cumsum(1))) })
    .batch(4);
  const recorder = recordGradients({ label: "sum" });
  const halve = new tf.CustomCallback({
    onEpochBegin: async (epoch) => {
      (model.optimizer as unknown as { learningRate: number }).learningRate = 0.1 / 2 ** epoch;
      return Promise.resolve();
    },
  });
  const silent = { verbose: 0 } as { verbose: never };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the same class, by another name
  await model.fitDataset(data, { ...silent, epochs: 2, callbacks: [halve, recorder] as never });
  const { record } = recorder;
  assert.equal(record.stepsPerEpoch, 3);
  assert.deepEqual(record.steps, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(record.rateFactor, [1, 1, 1, 0.5, 0.5, 0.5]);
  assert.deepEqual([record.label, record.lossName, record.epochs.length], ["sum", "meanSquaredError", 2]);
  assert.equal(record.layers[0]!.stateGradients!.h.rms[0]!.length, 5);
});

test("steps that are recorded, sizes alone, progress, and a training that is told to stop", async () => {
  const seen: Progress[] = [];
  const record = await fitted(
    { optimizer: "sgd", epochs: 3 },
    { recordEvery: 4, recordArrays: false, onProgress: (progress) => void seen.push(progress) },
  );
  assert.deepEqual(record.steps, [0, 4, 8, 12, 16, 20]);
  assert.equal(record.layers[0]!.kernel.gradient.length, 0);
  assert.equal(gradientByLayer(record, { at: -1 }).length, 3);
  assert.deepEqual(
    seen.map(({ step }) => step),
    Array.from({ length: 21 }, (_, i) => i + 1),
  );
  assert.deepEqual([seen[6]!.epoch, seen[7]!.epoch, seen[0]!.steps, seen[0]!.epochs], [1, 2, 21, 3]);
  const stopping = new tf.CustomCallback({
    onBatchEnd: async (batch) => {
      model.stopTraining = batch === 2;
      return Promise.resolve();
    },
  });
  const model = buildMlp(spec);
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  const recorder = recordGradients();
  const { x, y } = toTensors(iris.train);
  await model.fit(x, y, { ...SILENT, batchSize: 16, epochs: 5, callbacks: [stopping, recorder] as never });
  assert.deepEqual(recorder.record.steps, [0, 1, 2]);
  assert.equal(recorder.record.stopped?.message, "model.fit was told to stop before step 3 of 15");
});

test("numbers that are not finite end the record, not the training", async () => {
  const record = await fitted(
    { optimizer: tf.train.sgd(1e25), epochs: 2 },
    {},
    { ...spec, activation: "relu" },
  );
  const { stopped } = record;
  assert.deepEqual([stopped?.reason, stopped?.step, stopped?.quantity], ["not finite", 1, "activations"]);
  assert.deepEqual(record.steps, [0, 1]);
  assert.ok(record.parameters.every(({ after }) => after.at(-1)!.every(Number.isFinite)));
});

test("a record with its dataset can be diagnosed", async () => {
  const record = await fitted(
    { optimizer: tf.train.sgd(0.5), epochs: 30 },
    { dataset: iris.train },
    { ...spec, hiddenLayers: 8, activation: "sigmoid" },
  );
  const { verdict, findings } = diagnose(record);
  assert.equal(verdict, "does not learn");
  assert.ok(
    findings.some(({ disease }) => disease === "vanishing gradient"),
    JSON.stringify(findings),
  );
});

test("what can't be recorded is refused, and the next training runs", async () => {
  assert.throws(
    () => recordGradients({ recordEvery: 0 }),
    /^RangeError: recordGradients\(\): recordEvery is 0/,
  );
  assert.throws(() => recordGradients({ probeExamples: 5 }), /probeExamples is 5; it must be left out/);
  assert.throws(() => recordGradients({ every: 1 } as never), /every/);
  assert.throws(() => recordGradients().record, /nothing is recorded yet; hand this to model.fit/);
  const model = buildMlp(spec);
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  const { x, y } = toTensors(iris.train);
  const fit = (...callbacks: unknown[]): Promise<unknown> =>
    model.fit(x, y, { ...SILENT, batchSize: 50, callbacks: callbacks as never });
  await assert.rejects(fit(recordGradients(), recordGradients()), /two recorders listen to one training/);
  await assert.rejects(fit(recordGradients({ recordArrays: ["other"] })), /recordArrays is .*other/);
  const other: Dataset = { ...iris.train, features: iris.train.features.map((row) => row.slice(1)) };
  await assert.rejects(fit(recordGradients({ dataset: other })), /features/);
  const failing = recordGradients({
    onProgress: () => {
      throw new Error("on purpose");
    },
  });
  await assert.rejects(fit(failing), /on purpose/);
  const recorder = recordGradients();
  await fit(recorder);
  assert.deepEqual(recorder.record.steps, [0, 1]);
  assert.ok(!Object.hasOwn(model.optimizer, "minimize"));
  model.layers[0]!.trainable = false;
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  model.layers[0]!.trainable = true;
  await assert.rejects(
    fit(recordGradients()),
    /model.fit does not train layer "hidden1".*compile the model again/,
  );
});

async function fitted(
  { epochs = 1, ...compiled }: { optimizer: string | tf.Optimizer; epochs?: number },
  options: Parameters<typeof recordGradients>[0] = {},
  of: Parameters<typeof buildMlp>[0] = spec,
): Promise<TrainingRecord> {
  const model = buildMlp(of);
  model.compile({ ...compiled, loss: "categoricalCrossentropy" });
  const recorder = recordGradients(options);
  const { x, y } = toTensors(iris.train);
  await model.fit(x, y, { ...SILENT, epochs, batchSize: 16, callbacks: recorder });
  return recorder.record;
}

/** What is told of a layer, and what is measured of it. */
function describe({ activation, units, positions, isScaling, notMeasured }: LayerRecord): unknown {
  return { activation, units, positions, isScaling, notMeasured };
}

const told = ({ baseline, layers }: TrainingRecord): unknown[] => [
  baseline,
  layers.map(({ saturated }) => saturated),
];
