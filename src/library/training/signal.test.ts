import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { activationNames, activations } from "../models/activations.js";
import { contains, SATURATION_LIMIT, slopeRegions } from "../models/slopes.js";
import { statisticsOf } from "./signal.js";

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

const lists = fc
  .record({ units: fc.integer({ min: 1, max: 5 }), examples: fc.integer({ min: 1, max: 7 }) })
  .chain(({ units, examples }) =>
    fc.record({
      units: fc.constant(units),
      examples: fc.constant(examples),
      z: fc.array(fc.float({ min: -7, max: 7, noNaN: true }), {
        minLength: units * examples,
        maxLength: units * examples,
      }),
      offset: fc.integer({ min: 0, max: 3 }),
      activation: fc.constantFrom(...activationNames),
    }),
  );

test("statistics are those of plain sums, in either order and wherever the numbers stand", () => {
  fc.assert(
    fc.property(lists, ({ units, examples, z, offset, activation }) => {
      const { output, derivative, steepest } = activations[activation];
      const at = (unit: number, example: number): number => z[unit * examples + example]!;
      const a = z.map(output);
      const slopes = z.map((value) => Math.abs(derivative(value)));
      const deadUnits = Array.from({ length: units }, (_, unit) =>
        Array.from({ length: examples }, (_, example) => derivative(at(unit, example))).every(
          (slope) => slope === 0,
        ),
      );
      const expected = [
        ...moments(z),
        ...moments(a),
        slopes.filter((slope) => slope < SATURATION_LIMIT * steepest).length / z.length,
        deadUnits.filter(Boolean).length / units,
      ];
      for (const unitByUnit of [true, false]) {
        const order = Array.from({ length: z.length }, (_, i) =>
          unitByUnit ? i : (i % units) * examples + Math.floor(i / units),
        );
        const placed = (values: readonly number[]): Float32Array =>
          Float32Array.from([...Array<number>(offset).fill(99), ...order.map((i) => values[i]!), 99]);
        const place = { start: offset, units, examples, unitByUnit };
        const actual = statisticsOf(activation, placed(z), placed(a), place);
        actual.forEach((value, i) => {
          assert.ok(Math.abs(value - expected[i]!) < 1e-5, `statistic ${i}: ${value}, not ${expected[i]}`);
        });
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a spread that is tiny beside the mean is not lost", () => {
  const z = Float32Array.from({ length: 1000 }, (_, i) => 1 + (i % 2) * 2 ** -20);
  const [mean, std] = statisticsOf("linear", z, z, { start: 0, units: 10, examples: 100, unitByUnit: true });
  assert.equal(mean, 1 + 2 ** -21);
  assert.ok(Math.abs(std / 2 ** -21 - 1) < 1e-9, `std is ${std}`);
});

function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return [mean, Math.sqrt(variance)];
}
