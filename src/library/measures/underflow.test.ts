import assert from "node:assert/strict";
import test from "node:test";
import { shareLost } from "./underflow.js";

test("the share lost is of the numbers that were not 0, up to half of the smallest number", () => {
  assert.equal(shareLost([1, 0, 1e-8, -1e-9], "float16"), 2 / 3);
  assert.equal(
    shareLost(Float32Array.of(2 ** -25, -(2 ** -25), 1.01 * 2 ** -25, 2 ** -24), "float16"),
    1 / 2,
  );
  assert.equal(shareLost([1e-30, 1e-8], "bfloat16"), 0);
  assert.ok(Number.isNaN(shareLost([0, 0], "float16")));
  assert.throws(() => shareLost([], "float16"), /values/);
});
