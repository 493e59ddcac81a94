import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { compileGraph } from "../tensorflow/compileGraph.js";
import { tf } from "../tensorflow/tf.js";
import { type FloatFormatName, floatFormatNames, floatFormats, roundTo, spacing } from "./floatFormats.js";
import { roundTensor } from "./roundTensor.js";

const bytes = new DataView(new ArrayBuffer(4));

/** The float32 number with these bits. */
function float32(bits: number): number {
  bytes.setUint32(0, bits);
  return bytes.getFloat32(0);
}

/** The number that 16 bits are in float16, as IEEE 754 defines it. */
function float16(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** All numbers of a format of 16 bits from 0 up, without the infinite one, in their order. */
const numbersOf = (name: FloatFormatName): number[] =>
  Array.from({ length: name === "float16" ? 0x7c00 : 0x7f80 }, (_, bits) =>
    name === "float16" ? float16(bits) : float32(bits * 2 ** 16),
  );

for (const name of ["float16", "bfloat16"] as const) {
  test(`${name}: its numbers stay, and what lies between two goes to the nearer one, halves to the even one`, () => {
    const numbers = numbersOf(name);
    numbers.slice(1).forEach((number, i) => {
      const before = numbers[i]!;
      const half = (before + number) / 2;
      assert.equal(roundTo(number, name), number);
      // Entry i has the bits i: the even one of two neighbors is that of the even place.
      assert.equal(roundTo(-half, name), i % 2 === 0 ? -before : -number);
      assert.equal(roundTo(half - (number - before) / 8, name), before);
      assert.equal(roundTo(half + (number - before) / 8, name), number);
      assert.equal(spacing(before, name), number - before);
    });
    const { largest, smallest } = floatFormats[name];
    assert.deepEqual([largest, smallest], [numbers.at(-1), numbers[1]]);
    assert.equal(roundTo(largest + spacing(largest, name) / 2, name), Infinity);
    assert.equal(roundTo(largest + spacing(largest, name) / 4, name), largest);
  });
}

test("float32 is what Math.fround rounds to", () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.equal(roundTo(value, "float32"), Math.fround(value));
    }),
    { numRuns: 2000 },
  );
});

test("published numbers: the largest and smallest of float16, the steps at 1", () => {
  assert.deepEqual([floatFormats.float16.largest, floatFormats.float16.smallest], [65504, 2 ** -24]);
  assert.deepEqual(
    floatFormatNames.map((name) => spacing(1, name)),
    [2 ** -23, 2 ** -10, 2 ** -7],
  );
  assert.equal(floatFormats.float32.largest, 3.4028234663852886e38);
});

for (const name of floatFormatNames) {
  test(`a tensor is rounded to ${name} as its numbers are, in a graph too`, () => {
    // Numbers, halves between them, and what lies next to both, in float32; NaN and what is not finite.
    const half = name === "bfloat16" ? 2 ** 15 : 2 ** 12;
    const values = Array.from({ length: 60_000 }, (_, i) => {
      const bits = ((i * 71_993) % 2 ** 19) * 2 ** 13;
      return [0, half, half - 1, half + 1].map((more) => float32((bits + more) % 2 ** 32));
    }).flat();
    const edges = [65504, 65519, 65520, -65520, 3.39e38, -3.4e38, 2 ** -24, 2 ** -25, 1.5 * 2 ** -25];
    // TensorFlow takes numbers below 2 ** -126 for 0.
    const all = [...values, ...edges].filter((value) => Number.isNaN(value) || Math.abs(value) >= 2 ** -126);
    const x = tf.tensor1d([...all, 0, Infinity, -Infinity]);
    const expected = [...all, 0, Infinity, -Infinity].map((value) => roundTo(value, name));
    const compiled = compileGraph<"rounded">(([input]) => ({ rounded: () => roundTensor(input!, name) }), {
      isPure: true,
      isWorthwhile: () => true,
    });
    const wrong = (numbers: ArrayLike<number>): unknown[] =>
      expected
        .map((value, i) => [all[i], numbers[i], value])
        .filter(([, got, value]) => !Object.is(got, value) && got !== value)
        .slice(0, 5);
    assert.deepEqual(wrong(tf.tidy(() => roundTensor(x, name).dataSync())), []);
    for (let run = 0; run < 2; run++) {
      const { rounded } = compiled.run([x], ["rounded"]);
      assert.deepEqual(wrong(rounded.dataSync()), []);
      rounded.dispose();
    }
    assert.equal(compiled.engine.mode, "graph");
    compiled.dispose();
    x.dispose();
  });
}

test("an unknown format is named, with those that there are", () => {
  assert.throws(
    () => roundTo(1, "float8" as FloatFormatName),
    /format.*"float8".*"float32", "float16", "bfloat16"/,
  );
});
