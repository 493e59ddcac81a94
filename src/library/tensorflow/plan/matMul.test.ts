import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { makeMatMul } from "./matMul.js";
import { room } from "./memory.js";

const EPSILON = 2 ** -24;

test("products are right to what float32 allows for sums of so many terms, and nothing beyond them is written", () => {
  const length = fc.integer({ min: 1, max: 23 });
  const long = fc.integer({ min: 1, max: 70 });
  const cases = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    length,
    long,
    length,
    fc.boolean(),
    fc.boolean(),
    fc.nat(),
  );
  fc.assert(
    fc.property(cases, ([batch, m, k, n, isTransposed, isShared, seed]) => {
      const numbers = (count: number, phase: number): Float32Array =>
        Float32Array.from({ length: count }, (_, i) => Math.sin(seed + phase + 7.3 * i));
      const [left, right] = [numbers(batch * m * k, 0), numbers((isShared ? 1 : batch) * k * n, 1)];
      const counts = [batch * m * n + 4, left.length, right.length];
      const [o, a, b] = counts.map((count) => room.take(count)) as [number, number, number];
      room.write(a, "float32", left);
      room.write(b, "float32", right);
      room.view(o, "float32", counts[0]!).fill(-99);
      const [aRow, aColumn] = isTransposed ? [1, m] : [k, 1];
      const distances = { aBatch: m * k, bBatch: isShared ? 0 : k * n, aRow, aColumn, bRow: n };
      makeMatMul({ batch, m, k, n, ...distances }, o, a, b)();
      const result = [...room.read(o, { dtype: "float32", shape: [counts[0]!] })];
      [o, a, b].forEach((address, i) => {
        room.give(address, counts[i]!);
      });
      assert.deepEqual(result.splice(-4), [-99, -99, -99, -99]);
      result.forEach((value, at) => {
        const [t, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
        const terms = Array.from(
          { length: k },
          (_, p) =>
            left[t * m * k + i * aRow + p * aColumn]! * right[(isShared ? 0 : t * k * n) + p * n + j]!,
        );
        const sum = terms.reduce((all, one) => all + one, 0);
        // The bound for sums of so many products, each by itself and then all of them (Higham 2002, section 3.1).
        const bound =
          (Math.min(k, 16) + Math.ceil(k / 16) + 1) *
          EPSILON *
          terms.reduce((all, one) => all + Math.abs(one), 0);
        assert.ok(Math.abs(value - sum) <= bound, `${value}, not ${sum}`);
      });
    }),
    { numRuns: 300 },
  );
});
