import * as tf from "@tensorflow/tfjs-node";
import {
  type ActivationName,
  buildMlp,
  type Dataset,
  loadDigits,
  loadIris,
  recordTraining,
  splitTrainTest,
  standardize,
  toTensors,
  trainEnsemble,
  type TrainingOptions,
} from "vanishing-gradients";

/** The network of all comparisons: 12 layers of 10, as in peers.py. */
export const SPEC = { inputs: 4, outputs: 3, hiddenLayers: 11, width: 10, activation: "sigmoid" } as const;
export const OPTIONS = { optimizer: "adam", learningRate: 0.01, batchSize: 32 } as const;

export const { train, test } = standardize(splitTrainTest(loadIris(), { testShare: 22 / 150, seed: 42 }));

/** One batch, as in peers.py: activations are measured on the examples of the batch. */
export const batch: Dataset = {
  ...train,
  features: train.features.slice(0, 32),
  labels: train.labels.slice(0, 32),
};

/** For `model.fit`. An object without names of its own: tfjs does not export the enum that `verbose` is typed with. */
const QUIET: object = { verbose: 0, yieldEvery: "never" };

/** How long some work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A training of so many epochs of one batch each. */
export type Training = (epochs: number) => Promise<unknown>;

/** Milliseconds a step: a long training less a short one, so that what happens once does not count. */
export async function perStep(training: Training, steps: number): Promise<number> {
  const short = await timed(() => training(20));
  return ((await timed(() => training(20 + steps))) - short) / steps;
}

/** A model under `model.fit`, and under `recordTraining`. */
export interface Trainings {
  readonly fit: Training;
  readonly record: Training;
}

/** Both trainings of a model, from the start each time. */
export function trainingsOf(
  make: () => tf.LayersModel,
  dataset: Dataset,
  shape: readonly number[],
): Trainings {
  const withModel = async (work: (model: tf.LayersModel) => Promise<unknown>): Promise<void> => {
    const model = make();
    await work(model);
    model.dispose();
  };
  return {
    fit: (epochs) =>
      withModel(async (model) => {
        model.compile({ optimizer: tf.train.adam(OPTIONS.learningRate), loss: "categoricalCrossentropy" });
        const { x, y } = toTensors(dataset);
        const shaped = x.reshape([dataset.labels.length, ...shape]);
        await model.fit(shaped, y, { ...QUIET, epochs, batchSize: 32, shuffle: false });
        tf.dispose([x, y, shaped]);
      }),
    record: (epochs) => withModel((model) => recordTraining(model, dataset, { ...OPTIONS, epochs })),
  };
}

export const mlp = (activation: ActivationName): Trainings =>
  trainingsOf(() => buildMlp({ ...SPEC, activation, seed: 1 }), batch, [SPEC.inputs]);

/** A small convolutional network, 8 filters on images of 28 x 28: an epoch is ten batches of 32. */
export const convolution = (): Trainings =>
  trainingsOf(
    () =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, activation: "relu" }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 10, activation: "softmax" }),
        ],
      }),
    loadDigits({ examples: 320, seed: 1 }),
    [28, 28, 1],
  );

/** An LSTM of 16 units over 20 steps of one number. */
export function lstm(): Trainings {
  const steps = 20;
  const series: Dataset = {
    ...batch,
    features: batch.labels.map((label, i) =>
      Array.from({ length: steps }, (_, t) => Math.sin(i + t * (label + 1))),
    ),
    featureNames: Array.from({ length: steps }, (_, t) => `t = ${t}`),
  };
  const make = (): tf.LayersModel =>
    tf.sequential({
      layers: [
        tf.layers.lstm({ units: 16, inputShape: [steps, 1] }),
        tf.layers.dense({ units: 3, activation: "softmax" }),
      ],
    });
  return trainingsOf(make, series, [steps, 1]);
}

/** An ensemble of so many networks. */
export const ensemble =
  (networks: number, dataset: Dataset, options: Partial<TrainingOptions> = {}): Training =>
  (epochs) =>
    trainEnsemble(
      SPEC,
      Array.from({ length: networks }, (_, i) => i),
      dataset,
      { ...OPTIONS, ...options, epochs },
    );

/** Seconds until the first step of a training is done: the graph is made in it. */
export async function firstStep(): Promise<number> {
  const model = buildMlp({ ...SPEC, seed: 1 });
  const stop = new AbortController();
  const start = performance.now();
  let seconds = NaN;
  const onProgress = (): void => {
    seconds = (performance.now() - start) / 1000;
    stop.abort();
  };
  await recordTraining(model, batch, { ...OPTIONS, epochs: 1000, onProgress, signal: stop.signal });
  model.dispose();
  return seconds;
}
