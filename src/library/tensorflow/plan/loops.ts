import type { Code, Local } from "./code.js";
import { kernel, type Work } from "./kernel.js";
import { simplified, type Walk } from "./walk.js";

/** What a loop does with each place of its walk: from the numbers that are read, the one that is written. */
export interface LoopBody {
  /** Tells it from all others. */
  readonly name: string;
  readonly write: (c: Code, inputs: readonly Local[]) => Local;
}

/** Bytes of a number. */
const BYTES = 4;
/** Numbers that are worked on at a time. */
const LANES = 4;

/** Copies numbers of any type. */
export const COPY: LoopBody = { name: "copy", write: (_, [a]) => a! };

/**
 * The levels of a nest of loops but the innermost, and addresses that move along with them.
 *
 * @param outer of each level, how many times, and how far each address moves, in bytes: see `levels`
 */
export function nest(
  c: Code,
  outer: readonly Local[],
  addresses: readonly Local[],
  inner: (addresses: readonly Local[]) => void,
): void {
  const own = addresses.map((address) => c.variable(address));
  const [count, ...rest] = outer;
  if (!count) {
    inner(own);
    return;
  }
  c.repeat(count, () => {
    nest(c, rest.slice(own.length), own, inner);
    own.forEach((address, i) => {
      c.move(address, rest[i]!);
    });
  });
}

/** A walk with one level at least, the innermost one apart. Numbers have 4 bytes where nothing else is said. */
export function levels(
  walk: Walk,
  bytes: readonly number[] = [],
): { outer: number[]; length: number; steps: number[] } {
  const { lengths, operands } = simplified(walk);
  const depth = Math.max(0, lengths.length - 1);
  return {
    outer: lengths
      .slice(0, depth)
      .flatMap((length, level) => [
        length,
        ...operands.map(({ strides }, i) => strides[level]! * (bytes[i] ?? BYTES)),
      ]),
    length: lengths[depth] ?? 1,
    steps: operands.map(({ strides }) => strides[depth] ?? 1),
  };
}

/** How far the numbers of an innermost loop lie from each other: one place, none, or another number of places. */
export const kindOf = (step: number): "next" | "same" | "far" =>
  step === 1 ? "next" : step === 0 ? "same" : "far";

/** A loop over a walk through arrays, by their addresses. The first array is what is written. */
export function makeLoop({ name, write }: LoopBody, walk: Walk, addresses: readonly number[]): Work {
  if (walk.lengths.includes(0)) {
    return () => undefined;
  }
  const { outer, length, steps } = levels(walk);
  const kinds = steps.map(kindOf);
  const starts = walk.operands.map(({ offset }, i) => addresses[i]! + offset * BYTES);
  const given = { starts, outer, length, distances: steps.map((step) => step * BYTES) };
  return kernel(`${name} ${outer.length} ${kinds.join()}`, given, (c, p) => {
    nest(c, p.outer, p.starts, (own) => {
      const same = own.map((address, i) =>
        i > 0 && kinds[i] === "same" ? c.load("v128.load32_splat", address) : undefined,
      );
      const isVector = kinds[0] === "next" && !kinds.includes("far");
      const advance = (count: number): void => {
        own.forEach((address, i) => {
          if (kinds[i] !== "same") {
            c.move(address, kinds[i] === "far" ? p.distances[i]! : count * BYTES);
          }
        });
      };
      const values = (load: "v128.load" | "v128.load32_zero"): Local[] =>
        own.slice(1).map((address, i) => same[i + 1] ?? c.load(load, address));
      if (isVector) {
        c.repeatAny(c.op("i32.shr_u", [p.length, c.i32(Math.log2(LANES))]), () => {
          c.store("v128.store", own[0]!, write(c, values("v128.load")));
          advance(LANES);
        });
      }
      const rest = isVector ? c.op("i32.and", [p.length, c.i32(LANES - 1)]) : p.length;
      c.repeatAny(rest, () => {
        c.store("v128.store32_lane", own[0]!, write(c, values("v128.load32_zero")), 0, 0);
        advance(1);
      });
    });
  });
}
