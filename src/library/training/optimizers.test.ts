import assert from "node:assert/strict";
import test from "node:test";
import { tf } from "../tensorflow/tf.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { buildMlp } from "../models/mlp.js";
import { type OptimizerName, optimizerNames, type OptimizerOptions } from "./optimizers.js";
import type { TrainingOptions } from "./options.js";
import type { TrainingRecord } from "./record.js";
import { recordTraining } from "./recordTraining.js";
import { cosine, inSteps, warmUp } from "./schedules.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 }));
const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 6, activation: "tanh", seed: 1 } as const;
const common = { epochs: 4, batchSize: 16, learningRate: 0.03 } as const;

type Step = (gradient: number, weight: number, slots: number[], t: number, rate: number) => number;

/** Each optimizer for one weight, in float64, as its source gives it: the weight after a step. */
const FORMULAS: Record<OptimizerName, { options?: Partial<OptimizerOptions>; step: Step }[]> = {
  sgd: [{ step: (g, w, _s, _t, rate) => w - rate * g }],
  momentum: [{ step: (g, w, s, _t, rate) => w - rate * (s[0] = 0.9 * s[0]! + g) }],
  nesterov: [
    {
      options: { momentum: 0.8 },
      step: (g, w, s, _t, rate) => {
        s[0] = 0.8 * s[0]! + g;
        return w - rate * (g + 0.8 * s[0]);
      },
    },
  ],
  adagrad: [
    { step: (g, w, s, _t, rate) => w - (rate * g) / Math.sqrt((s[0]! += g * g) + 0.1 + 1e-7) },
    {
      options: { initialAccumulator: 0, epsilon: 1e-3 },
      step: (g, w, s, _t, rate) => w - (rate * g) / Math.sqrt((s[0]! += g * g) + 1e-3),
    },
  ],
  rmsprop: [
    {
      options: { epsilon: 1e-3 },
      step: (g, w, s, _t, rate) => {
        s[0] = 0.9 * s[0]! + 0.1 * g * g;
        return w - (rate * g) / Math.sqrt(s[0] + 1e-3);
      },
    },
    {
      options: { rho: 0.7, momentum: 0.5, epsilon: 1e-3 },
      step: (g, w, s, _t, rate) => {
        s[0] = 0.7 * s[0]! + 0.3 * g * g;
        s[1] = 0.5 * s[1]! + g / Math.sqrt(s[0] + 1e-3);
        return w - rate * s[1];
      },
    },
  ],
  adamax: [
    {
      options: { epsilon: 1e-3 },
      step: (g, w, s, t, rate) => {
        s[0] = 0.9 * s[0]! + 0.1 * g;
        s[1] = Math.max(0.999 * s[1]!, Math.abs(g));
        return w - ((rate / (1 - 0.9 ** t)) * s[0]) / (s[1] + 1e-3);
      },
    },
  ],
  adam: [{ options: { epsilon: 1e-3 }, step: (g, w, s, t, rate) => w - rate * adam(g, s, t) }],
  adamw: [
    { options: { epsilon: 1e-3 }, step: (g, w, s, t, rate) => w - rate * adam(g, s, t) - rate * 0.01 * w },
    {
      options: { epsilon: 1e-3, weightDecay: 2 },
      step: (g, w, s, t, rate) => w - rate * adam(g, s, t) - rate * 2 * w,
    },
  ],
};

function adam(g: number, s: number[], t: number): number {
  s[0] = 0.9 * s[0]! + 0.1 * g;
  s[1] = 0.999 * s[1]! + 0.001 * g * g;
  return s[0] / (1 - 0.9 ** t) / (Math.sqrt(s[1] / (1 - 0.999 ** t)) + 1e-3);
}

async function train(options: TrainingOptions): Promise<TrainingRecord> {
  const model = buildMlp(spec);
  const record = await recordTraining(model, iris.train, options);
  model.dispose();
  return record;
}

/** The largest difference between the weights of a record and those that a formula makes of its gradients. */
function offBy(record: TrainingRecord, step: Step, factor: (t: number) => number = () => 1): number {
  let most = 0;
  for (const { before, after, gradient } of record.parameters) {
    for (let i = 0; i < before[0]!.length; i++) {
      const slots = [0, 0];
      let weight = before[0]![i]!;
      gradient.forEach((values, t) => {
        weight = step(values[i]!, weight, slots, t + 1, common.learningRate * factor(t));
        most = Math.max(most, Math.abs(weight - after[t]![i]!));
      });
    }
  }
  return most;
}

for (const optimizer of optimizerNames) {
  for (const { options, step } of FORMULAS[optimizer]) {
    test(`${optimizer} ${JSON.stringify(options ?? {})} takes the steps of its formula`, async () => {
      const record = await train({ ...common, optimizer, ...options });
      assert.ok(offBy(record, step) < 1e-5, `${offBy(record, step)}`);
    });
    test(`${optimizer} ${JSON.stringify(options ?? {})} takes them with a schedule, too`, async () => {
      const schedule = (t: number): number => 1 / (1 + t);
      const record = await train({ ...common, optimizer, ...options, schedule });
      assert.deepEqual(record.rateFactor, record.steps.map(schedule));
      assert.ok(offBy(record, step, schedule) < 1e-5, `${offBy(record, step, schedule)}`);
    });
  }
}

/** tfjs' own, with the settings that ours have. */
const TFJS: Partial<Record<OptimizerName, () => tf.Optimizer>> = {
  nesterov: () => tf.train.momentum(0.03, 0.9, true),
  adagrad: () => tf.train.adagrad(0.03),
  rmsprop: () => tf.train.rmsprop(0.03, 0.9, 0, 1e-7),
  adamax: () => tf.train.adamax(0.03, 0.9, 0.999, 1e-7),
};

for (const [optimizer, build] of Object.entries(TFJS) as [OptimizerName, () => tf.Optimizer][]) {
  test(`${optimizer} trains as tfjs' own`, async () => {
    const [ours, theirs] = [buildMlp(spec), buildMlp(spec)];
    await recordTraining(ours, iris.train, { ...common, optimizer });
    const trainer = build();
    const x = tf.tensor2d(iris.train.features.map((row) => [...row]));
    const y = tf.oneHot(tf.tensor1d([...iris.train.labels], "int32"), 3);
    for (let epoch = 0; epoch < common.epochs; epoch++) {
      for (let start = 0; start < 100; start += 16) {
        const size = Math.min(16, 100 - start);
        trainer.minimize(() =>
          tf.losses.softmaxCrossEntropy(
            y.slice([start, 0], [size, 3]),
            logits(theirs, x.slice([start, 0], [size, 4])),
          ),
        );
      }
    }
    const [actual, expected] = [ours, theirs].map((model) =>
      model.getWeights().flatMap((weight) => [...weight.dataSync()]),
    );
    const most = Math.max(...actual!.map((weight, i) => Math.abs(weight - expected![i]!)));
    assert.ok(most < 2e-5, String(most));
  });
}

/** What enters the softmax of a model. */
function logits(model: tf.Sequential, x: tf.Tensor): tf.Tensor {
  const weights = model.trainableWeights.map((weight) => weight.read());
  let a: tf.Tensor = x;
  for (let i = 0; i < weights.length; i += 2) {
    a = a.matMul(weights[i]!).add(weights[i + 1]!);
    a = i + 2 < weights.length ? a.tanh() : a;
  }
  return a;
}

test("schedules: growth, half a cosine, steps", () => {
  const all = (schedule: (step: number, steps: number) => number): number[] =>
    Array.from({ length: 9 }, (_, step) => Number(schedule(step, 9).toFixed(4)));
  assert.deepEqual(all(warmUp(4)), [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(all(cosine()), [1, 0.9619, 0.8536, 0.6913, 0.5, 0.3087, 0.1464, 0.0381, 0]);
  assert.deepEqual(all(cosine({ warmUp: 4, least: 0.2 })), [0.25, 0.5, 0.75, 1, 1, 0.8828, 0.6, 0.3172, 0.2]);
  assert.deepEqual(all(inSteps(3, 0.5)), [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]);
});

test("a schedule that says no number is refused, and so is one that is no function", async () => {
  const options = { ...common, optimizer: "sgd" } as const;
  await assert.rejects(
    train({ ...options, schedule: (step) => (step < 3 ? 1 : NaN) }),
    /schedule\(3, 28\) is NaN/,
  );
  await assert.rejects(train({ ...options, schedule: "cosine" as never }), /schedule is "cosine"/);
});

test("early stopping: training ends when the test loss has not fallen for so many epochs", async () => {
  const stopping = { ...common, optimizer: "adam", epochs: 200, batchSize: 100, test: iris.test } as const;
  const record = await train({ ...stopping, learningRate: 0.1, patience: 5 });
  const losses = record.epochs.map(({ testLoss }) => testLoss!);
  assert.equal(record.stopped?.reason, "early stopping");
  assert.ok(losses.length > 6 && losses.length < 200, String(losses.length));
  const least = losses.indexOf(Math.min(...losses));
  assert.equal(losses.length - 1 - least, 5);
  const whole = await train({ ...stopping, learningRate: 0.1, epochs: losses.length });
  assert.deepEqual(whole.epochs, record.epochs);
  await assert.rejects(
    train({ ...common, optimizer: "sgd", patience: 3 }),
    /patience is 3; it must be left out/,
  );
});
