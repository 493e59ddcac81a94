import type { Local } from "./code.js";
import type { Instruction } from "./instructions.js";
import { kernel, type Work } from "./kernel.js";
import { kindOf, levels, nest } from "./loops.js";
import { room } from "./memory.js";
import { type NumberType, sizeOf } from "./value.js";
import { stridesOf, whole } from "./walk.js";

/** How numbers become one: where it starts, and what takes each in. */
interface Reduction {
  readonly start: number;
  readonly instruction: Instruction;
  /** Whether the sum is over all numbers divided by how many there are. */
  readonly isMean?: boolean;
}

/** To add a reduction, add an entry. What is no number stays none. */
export const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  All: { start: 1, instruction: "f64.min" },
  Any: { start: 0, instruction: "f64.max" },
  Max: { start: -Infinity, instruction: "f64.max" },
  Mean: { start: 0, instruction: "f64.add", isMean: true },
  Min: { start: Infinity, instruction: "f64.min" },
  Prod: { start: 1, instruction: "f64.mul" },
  Sum: { start: 0, instruction: "f64.add" },
};

/** The axes that an operation names: a number, a list, or none for all. */
export function axesOf(axis: unknown, rank: number): number[] {
  const axes =
    axis === undefined || axis === null ? Array.from({ length: rank }, (_, i) => i) : [axis].flat();
  return (axes as number[]).map((one) => (one < 0 ? one + rank : one));
}

const DOUBLE = 8;
const FLOAT = 4;

/** Reduces numbers along axes, in double precision. `sums` is room for as many doubles as there are results. */
export function makeReduction(
  name: string,
  axis: unknown,
  shape: readonly number[],
  [inputType, outputType]: readonly [NumberType, NumberType],
  { o, a, sums }: { readonly o: number; readonly a: number; readonly sums: number },
): Work {
  const { start, instruction, isMean = false } = REDUCTIONS[name]!;
  const axes = new Set(axesOf(axis, shape.length));
  const kept = shape.map((length, i) => (axes.has(i) ? 1 : length));
  const strides = stridesOf(kept).map((stride, i) => (axes.has(i) ? 0 : stride));
  const walk = { lengths: shape, operands: [{ offset: 0, strides }, whole(shape)] };
  const { outer, length, steps } = levels(walk, [DOUBLE, FLOAT]);
  const kinds = steps.map(kindOf);
  const count = sizeOf(kept);
  const distances = steps.map((step, i) => step * [DOUBLE, FLOAT][i]!);
  const share = isMean ? sizeOf(shape) / count : 1;
  const given = { sums, a, o, count, share, outer, length, distances };
  const isFloat = inputType === "float32";
  const key = `${name} ${inputType} ${outputType} ${outer.length} ${kinds.join()}`;
  return kernel(key, given, (c, p) => {
    const widen = (value: Local): Local =>
      c.op(isFloat ? "f64x2.promote_low_f32x4" : "f64x2.convert_low_i32x4_s", [value]);
    const upper = (value: Local): Local =>
      c.op("i8x16.shuffle", [value, value], ...Array.from({ length: 16 }, (_, i) => 8 + (i % 8)));
    const lane = (value: Local, at: number): Local => c.op("f64x2.extract_lane", [value], at);
    const next = (address: Local): Local => lane(widen(c.load("v128.load32_zero", address)), 0);

    const filled = c.variable(p.sums);
    c.repeat(p.count, () => {
      c.store("f64.store", filled, c.f64(start));
      c.move(filled, DOUBLE);
    });
    nest(c, p.outer, [p.sums, p.a], (addresses) => {
      const [sum, number] = addresses as [Local, Local];
      const [sumStep, step] = p.distances as [Local, Local];
      const isVector = instruction === "f64.add" && kinds[1] === "next" && kinds[0] !== "far";
      const fours = c.op("i32.shr_u", [p.length, c.i32(2)]);
      const rest = isVector ? c.op("i32.and", [p.length, c.i32(3)]) : p.length;
      if (kinds[0] === "same") {
        const total = c.variable(c.load("f64.load", sum));
        if (isVector) {
          const parts = [0, 1].map(() => c.variable(c.op("f64x2.splat", [c.f64(0)])));
          c.repeatAny(fours, () => {
            const value = c.load("v128.load", number);
            [value, upper(value)].forEach((half, i) => {
              c.assign(parts[i]!, c.op("f64x2.add", [parts[i]!, widen(half)]));
            });
            c.move(number, 4 * FLOAT);
          });
          const both = c.op("f64x2.add", parts);
          c.assign(
            total,
            [0, 1].reduce((all, i) => c.op("f64.add", [all, lane(both, i)]), total),
          );
        }
        c.repeatAny(rest, () => {
          c.assign(total, c.op(instruction, [total, next(number)]));
          c.move(number, step);
        });
        c.store("f64.store", sum, total);
        return;
      }
      if (isVector) {
        c.repeatAny(fours, () => {
          const value = c.load("v128.load", number);
          [value, upper(value)].forEach((half, i) => {
            const before = c.load("v128.load", sum, 2 * i * DOUBLE);
            c.store("v128.store", sum, c.op("f64x2.add", [before, widen(half)]), 2 * i * DOUBLE);
          });
          c.move(number, 4 * FLOAT);
          c.move(sum, 4 * DOUBLE);
        });
      }
      c.repeatAny(rest, () => {
        c.store("f64.store", sum, c.op(instruction, [c.load("f64.load", sum), next(number)]));
        c.move(number, step);
        c.move(sum, sumStep);
      });
    });
    const [done, written] = [c.variable(p.sums), c.variable(p.o)];
    const divisor = c.op("f64.convert_i32_s", [p.share]);
    c.repeat(p.count, () => {
      const value = c.op("f64x2.splat", [c.op("f64.div", [c.load("f64.load", done), divisor])]);
      const narrow = c.op(
        outputType === "float32" ? "f32x4.demote_f64x2_zero" : "i32x4.trunc_sat_f64x2_s_zero",
        [value],
      );
      c.store("v128.store32_lane", written, narrow, 0, 0);
      c.move(done, DOUBLE);
      c.move(written, FLOAT);
    });
  });
}

/** The place of the largest number along an axis, or with `isMin` of the smallest. */
export function makeArg(
  isMin: boolean,
  axis: number,
  shape: readonly number[],
  inputType: NumberType,
  o: number,
  a: number,
): Work {
  const at = axis < 0 ? axis + shape.length : axis;
  const [outer, length, inner] = [sizeOf(shape.slice(0, at)), shape[at]!, sizeOf(shape.slice(at + 1))];
  const sign = isMin ? -1 : 1;
  return () => {
    const numbers = room.view(a, inputType, sizeOf(shape));
    const places = room.view(o, "int32", outer * inner);
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        const first = i * length * inner + j;
        let best = 0;
        for (let k = 1; k < length; k++) {
          if (sign * numbers[first + k * inner]! > sign * numbers[first + best * inner]!) {
            best = k;
          }
        }
        places[i * inner + j] = best;
      }
    }
  };
}
