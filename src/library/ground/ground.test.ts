import assert from "node:assert/strict";
import test from "node:test";
import { percent, quote, short } from "./format.js";
import { fail, keysOf, requireKnownKeys, requireList } from "./validation.js";

test("quote() gives values in one line, as a reader would write them", () => {
  const cases: readonly (readonly [value: unknown, text: string])[] = [
    [1.5, "1.5"],
    [-0, "0"],
    [NaN, "NaN"],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    ["tanh", '"tanh"'],
    [[1, "a", [2]], '[1, "a", [2]]'],
    [new Float32Array([0.5, 2]), "[0.5, 2]"],
    [{ seed: 1, of: { a: [1] } }, "{ seed: 1, of: { a: [...] } }"],
    [{}, "{}"],
    [new Map(), "a Map"],
    [Object.create(null), "{}"],
    [Math.abs, "function abs"],
    [Symbol("s"), "Symbol(s)"],
  ];
  for (const [value, text] of cases) {
    assert.equal(quote(value), text);
  }
});

test("quote() says where a list has a hole", () => {
  assert.equal(quote([1, , 3]), "[1, a hole, 3]");
});

test("quote() cuts what is long", () => {
  const long: readonly unknown[] = [
    Array(10_000).fill(1),
    "x".repeat(60_000),
    new Float32Array(5000),
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, i])),
    Array(9).fill("y".repeat(5000)),
  ];
  for (const value of long) {
    assert.ok(quote(value).length <= 110, `${quote(value).length} characters`);
  }
  assert.equal(quote(Array(2000).fill(1)), "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ... 2000 in all]");
});

test("an error quotes the value and what is allowed, and is short however long the value is", () => {
  assert.throws(
    () => fail("buildMlp", "width", "x".repeat(53_355), "a whole number"),
    (error: Error) => {
      assert.match(error.message, /^buildMlp\(\): width is "xxx.* \.\.\.; it must be a whole number$/);
      return error.message.length < 200;
    },
  );
});

test("requireKnownKeys() refuses a key that is not known, and what is no object of options", () => {
  requireKnownKeys("f", "options", { seed: 1 }, keysOf<{ seed: number }>({ seed: true }));
  assert.throws(() => {
    requireKnownKeys("f", "options", { sed: 1 }, ["seed"]);
  }, /^RangeError: f\(\): options has no option "sed"; it has seed$/);
  for (const value of [3, null, "at", [1]]) {
    assert.throws(() => {
      requireKnownKeys("f", "options", value, ["seed"]);
    }, /^RangeError: f\(\): options is .*; it must be an object$/);
  }
});

test("requireList() refuses what is no list, one that is too short, and one with a hole", () => {
  assert.deepEqual(requireList("f", "seeds", [1, 2], "seeds", 1), [1, 2]);
  assert.throws(
    () => requireList("f", "seeds", [], "seeds", 1),
    /^RangeError: f\(\): seeds is \[\]; it must be a list of at least 1 seeds$/,
  );
  assert.throws(
    () => requireList("f", "seeds", 3 as never, "seeds"),
    /seeds is 3; it must be a list of seeds/,
  );
  const sparse = [1, , 3] as number[];
  assert.throws(
    () => requireList("f", "seeds", sparse, "seeds"),
    /^RangeError: f\(\): seeds has a hole at place 1; /,
  );
});

test("short() and percent() give numbers as a reader wants them", () => {
  assert.deepEqual([0, 1234567, 0.123456, 1e-5, 1e6 + 0.5, NaN].map(short), [
    "0",
    "1234567",
    "0.123",
    "1.0e-5",
    "1.0e+6",
    "NaN",
  ]);
  assert.equal(percent(0.125), "12.5 %");
});
