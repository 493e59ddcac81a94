import assert from "node:assert/strict";
import test from "node:test";
import { tf } from "../tensorflow/tf.js";
import { type Dataset, toTensors } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { diagnose } from "../diagnosis/diagnose.js";
import { gradientByLayer } from "../measures/layerMeasures.js";
import { testAccuracy } from "../measures/learning.js";
import { buildMlp } from "../models/mlp.js";
import type { TrainingRecord } from "./record.js";
import type { TrainingOptions } from "./options.js";
import { recordTraining } from "./recordTraining.js";

/** Without it model.fit() draws a progress bar. The enum that 0 belongs to is not exported. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const SILENT = { verbose: 0 } as tf.ModelFitArgs;

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.1, epochs: 3, batchSize: 16, seed: 1 };
const mlp = (): tf.Sequential =>
  buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh", seed: 1 });
const { dense, lstm, timeDistributed } = tf.layers;
const softmax = (units: number): ReturnType<typeof dense> => dense({ units, activation: "softmax" });

const MODELS: Record<string, [model: () => tf.LayersModel, message: RegExp]> = {
  "a softmax of one unit": [
    () => tf.sequential({ layers: [dense({ units: 1, activation: "softmax", inputShape: [4] })] }),
    /ends in a softmax of 1 unit, which always says 1; two classes take 1 unit with "sigmoid"/,
  ],
  "an output for each time step": [
    () =>
      tf.sequential({ layers: [lstm({ units: 4, inputShape: [4, 1], returnSequences: true }), softmax(3)] }),
    /says something in several places of an example \(its output is \[any, 4, 3\]\)/,
  ],
  "a layer for each time step": [
    () =>
      tf.sequential({
        layers: [
          lstm({ units: 4, inputShape: [4, 1], returnSequences: true }),
          timeDistributed({ layer: softmax(3) }),
        ],
      }),
    /says something in several places of an example/,
  ],
  "dropout behind its output": [
    () =>
      tf.sequential({
        layers: [
          dense({ units: 2, activation: "softmax", inputShape: [4] }),
          tf.layers.dropout({ rate: 0.5 }),
        ],
      }),
    /\(dropout, noise\); it must stand before the output layer/,
  ],
  "several outputs": [
    () => {
      const x = tf.input({ shape: [4] });
      return tf.model({
        inputs: x,
        outputs: [softmax(3).apply(x), softmax(3).apply(x)] as tf.SymbolicTensor[],
      });
    },
    /the model has 2 outputs; it must have 1/,
  ],
  "series of any length": [
    () => tf.sequential({ layers: [lstm({ units: 4, inputShape: [null, 1] }), softmax(3)] }),
    /takes inputs of any length \(axis 1 of \[any, any, 1\]\)/,
  ],
  "nothing at all": [
    () => undefined as unknown as tf.LayersModel,
    /model is undefined; it must be a tf.layers model/,
  ],
};

for (const [name, [build, message]] of Object.entries(MODELS)) {
  test(`a model with ${name} is refused in one sentence`, async () => {
    const data = { ...iris.train, labels: iris.train.labels.map((label) => Math.min(label, 1)) };
    await assert.rejects(recordTraining(build(), data, options), message);
  });
}

const changed = (change: (rows: number[][]) => void): Dataset => {
  const features = iris.train.features.map((row) => [...row]);
  change(features);
  return { ...iris.train, features };
};
const DATA: Record<string, [data: Dataset, message: RegExp]> = {
  "a hole in a row": [
    changed((rows) => (rows[1] = [1, , 3, 4] as number[])),
    /dataset.features\[1\]\[1\] is undefined; it must be a finite number \(features row 1, column "sepal width/,
  ],
  NaN: [changed((rows) => (rows[7]![2] = NaN)), /features\[7\]\[2\] is NaN/],
  "a text": [changed((rows) => (rows[7]![2] = "5" as unknown as number)), /features\[7\]\[2\] is "5"/],
  "a short row": [changed((rows) => rows[3]!.pop()), /features\[3\] is .* it must be 4 finite numbers/],
  "labels that are text": [
    { ...iris.train, labels: iris.train.labels.map(String) as unknown as number[] },
    /labels\[0\] is "\d"; it must be a whole number from 0 to 2, .* see datasetFromRows/,
  ],
};

for (const [name, [data, message]] of Object.entries(DATA)) {
  test(`data with ${name} are refused, with row and column`, async () => {
    await assert.rejects(recordTraining(mlp(), data, options), message);
    assert.throws(() => splitTrainTest(data, { testShare: 0.3, seed: 1 }), RangeError);
    assert.throws(() => standardize(data), RangeError);
  });
}

test("rows that are typed arrays are read as lists are", async () => {
  const typed = iris.train.features.map((row) => Float32Array.from(row) as unknown as number[]);
  const [a, b] = [mlp(), mlp()];
  const lists = await recordTraining(a, iris.train, options);
  const arrays = await recordTraining(b, { ...iris.train, features: typed }, options);
  assert.deepEqual(arrays.loss, lists.loss);
});

test("one model in two trainings at once is refused; one after the other it is not", async () => {
  const model = mlp();
  const both = [recordTraining(model, iris.train, options), recordTraining(model, iris.train, options)];
  const [first, second] = await Promise.allSettled(both);
  assert.equal(first!.status, "fulfilled");
  assert.match(String((second as PromiseRejectedResult).reason), /the model is in a training already/);
  await recordTraining(model, iris.train, options);
});

for (const engine of ["graph", "eager"] as const) {
  test(`weights that something else changes during a training end it with an error (${engine})`, async () => {
    const set = mlp();
    const onProgress = ({ step }: { step: number }): void => {
      if (step === 3) {
        set.layers[1]!.setWeights(set.layers[1]!.getWeights().map((weight) => tf.zerosLike(weight)));
      }
    };
    await assert.rejects(
      recordTraining(set, iris.train, { ...options, engine, onProgress }),
      /something else changed the weights of layer "hidden2" during the training/,
    );
    const fitted = mlp();
    fitted.compile({ optimizer: tf.train.sgd(1), loss: "categoricalCrossentropy" });
    const { x, y } = toTensors(iris.train);
    const [ours, theirs] = await Promise.allSettled([
      recordTraining(fitted, iris.train, { ...options, engine, epochs: 20 }),
      fitted.fit(x, y, { epochs: 2, ...SILENT }),
    ]);
    assert.equal(theirs.status, "fulfilled", String((theirs as PromiseRejectedResult).reason));
    assert.match(String((ours as PromiseRejectedResult).reason), /something else changed the weights/);
  });
}

test("onProgress is waited for, and what it throws ends the training", async () => {
  let running = 0;
  let most = 0;
  const wait = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
  };
  await recordTraining(mlp(), iris.train, { ...options, epochs: 1, onProgress: wait });
  assert.equal(most, 1);
  const mine = new Error("mine");
  await assert.rejects(
    recordTraining(mlp(), iris.train, { ...options, onProgress: () => Promise.reject(mine) }),
    mine,
  );
});

test("what measures say of a record that ended in its first epoch, or that went through JSON", async () => {
  const stop = new AbortController();
  const record = await recordTraining(mlp(), iris.train, {
    ...options,
    test: iris.test,
    signal: stop.signal,
    onProgress: ({ step }) => {
      if (step === 2) stop.abort();
    },
  });
  assert.throws(
    () => testAccuracy(record),
    /at least one whole epoch, and it was interrupted before step 2 of 21/,
  );
  const none = await recordTraining(mlp(), iris.train, { ...options, signal: AbortSignal.abort() });
  assert.throws(() => gradientByLayer(none), /0 steps \(interrupted before step 0 of 21\)/);
  const back = JSON.parse(JSON.stringify(record)) as TrainingRecord;
  for (const read of [diagnose, gradientByLayer]) {
    assert.throws(() => read(back), /JSON has none: see saveRecord and loadRecord/);
  }
});

test("the trainings of a process do not pile up listeners", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on("warning", note);
  await Promise.all(
    Array.from({ length: 12 }, () => recordTraining(mlp(), iris.train, { ...options, epochs: 1 })),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  assert.deepEqual(warnings, []);
});
