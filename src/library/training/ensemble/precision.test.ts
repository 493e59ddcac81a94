import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../../data/iris.js";
import { splitTrainTest, standardize } from "../../data/split.js";
import { seedRange } from "../../models/seeds.js";
import { floatFormats, roundTo, spacing } from "../../models/floatFormats.js";
import type { TrainingRecord } from "../record.js";
import { recordTraining } from "../recordTraining.js";
import { buildMlp } from "../../models/mlp.js";
import { inspectSignals } from "./inspectSignals.js";
import type { Precision } from "./precision.js";
import { trainEnsemble } from "./trainEnsemble.js";

const { train, test: held } = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 }));
const spec = { inputs: 4, outputs: 3, hiddenLayers: 3, width: 6, activation: "tanh" } as const;
const options = { optimizer: "sgd", learningRate: 0.1, epochs: 4, batchSize: 25, seed: 1 } as const;
const seeds = seedRange(3);

const trained = (precision?: Precision, more: object = {}): Promise<TrainingRecord[]> =>
  trainEnsemble(spec, seeds, train, { ...options, ...more, ...(precision && { precision }) });

const numbers = (record: TrainingRecord, of: "gradient" | "after" | "before" | "update"): number[] =>
  record.parameters.flatMap((parameter) => parameter[of].flatMap((list) => Array.from(list)));

const isOf =
  (format: Precision["format"]) =>
  (value: number): boolean =>
    roundTo(value, format) === value;

test("in float32 a loss scale that is a power of 2 changes no number", async () => {
  const plain = await trained();
  for (const normalized of [false, true]) {
    const shape = { ...spec, batchNormalization: normalized, residual: normalized };
    const expected = await trainEnsemble(shape, seeds, train, { ...options, test: held });
    const precision = { format: "float32", lossScale: 1024 } as const;
    const scaled = await trainEnsemble(shape, seeds, train, { ...options, test: held, precision });
    scaled.forEach((record, i) => {
      assert.deepEqual(numbers(record, "after"), numbers(expected[i]!, "after"));
      assert.deepEqual(record.epochs, expected[i]!.epochs);
    });
  }
  assert.equal(plain[0]!.format, undefined);
});

test("a small network is trained in float16 as plain numbers are, rounded one by one", async () => {
  const low = (value: number): number => roundTo(value, "float16");
  const dataset = { ...train, features: train.features.slice(0, 5), labels: train.labels.slice(0, 5) };
  const small = { inputs: 4, outputs: 3, hiddenLayers: 1, width: 3, activation: "sigmoid" } as const;
  const lossScale = 256;
  const precision = { format: "float16", lossScale } as const;
  const [record] = await trainEnsemble(small, [7], dataset, {
    ...options,
    epochs: 3,
    batchSize: 5,
    precision,
  });
  const kernel = (l: number): number[][] => {
    const { before, shape } = record!.layers[l]!.kernel;
    const [, columns] = shape as [number, number];
    const flat = Array.from(before[0]!);
    return Array.from({ length: flat.length / columns }, (_, i) =>
      flat.slice(i * columns, (i + 1) * columns),
    );
  };
  const weights = [kernel(0), kernel(1)].map((rows) => [...rows, rows[0]!.map(() => 0)]);
  const times = (row: readonly number[], matrix: readonly (readonly number[])[]): number[] =>
    matrix[0]!.map((_, j) => low(row.reduce((sum, value, i) => sum + value * low(matrix[i]![j]!), 0)));
  for (let step = 0; step < 3; step++) {
    const gradients = weights.map((rows) => rows.map((row) => row.map(() => 0)));
    dataset.features.forEach((row, example) => {
      const x = [...row.map(low), 1];
      const a = times(x, weights[0]!).map((z) => low(1 / (1 + Math.exp(-z))));
      const logits = times([...a, 1], weights[1]!);
      const powers = logits.map(Math.exp);
      const sum = powers.reduce((total, power) => total + power, 0);
      const delta = powers.map((power, k) =>
        low(((power / sum - Number(dataset.labels[example] === k)) / 5) * lossScale),
      );
      [...a, 1].forEach((value, i) => {
        delta.forEach((d, k) => (gradients[1]![i]![k]! += value * d));
      });
      const back = a.map((value, i) => {
        const upstream = low(delta.reduce((total, d, k) => total + d * low(weights[1]![i]![k]!), 0));
        return low(upstream * value * (1 - value));
      });
      x.forEach((value, i) => {
        back.forEach((d, k) => (gradients[0]![i]![k]! += value * d));
      });
    });
    weights.forEach((rows, l) => {
      rows.forEach((row, i) => {
        row.forEach((_, k) => {
          const gradient = low(gradients[l]![i]![k]!) / lossScale;
          const { kernel: ofLayer, bias } = record!.layers[l]!;
          const inputs = rows.length - 1;
          const recorded =
            i < inputs ? ofLayer.gradient[step]![i * row.length + k]! : bias!.gradient[step]![k]!;
          // Sums in float32 can fall on the other side of a half.
          const apart = Math.abs(recorded - gradient) * lossScale;
          assert.ok(
            apart <= spacing(gradient * lossScale, "float16"),
            `${step} ${l}: ${recorded} ${gradient}`,
          );
          row[k]! -= 0.1 * gradient;
        });
      });
    });
  }
});

for (const format of ["float16", "bfloat16"] as const) {
  test(`${format}: gradients times the loss scale are its numbers, and without master weights the weights are`, async () => {
    const [scale, learningRate] = [128, 0.1];
    const records = await trained({ format, lossScale: scale, masterWeights: false });
    for (const record of records) {
      assert.equal(record.format, format);
      assert.ok(numbers(record, "gradient").every((value) => isOf(format)(value * scale)));
      assert.ok(numbers(record, "after").every(isOf(format)));
      const [before, gradient, update] = (["before", "gradient", "update"] as const).map((of) =>
        numbers(record, of),
      );
      const lost = before!.filter((weight, i) => {
        const wanted = Math.abs(learningRate * gradient![i]!);
        const isLost = wanted > 0 && wanted < 0.49 * spacing(weight, format) && weight !== 0;
        assert.ok(
          !isLost || Math.abs(update![i]!) <= spacing(weight, format) / 2,
          `${weight} ${update![i]!}`,
        );
        return isLost && update![i] === 0;
      });
      assert.ok(lost.length > 10);
    }
    const [kept] = await trained({ format });
    assert.ok(!numbers(kept!, "after").every(isOf(format)));
  });
}

test("signals are rounded, and what is below float16's smallest number is 0 there alone", () => {
  const deep = { ...spec, activation: "sigmoid", hiddenLayers: 11, width: 10 } as const;
  const first = (precision?: Precision): Float32Array =>
    inspectSignals(deep, [1], train, precision && { precision })[0]![0]!.preActivationGradients;
  assert.ok(first().every((value) => value !== 0 && Math.abs(value) < floatFormats.float16.smallest / 2));
  assert.ok(first({ format: "float16" }).every((value) => value === 0));
  const scaled = first({ format: "float16", lossScale: 2 ** 14 });
  assert.ok(scaled.some((value) => value !== 0));
  assert.ok(first({ format: "bfloat16" }).every((value) => value !== 0 && isOf("bfloat16")(value)));
});

test("a dynamic scale halves until gradients are finite, doubles in time, and steps that overflow are not taken", async () => {
  const precision = { format: "float16", lossScale: "dynamic", growAfter: 3 } as const;
  for (const optimizer of ["sgd", "adam"] as const) {
    // Without standardizing, gradients are large.
    const large = { ...train, features: train.features.map((row) => row.map((value) => 400 * value)) };
    const wide = { ...spec, activation: "relu", kernelScale: 2 } as const;
    const more = { ...options, optimizer, learningRate: 1e-4, epochs: 8, precision };
    const records = await trainEnsemble(wide, seeds, large, more);
    for (const record of records) {
      const scales = record.lossScale!;
      assert.equal(scales[0], 65536);
      let [expected, held] = [65536, 0];
      record.steps.forEach((_, i) => {
        const own = record.parameters.flatMap(({ gradient }) => Array.from(gradient[i]!));
        const isFinite = own.every(Number.isFinite);
        assert.equal(scales[i], expected);
        const moved = record.parameters.some(({ update }) => update[i]!.some((value) => value !== 0));
        assert.equal(moved, isFinite);
        held = isFinite ? held + 1 : 0;
        if (!isFinite) expected /= 2;
        if (held === 3) [expected, held] = [expected * 2, 0];
      });
      assert.ok(scales.some((scale) => scale < 65536) && record.stopped === undefined);
      assert.ok(scales.some((scale, i) => scale === 2 * scales[i - 1]!));
    }
  }
});

test("what a precision cannot be is said", async () => {
  const wrong: [object, RegExp][] = [
    [{ precision: { format: "float8" } }, /precision\.format.*"float8"/],
    [{ precision: { format: "float16", lossScale: 0 } }, /precision\.lossScale.*0/],
    [{ precision: { format: "float16", lossScale: "large" } }, /precision\.lossScale.*"large".*"dynamic"/],
    [{ precision: { format: "float16", scale: 2 } }, /precision.*scale/],
    [
      { precision: { format: "float16", lossScale: "dynamic" }, accumulate: 2 },
      /accumulate.*2.*1 with a dynamic/,
    ],
  ];
  for (const [more, message] of wrong) {
    await assert.rejects(trained(undefined, more), message);
  }
  const model = buildMlp({ ...spec, seed: 1 });
  await assert.rejects(
    recordTraining(model, train, { ...options, precision: { format: "float16" } }),
    /precision.*trainEnsemble alone/,
  );
});
