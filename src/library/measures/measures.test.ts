import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import {
  type ChangeUnit,
  deadByLayer,
  gradientByLayer,
  type GradientFactor,
  gradientNormByLayer,
  gradientRatio,
  saturationByLayer,
  weightChange,
  weightChangeByLayer,
} from "./layerMeasures.js";
import { learnedText, shareThatLearned } from "./learning.js";
import { countOutcomes } from "./outcomes.js";
import { spreadOf } from "./spreadOf.js";
import { l2Norm, maxAbs, mean, meanAbs, median, quantiles, spread, std } from "./statistics.js";
import { wilsonInterval } from "./wilsonInterval.js";

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
    name: "kernel",
    layer,
    shape: [1, 2],
    before,
    after,
    gradient: gradient.map((values) => list(...values)),
    update: updates.map((values) => list(...values)),
  };
}

function layer(own: ParameterRecord, saturated: number[], dead: number[]): LayerRecord {
  const signal = { mean: [0, 0, 0], std: [1, 1, 1] };
  return {
    name: own.layer,
    units: 2,
    positions: 1,
    parameters: [own],
    notMeasured: {},
    kernel: own,
    activation: "relu",
    preActivations: signal,
    activations: signal,
    saturated,
    dead,
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
  lossName: "categoricalCrossentropy",
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
  assert.deepEqual([...weightChange(first, { from: -2, to: -2 })], [-1, 0.25]);
  assert.deepEqual([...weightChange(first, { from: -3, to: -1 })], [...weightChange(first)]);
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
  assert.deepEqual(gradientByLayer(record, { at: 2 }), [0.375, 7]);
  assert.deepEqual(gradientNormByLayer(record), [5, Math.sqrt(116)]);
  assert.deepEqual(gradientNormByLayer(record, { at: 2 }), [Math.sqrt(0.3125), 10]);
  assert.equal(gradientRatio(record), 0.5);
  assert.equal(gradientRatio(record, { at: 2 }), 0.375 / 7);
});

test("a gradient ratio of nothing over nothing is NaN", () => {
  assert.equal(gradientRatio(record, { at: 1 }), NaN);
});

test("both factors of a gradient are those that were recorded", () => {
  assert.deepEqual(gradientByLayer(record, { of: "preActivations" }), [4, 4]);
  assert.deepEqual(gradientByLayer(record, { of: "preActivations", at: -1 }), [6, 6]);
  assert.deepEqual(gradientByLayer(record, { of: "inputs", at: 1 }), [2, 2]);
  assert.equal(gradientRatio(record, { of: "inputs" }), 1);
});

test("saturation and dead shares are those that were recorded", () => {
  assert.deepEqual(saturationByLayer(record), [0.5, 1]);
  assert.deepEqual(saturationByLayer(record, { at: 1 }), [0.25, 0.75]);
  assert.deepEqual(deadByLayer(record), [0, 0]);
  assert.deepEqual(deadByLayer(record, { at: 2 }), [1, 0.25]);
});

test("a negative place counts from the last one recorded", () => {
  assert.deepEqual(gradientByLayer(record, { at: -1 }), gradientByLayer(record, { at: 2 }));
  assert.deepEqual(gradientNormByLayer(record, { at: -3 }), gradientNormByLayer(record, { at: 0 }));
  assert.equal(gradientRatio(record, { at: -1 }), gradientRatio(record, { at: 2 }));
  assert.deepEqual(saturationByLayer(record, { at: -2 }), [0.25, 0.75]);
  assert.deepEqual(deadByLayer(record, { at: -1 }), [1, 0.25]);
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

test("spread() gives numbers between the neighbors of each quarter, and leaves its argument as it was", () => {
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
    () => gradientByLayer(record, { at: 3 }),
    /^gradientByLayer\(\): at is 3; .*from -3 to 2 in the record of "by hand"$/,
  ],
  [
    "a step too far back",
    () => gradientNormByLayer(record, { at: -4 }),
    /^gradientNormByLayer\(\): at is -4; .*from -3 to 2 in the record of "by hand"$/,
  ],
  ["half a step", () => gradientRatio(record, { at: 0.5 }), /^gradientRatio\(\): at is 0\.5;/],
  ["a step that is NaN", () => saturationByLayer(record, { at: NaN }), /^saturationByLayer\(\): at is NaN;/],
  ["a step beyond the record", () => deadByLayer(record, { at: 9 }), /^deadByLayer\(\): at is 9;/],
  [
    "a step of a record without any",
    () => deadByLayer({ ...record, steps: [] }),
    /^deadByLayer\(\): record is "a record of 2 layers and 0 steps"; it must be /,
  ],
  [
    "a step where options belong, as Array.map() passes one",
    () => Reflect.apply(gradientRatio, undefined, [record, 0, [record]]) as unknown,
    /^gradientRatio\(\): options is 0; it must be an object$/,
  ],
  [
    "an option that there is not",
    () => gradientByLayer(record, { step: 1 } as object),
    /^gradientByLayer\(\): options has no option "step"; it has at, of$/,
  ],
  [
    "a factor that there is not",
    () => gradientByLayer(record, { of: "biases" as GradientFactor }),
    /^gradientByLayer\(\): of is "biases"; it must be one of "weights", "preActivations", "inputs"$/,
  ],
  [
    "a span beyond the record",
    () => weightChange(first, { to: 3 }),
    /^weightChange\(\): to is 3; .*-3 to 2 in the record of "hidden1, kernel"$/,
  ],
  [
    "a span that runs backwards",
    () => weightChangeByLayer(record, { from: 2, to: 1 }),
    /^weightChangeByLayer\(\): from is 2; it must be at or before to, which is 1 \(recorded steps 2 and 1 of "by hand"\)$/,
  ],
  [
    "a span that starts too far back",
    () => weightChange(first, { from: -4 }),
    /^weightChange\(\): from is -4;/,
  ],
  [
    "a misspelt end of a span",
    () => weightChange(first, { until: 2 } as object),
    /^weightChange\(\): span has no option "until"; it has from, to$/,
  ],
  [
    "an unknown unit",
    () => weightChangeByLayer(record, { unit: "percent" as ChangeUnit }),
    /^weightChangeByLayer\(\): unit is "percent"; it must be one of "absolute", "relative", "perLearningRate"$/,
  ],
  ["a mean absolute value of nothing", () => meanAbs([]), /^meanAbs\(\): values is empty/],
  ["a mean of nothing", () => mean([]), /^mean\(\): values is empty/],
  ["a deviation of nothing", () => std([]), /^std\(\): values is empty/],
  ["quartiles of nothing", () => spread([]), /^spread\(\): values is empty/],
  ["quantiles of nothing", () => quantiles([], [0.5]), /^quantiles\(\): values is empty/],
  ["a quantile beyond all", () => quantiles([1], [50]), /^quantiles\(\): shares\[0\] is 50; .* from 0 to 1$/],
  ["a median of nothing", () => median([]), /^median\(\): values is empty/],
  [
    "a spread over no records",
    () => spreadOf([], () => 1),
    /^spreadOf\(\): networks is \[\]; it must be a list of at least 1 records$/,
  ],
  ["more successes than trials", () => wilsonInterval(3, 2), /^wilsonInterval\(\): successes is 3;/],
  ["no trials", () => wilsonInterval(0, 0), /^wilsonInterval\(\): trials is 0;/],
  ["a level in percent", () => wilsonInterval(1, 2, { level: 95 }), /^wilsonInterval\(\): level is 95;/],
  ["no records to count", () => shareThatLearned([], 0.9), /^shareThatLearned\(\): records is \[\];/],
  [
    "a threshold in percent",
    () => countOutcomes([], 90),
    /^countOutcomes\(\): threshold is 90; .* from 0 to 1$/,
  ],
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
});

test("spreadOf() is the spread of the measured values, and the measure gets nothing but the network", () => {
  const networks = [4, 1, 3, 2].map((size) => ({ size }));
  const measure = (...given: unknown[]): number => {
    assert.equal(given.length, 1);
    return (given[0] as { size: number }).size;
  };
  assert.deepEqual(spreadOf(networks, measure), { lower: 1.75, median: 2.5, upper: 3.25 });
});

test("learnedText() counts those at the threshold and above, with Wilson's interval", () => {
  const ofAccuracy = (testAccuracy: number): TrainingRecord => ({
    ...record,
    epochs: [{ loss: 0, accuracy: 0, testLoss: 0, testAccuracy }],
  });
  const records = Array.from({ length: 20 }, (_, i) => ofAccuracy(i < 2 ? 0.89 : 0.9));
  assert.equal(learnedText(records, 0.9), "18 of 20 (70 to 97 %)");
  assert.equal(learnedText(records, 0.95), "0 of 20 (0 to 16 %)");
});

test("wilsonInterval() gives published intervals", () => {
  // R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3, level 0.95.
  const published = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [successes, trials, lower, upper] of published) {
    const interval = wilsonInterval(successes, trials);
    assert.deepEqual(
      [interval.lower, interval.upper].map((end) => Number(end.toFixed(4))),
      [lower, upper],
    );
    assert.equal(interval.share, successes / trials);
  }
});

test("the ends of wilsonInterval() are the shares from which the seen one is z standard errors away", () => {
  const z = { 0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004 };
  const cases = fc
    .integer({ min: 1, max: 500 })
    .chain((trials) =>
      fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 0, max: trials }) }),
    );
  fc.assert(
    fc.property(cases, fc.constantFrom(0.9, 0.95, 0.99), ({ trials, successes }, level) => {
      const { lower, share, upper } = wilsonInterval(successes, trials, { level });
      assert.ok(0 <= lower && lower <= share && share <= upper && upper <= 1);
      for (const end of [lower, upper]) {
        const distance = z[level] * Math.sqrt((end * (1 - end)) / trials);
        assert.ok(Math.abs(Math.abs(share - end) - distance) < 1e-9, `${successes} of ${trials}: ${end}`);
      }
      const opposite = wilsonInterval(trials - successes, trials, { level });
      assert.ok(Math.abs(opposite.lower - (1 - upper)) < 1e-12);
    }),
    { seed: 1 },
  );
});
