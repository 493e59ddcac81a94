import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { activationNames, activations } from "../models/activations.js";
import { contains, SATURATION_LIMIT, slopeRegions } from "../models/slopes.js";
import { activationStatistics, factorStatistics, finiteLayers } from "./statistics.js";

/** Any number that float32 holds, most often one of the size that a pre-activation has. */
const anyZ = fc.oneof(
  fc.float({ min: -8, max: 8, noNaN: true }),
  fc.float({ min: -120, max: 120, noNaN: true }),
  fc.float({ min: -1e5, max: 1e5, noNaN: true }),
);

for (const activation of activationNames) {
  test(`the regions of small and of no slope are those of the derivative: ${activation}`, () => {
    const { derivative, steepest } = activations[activation];
    const { small, zero } = slopeRegions(activation);
    fc.assert(
      fc.property(anyZ, (z) => {
        assert.equal(contains(small, z), Math.abs(derivative(z)) < SATURATION_LIMIT * steepest);
        assert.equal(contains(zero, z), derivative(z) === 0);
      }),
      { seed: 1, numRuns: 3000 },
    );
    for (const kink of [0, 2.5, -2.5, 6]) {
      assert.equal(contains(zero, kink), derivative(kink) === 0, `at ${kink}`);
    }
  });
}

/** Two networks, [units][examples] each. */
const networks = fc
  .record({ units: fc.integer({ min: 1, max: 5 }), examples: fc.integer({ min: 1, max: 7 }) })
  .chain(({ units, examples }) => {
    // TensorFlow takes numbers below the smallest of full precision for 0.
    const value = fc.float({ min: -7, max: 7, noNaN: true }).map((z) => (Math.abs(z) < 1e-30 ? 0 : z));
    const row = fc.array(value, { minLength: examples, maxLength: examples });
    const network = fc.array(row, { minLength: units, maxLength: units });
    return fc.record({
      z: fc.tuple(network, network),
      activation: fc.constantFrom(...activationNames),
      unitsFirst: fc.boolean(),
    });
  });

/** The tensor of these networks in either order of axes. */
const placed = (values: readonly number[][][], unitsFirst: boolean): tf.Tensor =>
  unitsFirst ? tf.tensor3d([...values]) : tf.tensor3d([...values]).transpose([0, 2, 1]);

test("statistics are those of plain sums, network by network, in either order of axes", () => {
  fc.assert(
    fc.property(networks, ({ z, activation, unitsFirst }) => {
      const { output, derivative, steepest } = activations[activation];
      const a = z.map((network) => network.map((row) => row.map(output)));
      const signal = {
        name: "layer",
        units: z[0].length,
        activation,
        unitsFirst,
        z: placed(z, unitsFirst),
        a: placed(a, unitsFirst),
      };
      const actual = activationStatistics([signal]).arraySync() as number[][][];
      z.forEach((network, n) => {
        const slopes = network.flat().map((value) => Math.abs(derivative(value)));
        const dead = network.filter((row) => row.every((value) => derivative(value) === 0));
        const expected = [
          ...moments(network.flat()),
          ...moments(a[n]!.flat()),
          slopes.filter((slope) => slope < SATURATION_LIMIT * steepest).length,
          dead.length,
          slopes.length,
        ];
        expected.forEach((value, i) => {
          const own = actual[i]![n]![0]!;
          assert.ok(Math.abs(own - value) < 2e-5, `${activation}, statistic ${i}: ${own}, not ${value}`);
        });
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

const signalOf = (z: tf.Tensor, activation = "linear") => ({
  name: "layer",
  units: 1,
  activation,
  unitsFirst: false,
  z,
  a: z,
});

test("a spread that is tiny beside the mean is not lost", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => 1 + (i % 2) * 2 ** -20);
  const z = tf.tensor3d(values, [1, 100, 10]);
  const [mean, std] = activationStatistics([signalOf(z)]).dataSync<"float32">();
  assert.ok(Math.abs(mean! - 1 - 2 ** -21) < 1.2e-7, `mean is ${mean}`);
  assert.ok(Math.abs(std! / 2 ** -21 - 1) < 1e-6, `std is ${std}`);
});

test("sizes of factors are right where their squares are below what float32 holds", () => {
  const delta = tf.tensor3d([3e-30, -4e-30, 0, 0, 1e10, -1e10, 1e10, -1e10], [2, 4, 1]);
  const input = tf.tensor3d([1, -1, 2, -2], [1, 4, 1]);
  const rows = factorStatistics([{ ...signalOf(delta), input, delta }])
    .squeeze([2])
    .arraySync() as number[][];
  const expected = [
    [1.5, 1.5],
    [Math.sqrt(2.5), Math.sqrt(2.5)],
    [1.75e-30, 1e10],
    [2.5e-30, 1e10],
  ];
  expected.forEach((row, i) => {
    row.forEach((value, n) => {
      assert.ok(Math.abs(rows[i]![n]! / value - 1) < 1e-5, `row ${i}: ${rows[i]![n]}, not ${value}`);
    });
  });
});

test("layers of one shape, of several shapes and very large ones keep their places", () => {
  const sizes = [3, 3, 3, 5, 3, 40_000, 40_000];
  const signals = sizes.map((units, l) => {
    // Network n of layer l holds 10 l + n alone.
    const z = tf.stack([tf.fill([units, 2], 10 * l), tf.fill([units, 2], 10 * l + 1)]);
    const input = l === 0 ? tf.fill([1, 4, 2], -7) : z;
    return { ...signalOf(z), unitsFirst: true, input, delta: z.neg() };
  });
  const [means] = activationStatistics(signals).arraySync() as number[][][];
  const [inputs, , deltas] = factorStatistics(signals).arraySync() as number[][][];
  for (const n of [0, 1]) {
    const expected = sizes.map((_, l) => 10 * l + n);
    assert.deepEqual(means![n], expected);
    assert.deepEqual(deltas![n], expected);
    assert.deepEqual(inputs![n], [7, ...expected.slice(1)]);
  }
});

test("a layer's saturation and dead units are NaN for a function that is not in the table", () => {
  const rows = [...activationStatistics([signalOf(tf.ones([1, 2, 3]), "softmax")]).dataSync<"float32">()];
  assert.deepEqual(rows.slice(4), [NaN, NaN, 6]);
});

test("a layer with a number that is not finite is named, in its own network", () => {
  const good = signalOf(tf.ones([2, 2, 1]));
  const bad = signalOf(tf.tensor3d([1, Infinity, 1, 1], [2, 2, 1]));
  const worse = signalOf(tf.tensor3d([1, 1, 1, NaN], [2, 2, 1]));
  assert.deepEqual(finiteLayers([good, bad, worse]).arraySync(), [
    [1, 0, 1],
    [1, 1, 0],
  ]);
});

function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return [mean, Math.sqrt(variance)];
}
