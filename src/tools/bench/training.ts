/**
 * What recording costs: `recordTraining` with every step recorded, against `model.fit` of the same model on the same
 * batches. Rounds alternate, so that a busy machine slows both alike; the median round counts.
 */
import * as tf from "@tensorflow/tfjs-node";
import {
  type ActivationName,
  buildMlp,
  loadIris,
  median,
  recordTraining,
  splitTrainTest,
  standardize,
  toTensors,
} from "vanishing-gradients";
import { benchEnsemble } from "./ensemble.js";
import { QUIET, timed } from "./timing.js";

const ROUNDS = 9;
const EPOCHS = 10;

interface Case {
  readonly activation: ActivationName;
  readonly optimizer: "sgd" | "adam";
  readonly hiddenLayers: number;
}

const CASES: readonly Case[] = [
  { activation: "sigmoid", optimizer: "sgd", hiddenLayers: 8 },
  { activation: "relu", optimizer: "sgd", hiddenLayers: 8 },
  { activation: "sigmoid", optimizer: "adam", hiddenLayers: 11 },
  { activation: "relu", optimizer: "adam", hiddenLayers: 11 },
];

async function main(): Promise<void> {
  const { train } = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
  const steps = Math.ceil(train.labels.length / 16) * EPOCHS;
  console.log("Recording every step, over model.fit (bar: at most 1.15)");
  for (const setting of CASES) {
    const { fit, record } = await compare(setting, train);
    const line = `  ${setting.activation}, ${setting.optimizer}, ${setting.hiddenLayers} hidden layers`;
    const times = `${(fit / steps).toFixed(2)} ms and ${(record / steps).toFixed(2)} ms a step`;
    console.log(`${line.padEnd(38)} ${(record / fit).toFixed(2)}   (${times})`);
  }
  await benchEnsemble();
}

async function compare(
  { activation, optimizer, hiddenLayers }: Case,
  train: ReturnType<typeof loadIris>,
): Promise<{ fit: number; record: number }> {
  const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers, width: 10, activation, seed: 1 });
  const learningRate = 0.01;
  model.compile({
    optimizer: optimizer === "sgd" ? tf.train.sgd(learningRate) : tf.train.adam(learningRate),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const { x, y } = toTensors(train);
  const fit = () => model.fit(x, y, { ...QUIET, epochs: EPOCHS, batchSize: 16, shuffle: false });
  const record = () =>
    recordTraining(model, train, { optimizer, learningRate, epochs: EPOCHS, batchSize: 16 });
  const times: { fit: number[]; record: number[] } = { fit: [], record: [] };
  await fit();
  await record();
  for (let round = 0; round < ROUNDS; round++) {
    times.fit.push(await timed(fit));
    times.record.push(await timed(record));
  }
  tf.dispose([x, y]);
  model.dispose();
  return { fit: median(times.fit), record: median(times.record) };
}

void main();
