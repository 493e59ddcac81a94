import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import { makeCircles } from "../data/circles.js";
import { toTensors } from "../data/dataset.js";
import { activations } from "../models/activations.js";
import { buildMlp } from "../models/mlp.js";
import { trainEnsemble } from "./ensemble/trainEnsemble.js";
import type { TrainingRecord } from "./record.js";
import type { TrainingOptions } from "./options.js";
import { recordTraining } from "./recordTraining.js";

/** What a number in a record is measured on. */

const circles = makeCircles({ examples: 30, factor: 0.5, noise: 0.1, seed: 1 });
const spec = { inputs: 2, outputs: 1, hiddenLayers: 3, width: 5, activation: "relu" } as const;
const sgd = { optimizer: "sgd", learningRate: 0.3, epochs: 3, batchSize: 7, seed: 5 } as const;

const near = (actual: number, expected: number, what: string, tolerance = 1e-5): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1e-3, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  );
};

/** The record of one network under recordTraining, and of its twin under trainEnsemble. */
async function both(changes: object, options: TrainingOptions, dataset = circles): Promise<TrainingRecord[]> {
  const model = buildMlp({ ...spec, ...changes, seed: 3 });
  const record = await recordTraining(model, dataset, options);
  model.dispose();
  return [record, ...(await trainEnsemble({ ...spec, ...changes }, [3], dataset, options))];
}

/** z of each hidden layer for examples, in plain numbers, from the weights before a recorded step. */
function forward(record: TrainingRecord, at: number, features: readonly (readonly number[])[]): number[][][] {
  let rows = features.map((row) => [...row]);
  return record.layers.slice(0, -1).map(({ kernel, bias, units }) => {
    const [weights, shifts] = [kernel.before[at]!, bias!.before[at]!];
    const z = rows.map((row) =>
      Array.from({ length: units }, (_, unit) =>
        row.reduce((sum, value, input) => sum + value * weights[input * units + unit]!, shifts[unit]!),
      ),
    );
    rows = z.map((row) => row.map(activations.relu.output));
    return z;
  });
}

for (const [what, probeExamples] of [
  ["the whole training set", undefined],
  ["its first examples, where the option says so", 9],
] as const) {
  test(`activations are measured on ${what}, whatever the batch, with the weights before the step`, async () => {
    const options = probeExamples === undefined ? sgd : { ...sgd, probeExamples };
    for (const record of await both({}, options)) {
      const probe = circles.features.slice(0, probeExamples);
      assert.equal(record.probeExamples, probe.length);
      for (const at of [0, 4, record.steps.length - 1]) {
        forward(record, at, probe).forEach((z, l) => {
          const { preActivations, dead, saturated } = record.layers[l]!;
          const all = z.flat();
          const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
          near(preActivations.mean[at]!, mean, "mean of z");
          const isDead = (unit: number): boolean => z.every((row) => row[unit]! <= 0);
          assert.equal(dead[at], [0, 1, 2, 3, 4].filter(isDead).length / 5);
          assert.equal(saturated[at], all.filter((value) => value <= 0).length / all.length);
        });
      }
    }
  });
}

test("where the whole training set would be a million activations and more, as many examples as a batch has are measured", async () => {
  const options = { ...sgd, epochs: 1, recordEvery: "ends", recordArrays: false } as const;
  // 30 examples of so many units: just within a million activations, and just beyond.
  for (const [width, probeExamples] of [
    [33_000, 30],
    [34_000, 7],
  ] as const) {
    for (const record of await both({ hiddenLayers: 1, width }, options)) {
      assert.equal(record.probeExamples, probeExamples);
    }
  }
});

test("for a batch of one example the mean size of dL/dW is the product of both factors' mean sizes", async () => {
  for (const activation of ["tanh", "relu"] as const) {
    const records = await both({ activation, residual: false }, { ...sgd, batchSize: 1, epochs: 1 });
    for (const record of records) {
      for (const { kernel, input, preActivationGradient, name } of record.layers) {
        kernel.gradient.forEach((gradient, at) => {
          const size = gradient.reduce((sum, value) => sum + Math.abs(value), 0) / gradient.length;
          const product = input.meanAbs[at]! * preActivationGradient.meanAbs[at]!;
          assert.ok(
            Math.abs(size - product) <= 1e-5 * product,
            `${name}, step ${at}: ${size}, not ${product}`,
          );
          const squares = gradient.reduce((sum, value) => sum + value * value, 0) / gradient.length;
          const rms = input.rms[at]! * preActivationGradient.rms[at]!;
          assert.ok(
            Math.abs(Math.sqrt(squares) - rms) <= 1e-5 * rms,
            `${name}, step ${at}: root mean square`,
          );
        });
      }
    }
  }
});

test("dL/dz of the output layer is what the probabilities are off by, over the number of examples", async () => {
  const model = buildMlp({ ...spec, seed: 3 });
  const expected = tf.tidy(() => {
    const { x, y } = toTensors(circles);
    const off = (model.predict(x) as tf.Tensor)
      .reshape([-1])
      .sub(y.reshape([-1]))
      .div(30);
    return { meanAbs: off.abs().mean().dataSync()[0]!, rms: off.square().mean().sqrt().dataSync()[0]! };
  });
  const record = await recordTraining(model, circles, { ...sgd, batchSize: 30, epochs: 1 });
  model.dispose();
  const { meanAbs, rms } = record.layers.at(-1)!.preActivationGradient;
  near(meanAbs[0]!, expected.meanAbs, "mean size");
  near(rms[0]!, expected.rms, "root mean square");
});

test("with batch normalization, test loss is by the training set's statistics if nothing else is said", async () => {
  const options = { ...sgd, test: circles };
  for (const normalization of ["trainingSet", "movingAverages"] as const) {
    const model = buildMlp({ ...spec, batchNormalization: true, seed: 3 });
    const record = await recordTraining(model, circles, { ...options, testNormalization: normalization });
    const expected = tf.tidy(() => {
      const { x, y } = toTensors(circles);
      // The test set is the training set here: by its own statistics is as in training.
      const training = normalization === "trainingSet";
      const p = (model.apply(x, { training }) as tf.Tensor).reshape([-1]);
      return tf.losses.logLoss(y.reshape([-1]), p).dataSync()[0]!;
    });
    model.dispose();
    const [twin] = await trainEnsemble({ ...spec, batchNormalization: true }, [3], circles, {
      ...options,
      testNormalization: normalization,
    });
    for (const each of [record, twin!]) {
      assert.equal(each.testNormalization, normalization);
      near(each.epochs.at(-1)!.testLoss!, expected, `test loss by ${normalization}`, 1e-4);
    }
  }
  const [plain] = await both({}, options);
  assert.equal(Object.hasOwn(plain!, "testNormalization"), false);
});

test("measuring the test set leaves training as it is", async () => {
  const [alone, withTest] = await Promise.all(
    [{}, { test: circles }].map(async (test) => {
      const model = buildMlp({ ...spec, batchNormalization: true, seed: 3 });
      const record = await recordTraining(model, circles, { ...sgd, ...test });
      model.dispose();
      return record;
    }),
  );
  assert.deepEqual(withTest!.loss, alone!.loss);
});

test('with "ends" the first and the last step are recorded', async () => {
  for (const record of await both({}, { ...sgd, recordEvery: "ends" })) {
    assert.deepEqual(record.steps, [0, 14]);
  }
});

test("few steps run operation by operation, and the record says so; the same numbers come out", async () => {
  const [record] = await both({}, { ...sgd, epochs: 1 });
  assert.equal(record!.engine.mode, "eager");
  assert.match(record!.engine.reason!, /too few steps/);
  const [graph] = await both({}, sgd);
  assert.deepEqual(graph!.engine, { mode: "graph" });
  const last = graph!.layers[0]!.kernel.after[4]!;
  record!.layers[0]!.kernel.after[4]!.forEach((value, i) => {
    near(value, last[i]!, "weight", 1e-6);
  });
});
