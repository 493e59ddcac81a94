import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../data/iris.js";
import { makeWaves } from "../data/waves.js";
import { standardize } from "../data/split.js";
import { buildMlp } from "../models/mlp.js";
import { tf } from "../tensorflow/tf.js";
import type { TrainingOptions } from "../training/options.js";
import { recordTraining } from "../training/recordTraining.js";
import { cureNames, cures } from "./cures.js";
import { buildPlan, planOf } from "./sketch.js";
import { tryCures } from "./tryCures.js";

const iris = standardize(loadIris());
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.1, epochs: 20, batchSize: 16, seed: 1 };
const network = (activation: "sigmoid" | "tanh", hiddenLayers: number): tf.LayersModel =>
  buildMlp({ inputs: 4, outputs: 3, hiddenLayers, width: 10, activation, seed: 1 });
const weightsOf = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()]);

test("a cure of a vanishing gradient is tried and works; the model stays at its start, and no tensor is left", async () => {
  const model = network("sigmoid", 8);
  const before = weightsOf(model);
  const { numTensors } = tf.memory();
  const { diagnosis, gain, tried } = await tryCures(model, iris, options);
  assert.equal(diagnosis.findings[0]?.disease, "vanishing gradient");
  assert.ok(gain < 0.1);
  const [first] = tried;
  assert.deepEqual(first?.cures, ["hidden layers with tanh and Glorot's start"]);
  assert.ok(first.worked && first.gain > 0.5 && first.verdict === "learns", JSON.stringify(first));
  assert.deepEqual(weightsOf(model), before);
  assert.equal(tf.memory().numTensors, numTensors);
});

test("a copy trains as the model does, to the last digit: the cure alone makes the difference", async () => {
  const model = network("tanh", 2);
  const copy = await buildPlan("test", planOf(model));
  assert.deepEqual(weightsOf(copy), weightsOf(model));
  const [own, other] = [
    await recordTraining(model, iris, options),
    await recordTraining(copy, iris, options),
  ];
  assert.deepEqual(other.loss, own.loss);
});

test("every cure gives a plan that can be trained, of classes and of numbers, or says that it changes nothing", async () => {
  const waves = makeWaves({ examples: 60, seed: 1 });
  const models = [
    [network("tanh", 2), iris],
    [buildMlpOfNumbers(), waves],
  ] as const;
  for (const name of cureNames) {
    let changed = 0;
    for (const [model, dataset] of models) {
      const given: TrainingOptions = {
        ...options,
        optimizer: "momentum",
        momentum: 0.99,
        clipNorm: name === "clip the gradient" ? undefined : 5,
        epochs: 1,
      };
      const plan = cures[name]({ model: planOf(model), dataset, options: given });
      if (plan !== undefined) {
        const built = await buildPlan("test", plan.model);
        const record = await recordTraining(built, plan.dataset, { ...plan.options, recordEvery: "ends" });
        assert.ok(Number.isFinite(record.loss.at(-1)), name);
        built.dispose();
        changed += 1;
      }
    }
    assert.ok(changed > 0, `${name} never changes anything`);
  }
});

function buildMlpOfNumbers(): tf.LayersModel {
  const kernelRegularizer = tf.regularizers.l2({ l2: 0.01 });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [1], kernelRegularizer }),
      // Not what fits numbers.
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
}

test("what does not fit is refused, naming it", async () => {
  const model = network("tanh", 1);
  await assert.rejects(tryCures(model, iris, { ...options, test: iris }), {
    name: "RangeError",
    message: /^tryCures\(\): test is .*left out: cures are judged on the training set/,
  });
  await assert.rejects(tryCures(model, iris, options, { epochs: 0 }), /tryCures\(\): how\.epochs is 0/);
  await assert.rejects(
    tryCures(model, iris, options, { only: ["prayer" as "Adam"] }),
    /tryCures\(\): how\.only\[0\] is "prayer"/,
  );
});
