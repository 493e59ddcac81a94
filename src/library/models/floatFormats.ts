import { fail, requireOneOf } from "../ground/validation.js";

/** A format of binary floating-point numbers: one bit for the sign, some for the exponent, the rest for the significand. */
export interface FloatFormat {
  /** Bits of the significand, the leading one, which is not stored, included: two numbers from 1 to 2 are 2^(1 - bits) apart. */
  readonly significandBits: number;
  /** The power of 2 of the smallest number with all these bits. Below it numbers stay as far apart as they are there. */
  readonly smallestExponent: number;
  /** The largest number. From half a step above it on, all are Infinity. */
  readonly largest: number;
  /** The smallest number above 0. */
  readonly smallest: number;
}

const format = (significandBits: number, smallestExponent: number): FloatFormat => ({
  significandBits,
  smallestExponent,
  largest: (2 - 2 ** (1 - significandBits)) * 2 ** (1 - smallestExponent),
  smallest: 2 ** (smallestExponent - significandBits + 1),
});

/** float32 and float16 as IEEE 754 has them; bfloat16 is the upper half of a float32. To add one, add an entry. */
export const floatFormats = {
  float32: format(24, -126),
  float16: format(11, -14),
  bfloat16: format(8, -126),
} satisfies Record<string, FloatFormat>;

/** The name of a format. */
export type FloatFormatName = keyof typeof floatFormats;

/** All names of formats. */
export const floatFormatNames = Object.keys(floatFormats) as FloatFormatName[];

/**
 * How far a number of this size is from the next larger one, in a format.
 *
 * @example
 * spacing(1, "float16"); // 2 ** -10
 */
export function spacing(value: number, name: FloatFormatName): number {
  const { significandBits, smallestExponent } = formatOf("spacing", name);
  if (Number.isNaN(value)) {
    fail("spacing", "value", value, "a number");
  }
  return 2 ** (Math.max(exponentOf(Math.abs(value)), smallestExponent) - significandBits + 1);
}

/**
 * The number of a format that is nearest to a value; of two that are equally near, the one whose last bit is 0.
 *
 * @example
 * roundTo(2049, "float16"); // 2048: from 2048 on, every second whole number is one
 */
export function roundTo(value: number, name: FloatFormatName): number {
  const { largest } = formatOf("roundTo", name);
  if (!Number.isFinite(value) || value === 0) {
    return value;
  }
  const step = spacing(value, name);
  const steps = Math.abs(value) / step;
  const below = Math.floor(steps);
  const isUp = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
  const rounded = (below + (isUp ? 1 : 0)) * step;
  return Math.sign(value) * (rounded > largest ? Infinity : rounded);
}

function formatOf(owner: string, name: FloatFormatName): FloatFormat {
  return floatFormats[requireOneOf(owner, "format", name, floatFormatNames)];
}

/** The whole e with 2^e <= value < 2^(e + 1); of 0 it is lower than any. */
export function exponentOf(value: number): number {
  // log2 is rounded: next to a power of 2 it can be on the wrong side.
  const near = Math.floor(Math.log2(value));
  return value === 0 ? -Infinity : value < 2 ** near ? near - 1 : value >= 2 ** (near + 1) ? near + 1 : near;
}
