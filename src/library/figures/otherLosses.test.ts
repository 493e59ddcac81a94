import assert from "node:assert/strict";
import test from "node:test";
import { makeWaves } from "../data/waves.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { gradientByTimeStep } from "../measures/timeSteps.js";
import { tf } from "../tensorflow/tf.js";
import type { TrainingRecord } from "../training/record.js";
import { recordTraining } from "../training/recordTraining.js";
import { gradientByLayerFigure } from "./gradientByLayerFigure.js";
import { gradientByTimeStepFigure } from "./gradientByTimeStepFigure.js";
import { historyFigure } from "./historyFigure.js";
import { lossFigure } from "./lossFigure.js";

const waves = { train: makeWaves({ examples: 60, seed: 1 }), test: makeWaves({ examples: 60, seed: 2 }) };
const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 }));

async function regression(): Promise<TrainingRecord> {
  const layers = [
    tf.layers.dense({ units: 4, activation: "tanh", inputShape: [1] }),
    tf.layers.dense({ units: 1 }),
  ];
  const options = { optimizer: "adam", learningRate: 0.01, epochs: 3, test: waves.test } as const;
  return recordTraining(tf.sequential({ layers }), waves.train, options);
}

/** A recurrent network that reads the four features as a series. */
async function recurrent(kind: "lstm" | "simpleRNN", seed = 1): Promise<TrainingRecord> {
  const start = tf.initializers.glorotUniform({ seed });
  const own = { units: 4, inputShape: [4, 1], kernelInitializer: start, recurrentInitializer: start };
  const layer = kind === "lstm" ? tf.layers.lstm(own) : tf.layers.simpleRNN(own);
  const model = tf.sequential({ layers: [layer, tf.layers.dense({ units: 3, activation: "softmax" })] });
  return recordTraining(model, iris.train, { optimizer: "sgd", learningRate: 0.1, epochs: 2, label: kind });
}

const yTitles = ({ layout }: { layout: object }): unknown[] =>
  Object.entries(layout as Record<string, { title?: { text?: string } }>)
    .filter(([name]) => name.startsWith("yaxis"))
    .map(([, { title }]) => title?.text);

test("of a regression, figures speak of the loss's own unit, and there is no accuracy", async () => {
  const record = await regression();
  const loss = lossFigure(record);
  assert.deepEqual(yTitles(loss), ["loss"]);
  assert.match(
    loss.alt,
    /^Loss, epoch by epoch \(dotted: test set\)\. At the end, tanh: loss [\d.]+ \(test set: [\d.]+\)\.$/,
  );
  assert.match(String(yTitles(gradientByLayerFigure(record))[0]), /mean \|dL\/dW\|, loss per unit weight/);
  assert.match(String(yTitles(historyFigure(record))[0]), /loss per unit weight/);
});

test("of a cross-entropy they speak of nats", async () => {
  const record = await recurrent("simpleRNN");
  assert.deepEqual(yTitles(lossFigure(record)), ["loss, nats", "accuracy"]);
  assert.match(String(yTitles(gradientByLayerFigure(record))[0]), /nats per unit weight/);
});

test("the gradient through time: the numbers of the record, from the first time step to the last", async () => {
  const record = await recurrent("lstm");
  const { h, c } = record.layers[0]!.stateGradients!;
  assert.deepEqual(gradientByTimeStep(record), [...h.meanAbs[0]!]);
  assert.deepEqual(gradientByTimeStep(record, { state: "c", at: -1 }), [...c!.meanAbs.at(-1)!]);
  const figure = gradientByTimeStepFigure([
    record,
    [await recurrent("simpleRNN"), await recurrent("simpleRNN", 2)],
  ]);
  assert.deepEqual(
    figure.data
      .map(({ name }) => name)
      .filter(Boolean)
      .slice(0, 1),
    ["lstm"],
  );
  assert.match(figure.alt, /Gradient of the loss by the state h, back through time/);
  assert.match(figure.alt, /lstm: .* after the first time step, .* after the last; simpleRNN, 2 seeds: /);
  assert.match(String(yTitles(figure)[0]), /mean \|dL\/dh\|, nats per unit of h/);
});

test("what has no such layer or state is refused", async () => {
  const [dense, rnn] = [await regression(), await recurrent("simpleRNN")];
  assert.throws(
    () => gradientByTimeStep(dense),
    /layer is undefined; it must be left out: "tanh" has no recurrent layer/,
  );
  assert.throws(() => gradientByTimeStep(rnn, { layer: "none" }), /layer is "none"; it must be one of "/);
  assert.throws(() => gradientByTimeStep(rnn, { state: "c" }), /has no cell state/);
  assert.throws(() => gradientByTimeStep(rnn, { at: 99 }), /at is 99/);
});
