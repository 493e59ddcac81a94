/** Functions of four numbers at a time, against JavaScript's own, over everything that float32 has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLoop } from "./loops.js";
import { room } from "./memory.js";
import { erf, exp, expm1, log, log1p, sigmoid, softplus, tanh } from "./vectorMath.js";
import { whole } from "./walk.js";
import type { Code, Local } from "./code.js";

/** Every 8191st number of float32, of both signs, and those on the edge. */
const NUMBERS = Float32Array.from([
  ...new Float32Array(Uint32Array.from({ length: 524351 }, (_, i) => 8191 * i).buffer),
  ...[0, -0, Infinity, -Infinity, NaN, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 88.72284, -103.97, 3.4e38],
]);

function applied(work: (c: Code, x: Local) => Local, numbers: Float32Array): Float32Array {
  const shape = [numbers.length];
  const [a, o] = [room.take(numbers.length), room.take(numbers.length)];
  room.write(a, "float32", numbers);
  const body = { name: `test of ${work.name}`, write: (c: Code, [x]: readonly Local[]) => work(c, x!) };
  makeLoop(body, { lengths: shape, operands: [whole(shape), whole(shape)] }, [o, a])();
  const result = room.read(o, { dtype: "float32", shape }) as Float32Array;
  [a, o].forEach((address) => {
    room.give(address, numbers.length);
  });
  return result;
}

/** Distance of two numbers of float32 next to each other there. */
const unit = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

/** Ours, JavaScript's, and how many units in the last place they may differ: where two functions follow each other, one more. */
const FUNCTIONS: [(c: Code, x: Local) => Local, (x: number) => number, number][] = [
  [exp, Math.exp, 3],
  [expm1, Math.expm1, 3],
  [log, Math.log, 3],
  [log1p, Math.log1p, 3],
  [tanh, Math.tanh, 3],
  // Below -709 Math.exp alone would be too large, and the share none of float32.
  [sigmoid, (x) => 1 / (1 + Math.exp(-x)), 3],
  [softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 4],
];

for (const [ours, exact, units] of FUNCTIONS) {
  test(`${ours.name} is right to ${units} units in the last place, for every kind of number`, () => {
    const results = applied(ours, NUMBERS);
    NUMBERS.forEach((x, i) => {
      const [result, expected] = [results[i]!, exact(x)];
      const isClose =
        Object.is(result, Math.fround(expected)) || Math.abs(result - expected) <= units * unit(expected);
      assert.ok(isClose, `${ours.name}(${x}) is ${result}, not ${expected}`);
    });
  });
}

test("erf is as right as its formula, 1.5e-7, and float32's digits allow", () => {
  // By its series, which is good up to 3.
  const exact = (x: number): number => {
    let [term, sum] = [x, x];
    for (let n = 1; n < 80; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  const numbers = Float32Array.from({ length: 6001 }, (_, i) => (i - 3000) / 1000);
  applied(erf, numbers).forEach((result, i) => {
    assert.ok(Math.abs(result - exact(numbers[i]!)) < 5e-7, `erf(${numbers[i]!}) is ${result}`);
  });
  assert.deepEqual(
    [...applied(erf, Float32Array.of(10, -10, Infinity, -Infinity, NaN))],
    [1, -1, 1, -1, NaN],
  );
});
