import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import {
  type ChangeUnit,
  deadByLayer,
  gradientByLayer,
  gradientNormByLayer,
  gradientRatio,
  saturationByLayer,
  weightChange,
  weightChangeByLayer,
} from "./byLayer.js";
import { l2Norm, maxAbs, mean, meanAbs, median, quantiles, spread, std } from "./statistics.js";

const list = (...values: number[]): Float32Array => Float32Array.from(values);

/** A kernel of two weights over three steps: from `start`, by the given updates. */
function kernel(
  layer: string,
  start: readonly number[],
  updates: readonly number[][],
  gradient: readonly number[][],
): ParameterRecord {
  const before: Float32Array[] = [];
  const after: Float32Array[] = [];
  let weights = list(...start);
  for (const update of updates) {
    before.push(weights);
    weights = weights.map((weight, i) => weight + update[i]!);
    after.push(weights);
  }
  return {
    ...{ name: "kernel", layer, shape: [1, 2], before, after },
    gradient: gradient.map((values) => list(...values)),
    update: updates.map((values) => list(...values)),
  };
}

function layer(own: ParameterRecord, saturated: number[], dead: number[]): LayerRecord {
  const signal = { mean: [0, 0, 0], std: [1, 1, 1] };
  return {
    ...{ name: own.layer, units: 2, kernel: own, activation: "relu" },
    ...{ preActivations: signal, activations: signal, saturated, dead },
    input: { meanAbs: [1, 2, 3], rms: [2, 3, 4] },
    preActivationGradient: { meanAbs: [4, 5, 6], rms: [5, 6, 7] },
  };
}

// Every number here is exact in float32.
const first = kernel(
  "hidden1",
  [1, -2],
  [
    [0.5, 0.5],
    [-1, 0.25],
    [0, 4],
  ],
  [
    [3, -4],
    [0, 0],
    [-0.5, 0.25],
  ],
);
const last = kernel(
  "output",
  [4, 4],
  [
    [1, -1],
    [1, -1],
    [1, -1],
  ],
  [
    [10, 4],
    [0, 0],
    [-6, 8],
  ],
);
const record: TrainingRecord = {
  label: "by hand",
  optimizer: { name: "sgd", learningRate: 0.125 },
  probeExamples: 8,
  engine: { mode: "graph" },
  layers: [layer(first, [0.5, 0.25, 0], [0, 0.5, 1]), layer(last, [1, 0.75, 0.5], [0, 0, 0.25])],
  parameters: [first, last],
  steps: [0, 5, 10],
  stepsPerEpoch: 5,
  loss: [3, 2, 1],
  epochs: [],
};

test("weightChange() spans the whole record, or the steps that are named, both included", () => {
  assert.deepEqual([...weightChange(first)], [-0.5, 4.75]);
  assert.deepEqual([...weightChange(first, { from: 1 })], [-1, 4.25]);
  assert.deepEqual([...weightChange(first, { to: 1 })], [-0.5, 0.75]);
  assert.deepEqual([...weightChange(first, { from: 1, to: 1 })], [-1, 0.25]);
});

test("weightChange() keeps the digits that float32 would round off", () => {
  const tiny = { ...first, before: [list(1)], after: [list(1 + 2 ** -23)] };
  assert.deepEqual([...weightChange(tiny)], [2 ** -23]);
  const wide = { ...first, before: [list(2 ** -30)], after: [list(1)] };
  assert.deepEqual([...weightChange(wide)], [1 - 2 ** -30]);
});

test("weightChangeByLayer() gives the mean of the absolute changes in each unit", () => {
  assert.deepEqual(weightChangeByLayer(record), [(0.5 + 4.75) / 2, 3]);
  assert.deepEqual(weightChangeByLayer(record, { unit: "relative" }), [2.625 / 1.5, 3 / 4]);
  assert.deepEqual(weightChangeByLayer(record, { unit: "perLearningRate" }), [21, 24]);
  // The share is of the weights at the start of the span: [1.5, -1.5] and [5, 3].
  assert.deepEqual(weightChangeByLayer(record, { unit: "relative", from: 1, to: 1 }), [0.625 / 1.5, 0.25]);
});

test("gradient measures follow their formulas at the first step unless told otherwise", () => {
  assert.deepEqual(gradientByLayer(record), [3.5, 7]);
  assert.deepEqual(gradientByLayer(record, 2), [0.375, 7]);
  assert.deepEqual(gradientNormByLayer(record), [5, Math.sqrt(116)]);
  assert.deepEqual(gradientNormByLayer(record, 2), [Math.sqrt(0.3125), 10]);
  assert.equal(gradientRatio(record), 0.5);
  assert.equal(gradientRatio(record, 2), 0.375 / 7);
});

test("a gradient ratio of nothing over nothing is NaN", () => {
  assert.equal(gradientRatio(record, 1), NaN);
});

test("saturation and dead shares are those that were recorded", () => {
  assert.deepEqual(saturationByLayer(record), [0.5, 1]);
  assert.deepEqual(saturationByLayer(record, 1), [0.25, 0.75]);
  assert.deepEqual(deadByLayer(record), [0, 0]);
  assert.deepEqual(deadByLayer(record, 2), [1, 0.25]);
});

test("a negative step counts from the last one recorded", () => {
  assert.deepEqual(gradientByLayer(record, -1), gradientByLayer(record, 2));
  assert.deepEqual(gradientNormByLayer(record, -3), gradientNormByLayer(record, 0));
  assert.equal(gradientRatio(record, -1), gradientRatio(record, 2));
  assert.deepEqual(saturationByLayer(record, -2), [0.25, 0.75]);
  assert.deepEqual(deadByLayer(record, -1), [1, 0.25]);
});

test("meanAbs(), l2Norm() and maxAbs() follow their formulas", () => {
  assert.equal(meanAbs([1, -2, 6]), 3);
  assert.equal(l2Norm([2, -3, 6]), 7);
  assert.equal(l2Norm([]), 0);
  assert.equal(maxAbs([1, -7, 6]), 7);
  assert.equal(maxAbs([]), 0);
  assert.equal(meanAbs(list(0.5, -0.25)), 0.375);
});

test("NaN among the values is not hidden", () => {
  assert.equal(meanAbs([1, NaN]), NaN);
  assert.equal(l2Norm([1, NaN]), NaN);
  assert.equal(maxAbs([NaN, 1]), NaN);
  assert.equal(median([1, NaN, 3]), NaN);
  assert.deepEqual(spread([NaN, 1, 2, 3]), { lower: NaN, median: NaN, upper: NaN });
});

test("the norm lies between the largest value and the sum", () => {
  const values = fc.array(fc.double({ min: -1e100, max: 1e100, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, (numbers) => {
      const rounding = 1 + 1e-12;
      assert.ok(maxAbs(numbers) <= l2Norm(numbers) * rounding || maxAbs(numbers) < 1e-150);
      assert.ok(l2Norm(numbers) <= meanAbs(numbers) * numbers.length * rounding);
    }),
    { seed: 1 },
  );
});

test("spread() gives known quartiles", () => {
  assert.deepEqual(spread([5]), { lower: 5, median: 5, upper: 5 });
  assert.deepEqual(spread([4, 1, 3, 2]), { lower: 1.75, median: 2.5, upper: 3.25 });
  assert.deepEqual(spread([9, 1, 5, 3, 7]), { lower: 3, median: 5, upper: 7 });
  assert.deepEqual(spread(list(8, 7, 6, 5, 4, 3, 2, 1)), { lower: 2.75, median: 4.5, upper: 6.25 });
  // Numbers are sorted as numbers, not as text.
  assert.equal(median([10, 9, 1e2]), 10);
});

test("spread() gives numbers between the neighbours of each quarter, and leaves its argument as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const original = [...values];
      const { lower, median: middle, upper } = spread(values);
      assert.deepEqual(values, original);
      const sorted = values.toSorted((a, b) => a - b);
      for (const [share, quantile] of [
        [0.25, lower] as const,
        [0.5, middle] as const,
        [0.75, upper] as const,
      ]) {
        const place = (sorted.length - 1) * share;
        assert.ok(sorted[Math.floor(place)]! <= quantile && quantile <= sorted[Math.ceil(place)]!);
      }
    }),
    { seed: 1 },
  );
});

const REFUSED: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
  [
    "a step that was not recorded",
    () => gradientByLayer(record, 3),
    /^gradientByLayer\(\): step is 3; .*from -3 to 2$/,
  ],
  [
    "a step too far back",
    () => gradientNormByLayer(record, -4),
    /^gradientNormByLayer\(\): step is -4; .*from -3 to 2$/,
  ],
  ["half a step", () => gradientRatio(record, 0.5), /^gradientRatio\(\): step is 0\.5;/],
  ["a step that is NaN", () => saturationByLayer(record, NaN), /^saturationByLayer\(\): step is NaN;/],
  ["a step beyond the record", () => deadByLayer(record, 9), /^deadByLayer\(\): step is 9;/],
  ["a span beyond the record", () => weightChange(first, { to: 3 }), /^weightChange\(\): .*0 to 3 .*0 to 2$/],
  [
    "a span that runs backwards",
    () => weightChangeByLayer(record, { from: 2, to: 1 }),
    /^weightChange\(\): from 2 to 1 /,
  ],
  ["a span that starts before the record", () => weightChange(first, { from: -1 }), /from -1 to 2/],
  [
    "an unknown unit",
    () => weightChangeByLayer(record, { unit: "percent" as ChangeUnit }),
    /^weightChangeByLayer\(\): unit is "percent"; it must be one of "absolute", "relative", "perLearningRate"$/,
  ],
  ["a mean of nothing", () => meanAbs([]), /^meanAbs\(\): values is empty/],
  ["quartiles of nothing", () => spread([]), /^spread\(\): values is empty/],
  ["a median of nothing", () => median([]), /^spread\(\): values is empty/],
];

for (const [what, call, message] of REFUSED) {
  test(`the measures refuse ${what}`, () => {
    assert.throws(call, { name: "RangeError", message });
  });
}

test("mean(), std() and quantiles() of small lists", () => {
  assert.equal(mean([1, 2, 6]), 3);
  assert.equal(std([2, 4, 4, 4, 5, 5, 7, 9]), 2);
  assert.deepEqual(quantiles([4, 1, 3, 2], [0, 0.5, 1]), [1, 2.5, 4]);
  assert.deepEqual(quantiles([1, NaN], [0.5]), [NaN]);
  assert.throws(() => mean([]), /mean\(\): values is empty/);
  assert.throws(() => quantiles([], [0.5]), /quantiles\(\): values is empty/);
});
