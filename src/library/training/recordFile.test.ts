import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { tf } from "../tensorflow/tf.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { buildMlp } from "../models/mlp.js";
import { loadRecord, saveRecord } from "./recordFileNode.js";
import { recordFromJson, recordToJson } from "./recordJson.js";
import { recordTraining } from "./recordTraining.js";
import type { TrainingRecord } from "./record.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 }));
const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh", seed: 1 } as const;
const options = { optimizer: "sgd", learningRate: 0.1, epochs: 2, seed: 1, test: iris.test } as const;

const recurrent = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.lstm({ units: 3, inputShape: [4, 1] }),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });

test("a record that is written and read is the same, with NaN, Infinity and what it shares", async () => {
  const records: TrainingRecord[] = [
    await recordTraining(buildMlp(spec), iris.train, options),
    await recordTraining(buildMlp({ ...spec, activation: "relu" }), iris.train, {
      ...options,
      learningRate: 1e36,
    }),
    await recordTraining(recurrent(), iris.train, options),
    await recordTraining(buildMlp(spec), iris.train, { ...options, recordEvery: "ends", clipNorm: 0.1 }),
  ];
  assert.ok(records[1]!.stopped, "one of them is not finite");
  for (const record of records) {
    const back = recordFromJson(recordToJson(record));
    assert.deepStrictEqual(back, record);
    assert.equal(
      back.layers[0]!.kernel,
      back.parameters.find(({ name }) => name === "kernel"),
    );
    const { before, after } = back.layers[0]!.kernel;
    if (record.steps[1] === 1) {
      assert.equal(after[0], before[1], "an array that stands in two places is one");
    }
  }
});

test("files: written whole, read again, and refused if they are something else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  try {
    const record = await recordTraining(buildMlp(spec), iris.train, options);
    const path = join(folder, "record.json");
    saveRecord(record, path);
    assert.deepStrictEqual(loadRecord(path), record);
    assert.deepEqual(readdirSync(folder), ["record.json"]);
    const whole = recordToJson(record);
    for (const [text, message] of [
      ["{", /it must be a text of recordToJson, whole/],
      [whole.slice(0, 1000), /whole/],
      ["[]", /it must be a text of recordToJson/],
      [JSON.stringify(record), /it must be a text of recordToJson/],
      [whole.replace('"version":1', '"version":99'), /version is 99; it must be 1/],
    ] as const) {
      writeFileSync(path, text);
      assert.throws(() => loadRecord(path), message);
    }
    assert.throws(() => loadRecord(join(folder, "none.json")), /loadRecord\(\): path is/);
    assert.throws(() => {
      saveRecord(record, join(folder, "none", "record.json"));
    }, /in a folder that exists/);
    assert.throws(() => {
      saveRecord(JSON.parse(JSON.stringify(record)) as TrainingRecord, path);
    }, /a record of a training/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
