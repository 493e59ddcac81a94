import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { buildMlp } from "../models/mlp.js";
import { tf } from "../tensorflow/tf.js";
import { trainEnsemble } from "./ensemble/trainEnsemble.js";
import { differences, numbersOf } from "./alike.test.support.js";
import type { TrainingOptions } from "./options.js";
import type { TrainingRecord } from "./record.js";
import { recordTraining } from "./recordTraining.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const shape = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh" } as const;
/** What another order of additions may change, over some steps of Adam. */
const ROUNDING = { absolute: 2e-5, relative: 1e-3 };
const options: TrainingOptions = { optimizer: "adam", learningRate: 0.01, epochs: 3, seed: 1, clipNorm: 0.5 };
const { dense, lstm, conv1d, flatten, reshape } = tf.layers;
const series = (): ReturnType<typeof reshape> => reshape({ inputShape: [4], targetShape: [4, 1] });
const softmax = (): ReturnType<typeof dense> => dense({ units: 3, activation: "softmax" });

const TRAININGS: Record<string, (more: TrainingOptions) => Promise<TrainingRecord>> = {
  "a dense network": (more) => recordTraining(buildMlp({ ...shape, seed: 1 }), iris.train, more),
  "a convolution": (more) =>
    recordTraining(
      fixed([series(), conv1d({ filters: 3, kernelSize: 2 }), flatten(), softmax()]),
      iris.train,
      more,
    ),
  "a recurrent layer": (more) =>
    recordTraining(fixed([series(), lstm({ units: 4 }), softmax()]), iris.train, more),
  "an ensemble": async (more) => (await trainEnsemble(shape, [1, 2], iris.train, more))[1]!,
};

for (const [name, train] of Object.entries(TRAININGS)) {
  for (const engine of ["graph", "eager"] as const) {
    // 100 examples: in steps of 30 there are 10 left, which are one part and a rest.
    test(`${name}, ${engine}: so many batches a step are as one that is as large`, async () => {
      const parts = await train({ ...options, engine, batchSize: 8, accumulate: 4 });
      const whole = await train({ ...options, engine, batchSize: 32 });
      assert.deepEqual([parts.steps, parts.stepsPerEpoch], [whole.steps, 4]);
      assert.deepEqual(differences(numbersOf(parts), numbersOf(whole), ROUNDING), []);
    });
  }
}

test("all examples in one step: the probe is that of the batches, too", async () => {
  const more = { ...options, epochs: 20, seed: 3 };
  const [parts, whole] = [
    await TRAININGS["a dense network"]!({ ...more, batchSize: 40, accumulate: 3 }),
    await TRAININGS["a dense network"]!({ ...more, batchSize: 100 }),
  ];
  assert.deepEqual(differences(numbersOf(parts), numbersOf(whole), ROUNDING), []);
});

test("batch normalization is by each batch: a step of two is the mean of both", async () => {
  const model = (): tf.LayersModel => buildMlp({ ...shape, batchNormalization: true, seed: 1 });
  const sgd = { optimizer: "sgd", learningRate: 1e-30, epochs: 1 } as const;
  const one = await recordTraining(model(), iris.train, { ...sgd, batchSize: 50 });
  const both = await recordTraining(model(), iris.train, { ...sgd, batchSize: 50, accumulate: 2 });
  const gradients = one.layers[0]!.kernel.gradient;
  const mean = Array.from(gradients[0]!, (value, i) => (value + gradients[1]![i]!) / 2);
  assert.deepEqual(differences(Array.from(both.layers[0]!.kernel.gradient[0]!), mean, ROUNDING), []);
  assert.deepEqual(differences([both.loss[0]], [(one.loss[0]! + one.loss[1]!) / 2], ROUNDING), []);
});

test("accumulate is a whole number above 0", async () => {
  await assert.rejects(
    recordTraining(buildMlp({ ...shape, seed: 1 }), iris.train, { ...options, accumulate: 0 }),
    /accumulate is 0/,
  );
});

/** A model that starts from the same weights each time. */
function fixed(layers: tf.layers.Layer[]): tf.LayersModel {
  const model = tf.sequential({ layers });
  model.setWeights(
    model.getWeights().map((weight, i) => tf.randomNormal(weight.shape, 0, 0.4, "float32", i + 1)),
  );
  return model;
}
