import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
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
import type { Progress } from "../training/progress.js";
import type { TrainingRecord } from "../training/record.js";
import { recordGradients } from "../training/recordGradients.js";
import { recordTraining } from "../training/recordTraining.js";
import { liveFigure } from "./liveFigure.js";
import { connectDisplay, type DisplayContent } from "./notebook.js";
import { PLOTLY, showFigure } from "./showFigure.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const shape = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh" } as const;
const spec = { ...shape, seed: 1 };
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.1, epochs: 8, batchSize: 25, seed: 1 };
const STEPS = 32;

/** What is displayed while something runs. */
async function displays(
  run: () => Promise<unknown>,
): Promise<{ content: DisplayContent; update: boolean }[]> {
  const all: { content: DisplayContent; update: boolean }[] = [];
  connectDisplay((content, update) => void all.push({ content, update }));
  try {
    await run();
  } finally {
    connectDisplay(undefined);
  }
  return all;
}

test("it grows in one place, and ends as the figure that showFigure shows", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  let record: TrainingRecord | undefined;
  const shown = await displays(async () => {
    record = await recordTraining(buildMlp(spec), iris.train, {
      ...options,
      onProgress: slowly(
        t,
        liveFigure((one) => lossFigure(one)),
      ),
    });
  });
  const [end] = await displays(async () => {
    showFigure(lossFigure(record!));
    return Promise.resolve();
  });
  assert.equal(shown.length, STEPS);
  assert.deepEqual(
    shown.map(({ update }) => update),
    shown.map((_, i) => i > 0),
  );
  assert.equal(new Set(shown.map(({ content }) => content.transient.display_id)).size, 1);
  assert.ok(shown.every(({ content }) => "image/png" in content.data));
  assert.deepEqual(shown.filter(isInteractive), [shown.at(-1)]);
  assert.deepEqual(shown.at(-1)!.content.data, end!.content.data);
  assert.deepEqual(shown.at(-1)!.content.metadata, end!.content.metadata);
  const texts = new Set(shown.map(({ content }) => content.data["text/plain"]));
  assert.ok(texts.size > 8, "drawings tell of other epochs");
});

test("an ensemble's is drawn from the records of all networks", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const counts: [number, number][] = [];
  const draw = (...records: TrainingRecord[]): ReturnType<typeof lossFigure> => {
    counts.push([records.length, records[0]!.steps.length]);
    return gradientByLayerFigure(records, { at: -1 });
  };
  await displays(() =>
    trainEnsemble(shape, [1, 2, 3], iris.train, {
      ...options,
      onProgress: slowly(t, liveFigure(draw)),
    }),
  );
  assert.deepEqual(counts.at(-1), [3, STEPS]);
  assert.deepEqual(counts[0], [3, 1]);
});

for (const [name, args] of Object.entries({
  "whole epochs": { epochs: 2, callbacks: [] },
  "a training that is told to stop": {
    epochs: 20,
    callbacks: tf.callbacks.earlyStopping({ monitor: "loss" }),
  },
})) {
  test(`model.fit, ${name}: it ends once`, async () => {
    const shown = await displays(async () => {
      const model = buildMlp(spec);
      // At this rate the loss goes up and down.
      model.compile({ optimizer: tf.train.sgd(3), loss: "categoricalCrossentropy" });
      const { callbacks, ...rest } = args;
      const onProgress = liveFigure((record) => lossFigure(record));
      const recorder = recordGradients({ onProgress });
      const { x, y } = toTensors(iris.train);
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
      const silent = { verbose: 0 } as tf.ModelFitArgs;
      await model.fit(x, y, { ...silent, ...rest, callbacks: [callbacks, recorder].flat() as never });
    });
    assert.deepEqual(shown.filter(isInteractive), [shown.at(-1)]);
  });
}

test("it is drawn no more often than asked for, and not again before drawing has had its share of the time", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  let drawings = 0;
  const onProgress = liveFigure(
    (record) => {
      drawings++;
      // Drawing takes two seconds.
      t.mock.timers.tick(2000);
      return lossFigure(record);
    },
    { interval: 3 },
  );
  const record = await recordTraining(buildMlp(spec), iris.train, { ...options, recordEvery: "ends" });
  const records = (): TrainingRecord[] => [record];
  const progress = { steps: 1000, epoch: 1, epochs: 1, loss: 1, accuracy: 0, records };
  await displays(async () => {
    // Steps of a tenth of a second: a drawing, eight seconds of training, and so on.
    for (let step = 1; step < 400; step++) {
      t.mock.timers.tick(100);
      onProgress({ ...progress, step });
    }
    return Promise.resolve();
  });
  assert.equal(drawings, 5);
});

test("outside of a notebook the text of the last one is printed", async (t) => {
  const print = t.mock.method(console, "log", () => undefined);
  const onProgress = liveFigure((one) => lossFigure(one));
  const record = await recordTraining(buildMlp(spec), iris.train, { ...options, onProgress });
  const printed = print.mock.calls.map((call) => call.arguments);
  print.mock.restore();
  assert.deepEqual(printed, [[lossFigure(record).alt]]);
});

test("bad options and trainings that are one are refused", async () => {
  assert.throws(() => liveFigure(lossFigure, { interval: 0 }), /^RangeError: liveFigure\(\): interval is 0/);
  assert.throws(() => liveFigure(lossFigure, { every: 1 } as never), /every/);
  const depthless = { inputs: 4, outputs: 3, width: 8, activation: "tanh" } as const;
  await assert.rejects(
    trainByDepth(depthless, [1, 2], [1], iris.train, { ...options, onProgress: liveFigure(lossFigure) }),
    /several trainings that are one have no record to draw from/,
  );
});

const isInteractive = ({ content }: { content: DisplayContent }): boolean => PLOTLY in content.data;

/** Has each step take ten seconds, by the clock. */
function slowly(t: TestContext, report: (progress: Progress) => void): (progress: Progress) => void {
  return (progress) => {
    t.mock.timers.tick(10_000);
    report(progress);
  };
}
