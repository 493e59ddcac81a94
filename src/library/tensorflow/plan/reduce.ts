import { makeLoop } from "./loops.js";
import { type Numbers, sizeOf } from "./value.js";
import { stridesOf, whole } from "./walk.js";

/** How numbers become one: where it starts, and what each adds to it. */
interface Reduction {
  readonly start: number;
  readonly statement: string;
  /** Whether the sum is over all numbers divided by how many there are. */
  readonly isMean?: boolean;
}

/** To add a reduction, add an entry. */
export const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  All: { start: 1, statement: "o = o && a ? 1 : 0;" },
  Any: { start: 0, statement: "o = o || a ? 1 : 0;" },
  // What is no number stays none.
  Max: { start: -Infinity, statement: "o = a > o || a !== a ? a : o;" },
  Mean: { start: 0, statement: "o += a;", isMean: true },
  Min: { start: Infinity, statement: "o = a < o || a !== a ? a : o;" },
  Prod: { start: 1, statement: "o *= a;" },
  Sum: { start: 0, statement: "o += a;" },
};

/** The axes that an operation names: a number, a list, or none for all. */
export function axesOf(axis: unknown, rank: number): number[] {
  const axes =
    axis === undefined || axis === null ? Array.from({ length: rank }, (_, i) => i) : [axis].flat();
  return (axes as number[]).map((one) => (one < 0 ? one + rank : one));
}

/** Reduces numbers along axes, in double precision. */
export function makeReduction(
  name: string,
  axis: unknown,
  shape: readonly number[],
  o: Numbers,
  a: Numbers,
): () => void {
  const { start, statement, isMean = false } = REDUCTIONS[name]!;
  const axes = new Set(axesOf(axis, shape.length));
  const kept = shape.map((length, i) => (axes.has(i) ? 1 : length));
  const strides = stridesOf(kept).map((stride, i) => (axes.has(i) ? 0 : stride));
  const sums = new Float64Array(sizeOf(kept));
  const walk = { lengths: shape, operands: [{ offset: 0, strides }, whole(shape)] };
  const add = makeLoop({ statement, accumulates: true }, walk, [sums, a]);
  const share = isMean ? sizeOf(kept) / sizeOf(shape) : 1;
  return () => {
    sums.fill(start);
    add();
    for (let i = 0; i < sums.length; i++) {
      o[i] = sums[i]! * share;
    }
  };
}

/** The place of the largest number along an axis, or with `isMin` of the smallest. */
export function makeArg(
  isMin: boolean,
  axis: number,
  shape: readonly number[],
  o: Numbers,
  a: Numbers,
): () => void {
  const at = axis < 0 ? axis + shape.length : axis;
  const [outer, length, inner] = [sizeOf(shape.slice(0, at)), shape[at]!, sizeOf(shape.slice(at + 1))];
  const sign = isMin ? -1 : 1;
  return () => {
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        const first = i * length * inner + j;
        let best = 0;
        for (let k = 1; k < length; k++) {
          if (sign * a[first + k * inner]! > sign * a[first + best * inner]!) {
            best = k;
          }
        }
        o[i * inner + j] = best;
      }
    }
  };
}
