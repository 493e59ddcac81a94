import assert from "node:assert/strict";
import test from "node:test";
import { toTensors } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { gradientByLayerFigure } from "../figures/gradientByLayerFigure.js";
import { lossFigure } from "../figures/lossFigure.js";
import { buildMlp } from "../models/mlp.js";
import { tf } from "../tensorflow/tf.js";
import { trainByDepth } from "../training/ensemble/trainByDepth.js";
import { trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import type { TrainingOptions } from "../training/options.js";
import type { TrainingRecord } from "../training/record.js";
import { recordGradients } from "../training/recordGradients.js";
import { recordTraining } from "../training/recordTraining.js";
import { liveFigure } from "./liveFigure.js";
import { connectDisplay, type DisplayContent } from "./notebook.js";
import { showFigure } from "./showFigure.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const shape = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh" } as const;
const spec = { ...shape, seed: 1 };
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.1, epochs: 8, batchSize: 25, seed: 1 };
const STEPS = 32;
/** So short that each step is drawn, but for what drawing may cost. */
const interval = 1e-6;

/** What is displayed while something runs. */
async function displays(run: () => Promise<unknown>): Promise<{ content: DisplayContent; update: boolean }[]> {
  const all: { content: DisplayContent; update: boolean }[] = [];
  connectDisplay((content, update) => void all.push({ content, update }));
  try {
    await run();
  } finally {
    connectDisplay(undefined);
  }
  return all;
}

test("it grows in one place, and ends as the figure that showFigure shows", async () => {
  let record: TrainingRecord | undefined;
  const shown = await displays(async () => {
    record = await recordTraining(buildMlp(spec), iris.train, {
      ...options,
      // As often as a long training is drawn, however fast this one is.
      onProgress: slowly(liveFigure((one) => lossFigure(one), { interval })),
    });
  });
  const [end] = await displays(async () => {
    showFigure(lossFigure(record!));
    return Promise.resolve();
  });
  assert.ok(shown.length > 3, `${shown.length} drawings`);
  assert.deepEqual(
    shown.map(({ update }) => update),
    shown.map((_, i) => i > 0),
  );
  assert.equal(new Set(shown.map(({ content }) => content.transient.display_id)).size, 1);
  assert.deepEqual(
    shown.filter(({ content }) => "image/png" in content.data),
    [shown.at(-1)],
  );
  assert.deepEqual(shown.at(-1)!.content.data, end!.content.data);
  assert.deepEqual(shown.at(-1)!.content.metadata, end!.content.metadata);
  const texts = new Set(shown.map(({ content }) => content.data["text/plain"]));
  assert.ok(texts.size > 3, "each drawing tells of another step");
});

test("an ensemble's is drawn from the records of all networks", async () => {
  const counts: [number, number][] = [];
  const draw = (...records: TrainingRecord[]): ReturnType<typeof lossFigure> => {
    counts.push([records.length, records[0]!.steps.length]);
    return gradientByLayerFigure(records, { at: -1 });
  };
  await displays(() =>
    trainEnsemble(shape, [1, 2, 3], iris.train, {
      ...options,
      onProgress: slowly(liveFigure(draw, { interval })),
    }),
  );
  assert.deepEqual(counts.at(-1), [3, STEPS]);
  assert.deepEqual(counts[0], [3, 1]);
});

for (const [name, args] of Object.entries({
  "whole epochs": { epochs: 2 },
  "a training that is told to stop": { epochs: 20, callbacks: tf.callbacks.earlyStopping({ monitor: "loss" }) },
})) {
  test(`model.fit, ${name}: it ends once, with a picture`, async () => {
    const shown = await displays(async () => {
      const model = buildMlp(spec);
      // At this rate the loss goes up and down.
      model.compile({ optimizer: tf.train.sgd(3), loss: "categoricalCrossentropy" });
      const { callbacks = [], ...rest } = { callbacks: [], ...args };
      const onProgress = liveFigure((record) => lossFigure(record));
      const recorder = recordGradients({ onProgress });
      const { x, y } = toTensors(iris.train);
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
      const silent = { verbose: 0 } as tf.ModelFitArgs;
      await model.fit(x, y, { ...silent, ...rest, callbacks: [callbacks, recorder].flat() as never });
    });
    assert.equal(shown.filter(({ content }) => "image/png" in content.data).length, 1);
    assert.ok("image/png" in shown.at(-1)!.content.data);
  });
}

test("outside of a notebook the text of the last one is printed", async (t) => {
  const print = t.mock.method(console, "log", () => undefined);
  const onProgress = liveFigure((one) => lossFigure(one), { interval });
  const record = await recordTraining(buildMlp(spec), iris.train, { ...options, onProgress });
  const printed = print.mock.calls.map((call) => call.arguments);
  print.mock.restore();
  assert.deepEqual(printed, [[lossFigure(record).alt]]);
});

test("bad options and trainings that are one are refused", async () => {
  assert.throws(() => liveFigure(lossFigure, { interval: 0 }), /^RangeError: liveFigure\(\): interval is 0/);
  assert.throws(() => liveFigure(lossFigure, { every: 1 } as never), /every/);
  const { hiddenLayers: _, ...depthless } = shape;
  await assert.rejects(
    trainByDepth(depthless, [1, 2], [1], iris.train, { ...options, onProgress: liveFigure(lossFigure) }),
    /several trainings that are one have no record to draw from/,
  );
});

/** Waits a little after each step, as if it took longer. */
function slowly<T>(report: (progress: T) => void): (progress: T) => Promise<void> {
  return async (progress) => {
    report(progress);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
}
