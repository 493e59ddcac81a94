/**
 * Functions of four numbers at a time, to float32's precision (about one unit in the last place), down to the smallest numbers
 * that float32 has. Their series are Taylor's, over ranges so small that the first left out term is below the last digit.
 */
import type { Code, Local } from "./code.js";

/** `coefficients[0] + x (coefficients[1] + x (...))`. */
function polynomial(c: Code, x: Local, coefficients: readonly number[]): Local {
  return coefficients
    .slice(0, -1)
    .reduceRight(
      (sum, one) => c.op("f32x4.add", [c.op("f32x4.mul", [sum, x]), c.f32x4(one)]),
      c.f32x4(coefficients.at(-1)!),
    );
}

/** ln 2 in two parts, of which the first times a whole number is exact. */
const LN2 = [0.693359375, Math.LN2 - 0.693359375] as const;
/** Of (exp(r) - 1) / r for |r| up to ln(2) / 2. */
const EXPM1 = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040];

/** exp(x) as 2^n (1 + rest): from -1/3 to 1/2 is the rest, and it is exact to its own last digit. */
function exponential(c: Code, x: Local): { n: Local; rest: Local } {
  const n = c.op("f32x4.nearest", [c.op("f32x4.mul", [x, c.f32x4(Math.LOG2E)])]);
  const r = LN2.reduce((rest, part) => c.op("f32x4.sub", [rest, c.op("f32x4.mul", [n, c.f32x4(part)])]), x);
  return { n: c.op("i32x4.trunc_sat_f32x4_s", [n]), rest: c.op("f32x4.mul", [r, polynomial(c, r, EXPM1)]) };
}

/** 2^n for n from -126 to 127. */
const powerOf2 = (c: Code, n: Local): Local =>
  c.op("i32x4.shl", [c.op("i32x4.add", [n, c.i32x4(127)]), c.i32(23)]);

const clamp = (c: Code, x: Local, from: number, to: number): Local =>
  c.op("f32x4.min", [c.op("f32x4.max", [x, c.f32x4(from)]), c.f32x4(to)]);

/** `yes` where the mask is set, `no` where it is not. */
export const select = (c: Code, mask: Local, yes: Local, no: Local): Local =>
  c.op("v128.bitselect", [yes, no, mask]);

export function exp(c: Code, x: Local): Local {
  const { n, rest } = exponential(c, clamp(c, x, -104, 89));
  // In two steps, as 2^n alone may be no number of float32 where the result is one.
  const half = c.op("i32x4.shr_s", [n, c.i32(1)]);
  const first = c.op("f32x4.mul", [c.op("f32x4.add", [rest, c.f32x4(1)]), powerOf2(c, half)]);
  return c.op("f32x4.mul", [first, powerOf2(c, c.op("i32x4.sub", [n, half]))]);
}

/** exp(x) - 1, from -64 to 64; beyond, as if it were there. */
function expm1Within(c: Code, x: Local): Local {
  const { n, rest } = exponential(c, clamp(c, x, -64, 64));
  const scale = powerOf2(c, n);
  return c.op("f32x4.add", [c.op("f32x4.mul", [rest, scale]), c.op("f32x4.sub", [scale, c.f32x4(1)])]);
}

export function expm1(c: Code, x: Local): Local {
  const isLarge = c.op("f32x4.gt", [x, c.f32x4(60)]);
  return select(c, isLarge, exp(c, x), expm1Within(c, x));
}

/** By exp(2 |x|) - 1. */
export function tanh(c: Code, x: Local): Local {
  const size = c.op("f32x4.abs", [x]);
  const t = expm1Within(c, c.op("f32x4.add", [size, size]));
  const ratio = c.op("f32x4.div", [t, c.op("f32x4.add", [t, c.f32x4(2)])]);
  return select(c, c.i32x4(-0x80000000), x, ratio);
}

/** By exp(-|x|), which does not grow too large. */
export function sigmoid(c: Code, x: Local): Local {
  const e = exp(c, c.op("f32x4.neg", [c.op("f32x4.abs", [x])]));
  const share = c.op("f32x4.div", [c.f32x4(1), c.op("f32x4.add", [e, c.f32x4(1)])]);
  return select(c, c.op("f32x4.ge", [x, c.f32x4(0)]), share, c.op("f32x4.mul", [e, share]));
}

const SMALLEST_NORMAL = 2 ** -126;
/** Of atanh(f) / f by f squared, for |f| up to 3 - sqrt(8). */
const ATANH = [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9];

export function log(c: Code, x: Local): Local {
  // Below the smallest normal number digits are missing: a power of 2 brings them back.
  const isTiny = c.op("f32x4.lt", [x, c.f32x4(SMALLEST_NORMAL)]);
  const scaled = select(c, isTiny, c.op("f32x4.mul", [x, c.f32x4(2 ** 25)]), x);
  const digits = c.op("v128.or", [c.op("v128.and", [scaled, c.i32x4(0x7fffff)]), c.i32x4(0x3f800000)]);
  const isHigh = c.op("f32x4.gt", [digits, c.f32x4(Math.SQRT2)]);
  const m = select(c, isHigh, c.op("f32x4.mul", [digits, c.f32x4(0.5)]), digits);
  const exponent = c.op("i32x4.sub", [
    c.op("i32x4.sub", [c.op("i32x4.shr_s", [scaled, c.i32(23)]), isHigh]),
    select(c, isTiny, c.i32x4(127 + 25), c.i32x4(127)),
  ]);
  const n = c.op("f32x4.convert_i32x4_s", [exponent]);
  const f = c.op("f32x4.div", [c.op("f32x4.sub", [m, c.f32x4(1)]), c.op("f32x4.add", [m, c.f32x4(1)])]);
  const series = polynomial(c, c.op("f32x4.mul", [f, f]), ATANH);
  const ofDigits = c.op("f32x4.mul", [c.op("f32x4.add", [f, f]), series]);
  const low = c.op("f32x4.add", [ofDigits, c.op("f32x4.mul", [n, c.f32x4(LN2[1])])]);
  const value = c.op("f32x4.add", [low, c.op("f32x4.mul", [n, c.f32x4(LN2[0])])]);
  // Infinity and what is no number stay; 0 and what is below it have no logarithm.
  const isLast = c.op("f32x4.eq", [x, c.f32x4(Infinity)]);
  const isPositive = c.op("f32x4.gt", [x, c.f32x4(0)]);
  const isZero = c.op("f32x4.eq", [x, c.f32x4(0)]);
  const otherwise = select(c, isZero, c.f32x4(-Infinity), c.f32x4(NaN));
  return select(c, isLast, x, select(c, isPositive, value, otherwise));
}

/** By log(1 + x), and what rounding 1 + x took away. */
export function log1p(c: Code, x: Local): Local {
  const u = c.op("f32x4.add", [x, c.f32x4(1)]);
  const added = c.op("f32x4.sub", [u, c.f32x4(1)]);
  const value = log(c, u);
  const lost = c.op("f32x4.div", [c.op("f32x4.sub", [x, added]), u]);
  // Where nothing was lost, infinity for one, the difference may be no number.
  return select(c, c.op("f32x4.eq", [added, x]), value, c.op("f32x4.add", [value, lost]));
}

/** log(1 + exp(x)), by exp(-|x|). */
export function softplus(c: Code, x: Local): Local {
  const e = exp(c, c.op("f32x4.neg", [c.op("f32x4.abs", [x])]));
  return c.op("f32x4.add", [c.op("f32x4.max", [x, c.f32x4(0)]), log1p(c, e)]);
}

/** Abramowitz and Stegun's formula 7.1.26, as the CPU backend of TensorFlow.js has it. */
const ERF = [0, 0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];

export function erf(c: Code, x: Local): Local {
  const size = c.op("f32x4.abs", [x]);
  const slope = c.op("f32x4.mul", [size, c.f32x4(0.3275911)]);
  const t = c.op("f32x4.div", [c.f32x4(1), c.op("f32x4.add", [slope, c.f32x4(1)])]);
  const e = exp(c, c.op("f32x4.neg", [c.op("f32x4.mul", [x, x])]));
  const rest = c.op("f32x4.mul", [polynomial(c, t, ERF), e]);
  return select(c, c.i32x4(-0x80000000), x, c.op("f32x4.sub", [c.f32x4(1), rest]));
}
