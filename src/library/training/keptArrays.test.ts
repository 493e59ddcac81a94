import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { diagnose } from "../diagnosis/diagnose.js";
import { historyFigure } from "../figures/historyFigure.js";
import { weightChangeFigure } from "../figures/weightChangeFigure.js";
import { gradientByLayer, weightChange, weightChangeByLayer } from "../measures/layerMeasures.js";
import { gradientNorm, sizeAt, updateRatioByLayer } from "../measures/parameterSizes.js";
import { buildMlp } from "../models/mlp.js";
import { trainEnsemble } from "./ensemble/trainEnsemble.js";
import type { TrainingOptions } from "./options.js";
import type { ParameterQuantity, TrainingRecord } from "./record.js";
import { recordFromJson, recordToJson } from "./recordJson.js";
import { recordTraining } from "./recordTraining.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const spec = {
  inputs: 4,
  outputs: 3,
  hiddenLayers: 2,
  width: 8,
  activation: "tanh",
  batchNormalization: true,
} as const;
/** In its second step, numbers are multiplied that have no product in float32. */
const runaway = { ...spec, activation: "relu", batchNormalization: false } as const;
const options: TrainingOptions = { optimizer: "adam", learningRate: 0.01, epochs: 3, batchSize: 16, seed: 1 };
const QUANTITIES: readonly ParameterQuantity[] = ["weights", "gradient", "update", "change"];

/** Trains the same network in both ways. */
const WAYS: Record<
  string,
  (more: Partial<TrainingOptions>, of?: typeof spec | typeof runaway) => Promise<TrainingRecord>
> = {
  "a model": (more, of = spec) =>
    recordTraining(buildMlp({ ...of, seed: 3 }), iris.train, { ...options, ...more }),
  "an ensemble": async (more, of = spec) => {
    const records = await trainEnsemble(of, [1, 2, 3], iris.train, { ...options, ...more });
    return records[2]!;
  },
};

for (const [name, trained] of Object.entries(WAYS)) {
  for (const recordEvery of [1, 4]) {
    test(`${name}, each step in ${recordEvery}: sizes alone tell what the arrays tell`, async () => {
      const [whole, sized] = [
        await trained({ recordEvery }),
        await trained({ recordEvery, recordArrays: false }),
      ];
      whole.parameters.forEach((parameter, p) => {
        const own = sized.parameters[p]!;
        assert.deepEqual([own.before, own.after, own.gradient, own.update], [[], [], [], []]);
        for (const quantity of QUANTITIES) {
          for (const at of whole.steps.keys()) {
            close(sizeAt(own, quantity, { at }), sizeAt(parameter, quantity, { at }));
          }
        }
      });
      const measures = [
        gradientNorm,
        (record: TrainingRecord) => gradientByLayer(record, { at: -1 }),
        (record: TrainingRecord) => updateRatioByLayer(record, { at: 2 }),
        (record: TrainingRecord) => weightChangeByLayer(record, { unit: "relative" }),
        (record: TrainingRecord) => weightChangeByLayer(record, { from: 3, to: 3 }),
      ];
      for (const measure of measures) {
        closeLists(measure(sized), measure(whole));
      }
      for (const quantity of ["gradientNorm", "update", "updateRatio", "weightChange"] as const) {
        const [drawn, expected] = [sized, whole].map((record) => historyFigure(record, { quantity }));
        assert.equal(drawn!.alt, expected!.alt);
      }
      assert.deepEqual(sized.loss, whole.loss);
      assert.deepEqual(
        sized.layers.map(({ preActivationGradient }) => preActivationGradient),
        whole.layers.map(({ preActivationGradient }) => preActivationGradient),
      );
    });
  }

  test(`${name}: the arrays of chosen layers are those of the whole record`, async () => {
    const whole = await trained({});
    const layer = whole.layers[2]!.name;
    const some = await trained({ recordArrays: [layer] });
    whole.parameters.forEach((parameter, p) => {
      const own = some.parameters[p]!;
      if (parameter.layer === layer) {
        assert.deepEqual(own, parameter);
      } else {
        assert.equal(own.before.length, 0);
        close(sizeAt(own, "change", { at: -1 }), sizeAt(parameter, "change", { at: -1 }));
      }
    });
    assert.equal(weightChange(some.layers[2]!.kernel).length, some.layers[2]!.kernel.before[0]!.length);
  });

  test(`${name}: a step whose gradient is not applied has an update of size 0`, async () => {
    const much = { optimizer: "sgd", learningRate: 1e25 } as const;
    const whole = await trained(much, runaway);
    const sized = await trained({ ...much, recordArrays: false }, runaway);
    assert.deepEqual([whole.stopped?.reason, whole.stopped?.quantity], ["not finite", "activations"]);
    assert.deepEqual(sized.stopped, whole.stopped);
    whole.parameters.forEach((parameter, p) => {
      for (const quantity of ["weights", "update", "change"] as const) {
        close(sizeAt(sized.parameters[p]!, quantity, { at: -1 }), sizeAt(parameter, quantity, { at: -1 }));
      }
    });
  });
}

test("sizes are the definitions' numbers", async () => {
  const record = await WAYS["a model"]!({});
  const { before, after, gradient } = record.layers[0]!.kernel;
  const at = 5;
  const list = Array.from(gradient[at]!);
  close(sizeAt(record.layers[0]!.kernel, "gradient", { at }), {
    meanAbs: list.reduce((sum, value) => sum + Math.abs(value), 0) / list.length,
    rms: Math.sqrt(list.reduce((sum, value) => sum + value * value, 0) / list.length),
  });
  const squares = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value * value, 0);
  const all = record.parameters.flatMap((parameter) => Array.from(parameter.gradient[at]!));
  closeLists([gradientNorm(record)[at]!], [Math.sqrt(squares(all))]);
  const update = Array.from(after[at]!, (value, i) => value - before[at]![i]!);
  const ratio = Math.sqrt(squares(update) / squares(Array.from(before[at]!)));
  closeLists([updateRatioByLayer(record, { at })[0]!], [ratio], 1e-6);
});

test("the norm of the whole gradient is what clipping compares", async () => {
  const clipNorm = 0.3;
  const record = await WAYS["a model"]!({ clipNorm, recordArrays: false });
  const expected = gradientNorm(record).map((norm) => Math.min(1, clipNorm / norm));
  closeLists(record.clipFactor!, expected, 1e-5);
  assert.ok(expected.some((factor) => factor < 1));
});

test("a record of sizes survives JSON", async () => {
  const record = await WAYS["a model"]!({ recordArrays: false });
  assert.deepEqual(recordFromJson(recordToJson(record)), record);
});

test("what needs the arrays says that they were not recorded, and which option does it", async () => {
  const record = await WAYS["a model"]!({ recordArrays: false });
  const [{ kernel }] = record.layers as [TrainingRecord["layers"][number]];
  const attempts: Record<string, () => unknown> = {
    weightChange: () => weightChange(kernel),
    weightChangeFigure: () => weightChangeFigure(record),
    weightChangeByLayer: () => weightChangeByLayer(record, { from: 1 }),
    diagnose: () => diagnose(record),
  };
  for (const [owner, attempt] of Object.entries(attempts)) {
    const message = new RegExp(
      `^RangeError: ${owner}\\(\\): .*, kernel is .*by its size alone.*recordArrays`,
    );
    assert.throws(attempt, message);
  }
});

test("a layer that is not there is named, with those that are", async () => {
  for (const [name, trained] of Object.entries(WAYS)) {
    await assert.rejects(
      trained({ recordArrays: ["dense_99"] }),
      /recordArrays is .*dense_99.*names of layers with weights that train, of \w+, \w+/,
      name,
    );
  }
});

function close(actual: { meanAbs: number; rms: number }, expected: { meanAbs: number; rms: number }): void {
  closeLists([actual.meanAbs, actual.rms], [expected.meanAbs, expected.rms]);
}

function closeLists(actual: readonly number[], expected: readonly number[], tolerance = 1e-12): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!);
    assert.ok(
      value === expected[i] || error <= tolerance * Math.abs(expected[i]!),
      `${value}, ${expected[i]}`,
    );
  });
}
