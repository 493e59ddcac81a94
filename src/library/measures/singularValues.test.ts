import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { singularValues } from "./singularValues.js";

// Not so small that their squares are 0.
const number = fc
  .double({ min: -10, max: 10, noNaN: true })
  .map((value) => (Math.abs(value) < 1e-100 ? 0 : value));
const near = (actual: number, expected: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} for ${expected}`,
  );
};

test("of two by two they are those of the closed formula", () => {
  fc.assert(
    fc.property(number, number, number, number, (a, b, c, d) => {
      const [largest, smallest] = singularValues([
        [a, b],
        [c, d],
      ]) as [number, number];
      near(largest ** 2 + smallest ** 2, a * a + b * b + c * c + d * d);
      near(largest * smallest, Math.abs(a * d - b * c));
      assert.ok(largest >= smallest);
    }),
  );
});

test("a matrix that is wide has as many as one that is high: those of its transpose", () => {
  const wide = [
    [1, 2, 3],
    [4, 5, 7],
  ];
  const high = [0, 1, 2].map((j) => wide.map((row) => row[j]!));
  singularValues(wide).forEach((value, i) => {
    near(value, singularValues(high)[i]!);
  });
});

test("what is no matrix is refused", () => {
  assert.throws(() => singularValues([]), /matrix/);
  assert.throws(() => singularValues([[1, 2], [3]]), /matrix\[1\]\.length is 1/);
  assert.throws(() => singularValues([[1, NaN]]), /matrix\[0\]\[1\] is NaN/);
});
