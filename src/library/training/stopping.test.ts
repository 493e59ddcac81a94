import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import { makeCircles } from "../data/circles.js";
import type { Dataset } from "../data/dataset.js";
import { buildMlp } from "../models/mlp.js";
import type { MlpSpec } from "../models/mlpSpec.js";
import type { TrainingOptions } from "./options.js";
import type { Progress } from "./progress.js";
import type { TrainingRecord } from "./record.js";
import { recordTraining } from "./recordTraining.js";

const circles = makeCircles({ examples: 24, factor: 0.5, noise: 0.1, seed: 1 });
const spec: MlpSpec = { inputs: 2, outputs: 1, hiddenLayers: 2, width: 4, activation: "relu", seed: 1 };
const options = { optimizer: "sgd", learningRate: 0.1, epochs: 3, batchSize: 8 } as const;

const numbers = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

/** Trains, checks that neither a tensor nor a listener is left, and gives the record and the model's weights. */
async function train(
  model: tf.LayersModel,
  change: Partial<TrainingOptions>,
  dataset: Dataset = circles,
): Promise<{ record: TrainingRecord; weights: number[] }> {
  const tensors = tf.memory().numTensors;
  const listeners = process.listenerCount("SIGINT");
  const record = await recordTraining(model, dataset, { ...options, ...change });
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(process.listenerCount("SIGINT"), listeners);
  const weights = numbers(model);
  model.dispose();
  return { record, weights };
}

const lastWeights = (record: TrainingRecord): number[] =>
  record.parameters.flatMap(({ after }) => Array.from(after.at(-1)!));

/** A network with one unit in each hidden layer, whose weights are given: kernel, bias, kernel, bias, ... */
function chain(activation: MlpSpec["activation"], outputs: number, weights: tf.TensorLike[]): tf.LayersModel {
  const hiddenLayers = weights.length / 2 - 1;
  const model = buildMlp({ ...spec, inputs: 1, outputs, hiddenLayers, width: 1, activation });
  tf.tidy(() => {
    model.setWeights(weights.map((values) => tf.tensor(values)));
  });
  return model;
}

/** Two examples with one feature. */
const pair = (feature: number, classNames: string[]): Dataset => ({
  name: "pair",
  features: [[feature], [feature]],
  labels: [0, 1],
  featureNames: ["x"],
  classNames,
});

test("activations that overflow stop training in the layer and step where they first do", async () => {
  const seen: Progress[] = [];
  // The first step makes weights of about 1e24; in the next one they are multiplied with each other.
  const { record, weights } = await train(buildMlp(spec), {
    learningRate: 1e25,
    recordEvery: 100,
    onProgress: (progress) => seen.push(progress),
  });
  assert.deepEqual(record.stopped, {
    reason: "not finite",
    step: 1,
    layer: "hidden2",
    quantity: "activations",
    message: 'a number in the activations of layer "hidden2" is not finite (NaN or Infinity) at step 1',
  });
  // The step of the failure is recorded, whatever recordEvery is, but its update is not applied.
  assert.deepEqual(record.steps, [0, 1]);
  for (const { before, after, update } of record.parameters) {
    assert.deepEqual(after[1], before[1]);
    assert.ok(update[1]!.every((value) => value === 0));
  }
  assert.ok(weights.every(Number.isFinite));
  assert.deepEqual(weights, lastWeights(record));
  assert.deepEqual(record.epochs, []);
  assert.equal(seen.length, 2);
  assert.equal(seen[1]!.stopped, record.stopped.message);
});

test("a gradient that overflows is told from activations that do, and named where it begins", async () => {
  // Forward each z is below 1e16; backward 1e30 * 1e20 is infinite in the second layer, and so in the first.
  const model = chain("linear", 1, [[[1e-30]], [0], [[1e-5]], [0], [[1e20]], [0], [[1e30]], [0]]);
  const { record, weights } = await train(model, {}, pair(1, ["a", "b"]));
  assert.equal(record.stopped?.quantity, "gradient");
  assert.equal(record.stopped.layer, "hidden2");
  assert.equal(record.stopped.step, 0);
  assert.deepEqual(weights, lastWeights(record));
  assert.ok(weights.every(Number.isFinite));
});

test("a loss that overflows is told from activations that do", async () => {
  const model = chain("tanh", 3, [[[1]], [0], [[1]], [0], [[0, 0, 0]], [3e38, -3e38, 0]]);
  // The second example is of the class that gets -3e38, where the first class gets 3e38.
  const { record } = await train(model, { batchSize: 1 }, pair(1, ["a", "b", "c"]));
  assert.equal(record.stopped?.quantity, "loss");
  assert.equal(record.stopped.step, 1);
  assert.equal(record.stopped.layer, undefined);
  assert.match(record.stopped.message, /^a number in the loss is not finite/);
});

test("weights that overflow stop training in the very step", async () => {
  const { record } = await train(buildMlp(spec), { learningRate: 1e300 });
  assert.equal(record.stopped?.quantity, "weights");
  assert.equal(record.stopped.layer, "hidden1");
  assert.equal(record.stopped.step, 0);
  assert.deepEqual(record.steps, [0]);
});

test("weights that are NaN to begin with are found in the first layer", async () => {
  const model = chain("tanh", 1, [[[NaN]], [0], [[1]], [0], [[1]], [0]]);
  const { record } = await train(model, {}, pair(1, ["a", "b"]));
  assert.equal(record.stopped?.quantity, "activations");
  assert.equal(record.stopped.layer, "hidden1");
});

test("a training that goes well has no reason to stop", async () => {
  const { record, weights } = await train(buildMlp(spec), { test: circles });
  assert.equal(Object.hasOwn(record, "stopped"), false);
  assert.equal(record.epochs.length, 3);
  assert.deepEqual(weights, lastWeights(record));
});

test("progress is told after every step", async () => {
  const seen: Progress[] = [];
  const { record } = await train(buildMlp(spec), {
    epochs: 2,
    recordEvery: 5,
    onProgress: (progress) => seen.push(progress),
  });
  assert.deepEqual(
    seen.map(({ step, steps, epoch, epochs }) => [step, steps, epoch, epochs]),
    [1, 2, 3, 4, 5, 6].map((step) => [step, 6, step <= 3 ? 1 : 2, 2]),
  );
  assert.equal(seen[0]!.loss, record.loss[0]);
  assert.equal(seen[5]!.loss, record.loss.at(-1));
});

/** What stops a training from its own progress, after the second of nine steps. */
const STOPPERS = {
  "an interrupt": () => ({ stop: () => process.emit("SIGINT"), signal: undefined }),
  "an abort signal": () => {
    const controller = new AbortController();
    return {
      stop: () => {
        controller.abort();
      },
      signal: controller.signal,
    };
  },
};

for (const [name, make] of Object.entries(STOPPERS)) {
  test(`${name} ends training before the next step`, async () => {
    const { stop, signal } = make();
    const onProgress = ({ step }: Progress): void => {
      if (step === 2) {
        stop();
      }
    };
    const { record, weights } = await train(buildMlp(spec), { onProgress, ...(signal ? { signal } : {}) });
    assert.deepEqual(record.stopped, {
      reason: "interrupt",
      step: 2,
      message: "interrupted before step 2 of 9",
    });
    assert.deepEqual(record.steps, [0, 1]);
    assert.deepEqual(weights, lastWeights(record));
    assert.deepEqual(record.epochs, []);
    assert.deepEqual(signal ? getEventListeners(signal, "abort") : [], []);
  });
}

test("the last step before an interrupt is recorded, also where few are", async () => {
  const model = buildMlp(spec);
  const seen: Progress[] = [];
  const training = train(model, {
    recordEvery: 100,
    onProgress: (progress) => {
      seen.push(progress);
      if (progress.step === 3) {
        // It comes while training waits for its turn after the next step.
        setImmediate(() => process.emit("SIGINT"));
      }
    },
  });
  const { record, weights } = await training;
  assert.deepEqual(record.steps, [0, 3]);
  assert.equal(record.stopped?.step, 4);
  assert.deepEqual(weights, lastWeights(record));
  assert.equal(seen.at(-1)?.stopped, "interrupted before step 4 of 9");
});

test("an abort signal's listener is gone after a training that ended by itself", async () => {
  const { signal } = new AbortController();
  await train(buildMlp(spec), { signal });
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("a signal that was aborted before training leaves the weights as they were", async () => {
  const model = buildMlp(spec);
  const initial = numbers(model);
  const { record, weights } = await train(model, { signal: AbortSignal.abort() });
  assert.equal(record.stopped?.step, 0);
  assert.deepEqual([record.steps, record.loss], [[], []]);
  assert.deepEqual(weights, initial);
});

test("an interrupt is noticed while training waits for its turn", async () => {
  const model = buildMlp(spec);
  const training = recordTraining(model, circles, { ...options, epochs: 1000 });
  setTimeout(() => process.emit("SIGINT"), 20);
  const record = await training;
  assert.equal(record.stopped?.reason, "interrupt");
  model.dispose();
});

const wrong = (change: object): TrainingOptions => ({ ...options, ...change });
const withLabels = (labels: number[]): Dataset => ({ ...circles, labels });
const withFirstRow = (row: number[]): Dataset => ({
  ...circles,
  features: circles.features.map((values, i) => (i === 3 ? row : values)),
});

/** What is refused: a name, the options, the dataset, and the message. */
const REFUSED: readonly (readonly [
  what: string,
  options: TrainingOptions,
  dataset: Dataset,
  message: RegExp,
])[] = [
  ...(
    [
      [{ epochs: 0 }, /^recordTraining\(\): epochs is 0; it must be a whole number of at least 1$/],
      [{ epochs: 1.5 }, /^recordTraining\(\): epochs is 1\.5;/],
      [{ epochs: undefined }, /^recordTraining\(\): epochs is undefined;/],
      [{ batchSize: 0 }, /^recordTraining\(\): batchSize is 0;/],
      [{ recordEvery: -1 }, /^recordTraining\(\): recordEvery is -1;/],
      [{ seed: 0.5 }, /^recordTraining\(\): seed is 0\.5;/],
      [{ learningRate: 0 }, /^recordTraining\(\): learningRate is 0; it must be a number above 0$/],
      [{ learningRate: NaN }, /^recordTraining\(\): learningRate is NaN;/],
      [{ learningRate: "0.1" }, /^recordTraining\(\): learningRate is "0\.1";/],
      [
        { optimizer: "Adam" },
        /^recordTraining\(\): optimizer is "Adam"; it must be one of "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adamax", "adamw", "adam"$/,
      ],
      [{ momentum: 0.9 }, /^recordTraining\(\): momentum is 0\.9; the optimizer "sgd" has no such setting$/],
      [{ optimizer: "momentum", momentum: 1.1 }, /^recordTraining\(\): momentum is 1\.1;/],
      [{ optimizer: "adam", beta1: 1 }, /^recordTraining\(\): beta1 is 1;/],
      [{ optimizer: "adam", beta2: -0.1 }, /^recordTraining\(\): beta2 is -0\.1;/],
      [{ optimizer: "adam", epsilon: 0 }, /^recordTraining\(\): epsilon is 0;/],
      [
        { optimizer: "adam", epsilonForm: "tfjs" },
        /^recordTraining\(\): epsilonForm is "tfjs"; .*"pytorch", "keras"$/,
      ],
      [{ epoch: 3 }, /^recordTraining\(\): options has no option "epoch"; it has optimizer, /],
      [{ test: withLabels([]) }, /^recordTraining\(\): test\.labels\.length is 0;/],
      [{ test: withFirstRow([1, NaN]) }, /^recordTraining\(\): test\.features\[3\]\[1\] is NaN;/],
      [
        { epochs: 1e8 },
        /^recordTraining\(\): recordEvery is 1; it must be at least \d+ here, or "ends": recording 37 weights over 300000000 steps/,
      ],
    ] as const
  ).map(([change, message]) => [JSON.stringify(change), wrong(change), circles, message] as const),
  [
    "no examples",
    options,
    { ...circles, features: [], labels: [] },
    /: dataset\.labels\.length is 0; .* at least 1$/,
  ],
  [
    "a third class",
    options,
    withLabels(circles.labels.map(() => 2)),
    /: dataset\.labels\[0\] is 2; .*from 0 to 1/,
  ],
  [
    "rows that are too long",
    options,
    withFirstRow([1, 2, 3]),
    /: dataset\.features\[3\] is \[1, 2, 3\]; .*2 finite/,
  ],
  [
    "a feature that is infinite",
    options,
    withFirstRow([1, Infinity]),
    /: dataset\.features\[3\]\[1\] is Infinity;/,
  ],
  [
    "fewer rows than labels",
    options,
    { ...circles, features: circles.features.slice(1) },
    /: dataset\.features\.length is 23; it must be 24/,
  ],
];

for (const [what, refused, dataset, message] of REFUSED) {
  test(`recordTraining() refuses ${what.slice(0, 60)}`, async () => {
    const model = buildMlp(spec);
    const initial = numbers(model);
    const tensors = tf.memory().numTensors;
    const listeners = process.listenerCount("SIGINT");
    const own = Object.keys(model.layers[0]!);
    await assert.rejects(recordTraining(model, dataset, refused), { name: "RangeError", message });
    assert.deepEqual(numbers(model), initial);
    assert.deepEqual(Object.keys(model.layers[0]!), own);
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(process.listenerCount("SIGINT"), listeners);
    model.dispose();
  });
}

test("recordTraining() refuses to be called without options", async () => {
  const model = buildMlp(spec);
  await assert.rejects(Reflect.apply(recordTraining, undefined, [model, circles]) as Promise<unknown>, {
    message: /^recordTraining\(\): options is undefined; it must be an object$/,
  });
  model.dispose();
});

const two = (): tf.SymbolicTensor => tf.input({ shape: [2] });
const { dense } = tf.layers;

/** Models that are no classifiers of one input. */
const UNFIT: Record<string, { build: () => tf.LayersModel; message: RegExp }> = {
  "a model for regression": {
    build: () => tf.sequential({ layers: [dense({ units: 1, inputShape: [2] })] }),
    message: /^recordTraining\(\): the model ends in 1 units? with activation "linear"; it must end in/,
  },
  "a model with two sigmoid units": {
    build: () => tf.sequential({ layers: [dense({ units: 2, inputShape: [2], activation: "sigmoid" })] }),
    message: /^recordTraining\(\): the model ends in 2 units with activation "sigmoid";/,
  },
  "a model that goes on after its softmax": {
    build: () =>
      tf.sequential({
        layers: [
          dense({ units: 2, inputShape: [2], activation: "softmax" }),
          tf.layers.reshape({ targetShape: [2, 1] }),
          tf.layers.flatten(),
        ],
      }),
    message: /^recordTraining\(\): the model ends in no activation;/,
  },
  "a model with two inputs": {
    build: () => {
      const inputs = [two(), two()];
      const sum = tf.layers.add().apply(inputs);
      return tf.model({
        inputs,
        outputs: dense({ units: 1, activation: "sigmoid" }).apply(sum) as tf.SymbolicTensor,
      });
    },
    message: /^recordTraining\(\): the model has 2 inputs/,
  },
  "a model without weights that train": {
    build: () =>
      tf.sequential({
        layers: [dense({ units: 1, inputShape: [2], activation: "sigmoid", trainable: false })],
      }),
    message: /^recordTraining\(\): the model has no weights that train/,
  },
};

for (const [what, { build, message }] of Object.entries(UNFIT)) {
  test(`recordTraining() refuses ${what}`, async () => {
    const model = build();
    const tensors = tf.memory().numTensors;
    const listeners = process.listenerCount("SIGINT");
    const own = model.layers.map((layer) => Object.keys(layer));
    await assert.rejects(recordTraining(model, circles, options), { message });
    assert.deepEqual(
      model.layers.map((layer) => Object.keys(layer)),
      own,
    );
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(process.listenerCount("SIGINT"), listeners);
    model.dispose();
  });
}
