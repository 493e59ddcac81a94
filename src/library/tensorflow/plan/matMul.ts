import type { Code, Local } from "./code.js";
import { kernel, type Work } from "./kernel.js";

/** Matrices in a row: a product for each of `batch`, m by k times k by n. Distances are between numbers in memory. */
export interface MatMul {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** From a matrix to the next; 0 if there is one for all. */
  readonly aBatch: number;
  readonly bBatch: number;
  readonly aRow: number;
  readonly aColumn: number;
  /** From a row of the right one to the next. Its columns lie side by side. */
  readonly bRow: number;
}

const BYTES = 4;
const LANES = 4;
/** So many rows, and columns by fours, of the result are summed up at a time: as many sums as a processor holds by itself. */
const BLOCK = { rows: 4, fours: 2 } as const;
/** So many products are summed up by themselves, and then these sums: rounding grows less. */
const PART = 16;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Products of matrices, from addresses to an address. */
export function makeMatMul(
  { batch, m, k, n, aBatch, bBatch, aRow, aColumn, bRow }: MatMul,
  o: number,
  a: number,
  b: number,
): Work {
  const fours = Math.ceil(n / LANES);
  /** Columns of the last four. */
  const last = n - LANES * (fours - 1);
  const rows = { blocks: Math.floor(m / BLOCK.rows), rest: m % BLOCK.rows };
  // The last four may have fewer columns: they are a block of their own.
  const whole = last === LANES ? fours : fours - 1;
  const columns = {
    blocks: Math.floor(whole / BLOCK.fours),
    blocksRest: [...(whole % BLOCK.fours ? [LANES] : []), ...(last === LANES ? [] : [last])],
  };
  const parts = { whole: Math.floor(k / PART), rest: k % PART };
  const given = {
    toO: o,
    fromA: a,
    fromB: b,
    matrices: batch,
    wholeParts: parts.whole,
    restOfPart: parts.rest,
    rowBlocks: rows.blocks,
    columnBlocks: columns.blocks,
    aNext: aBatch * BYTES,
    bNext: bBatch * BYTES,
    oNext: m * n * BYTES,
    aDown: aRow * BYTES,
    aAcross: aColumn * BYTES,
    bDown: bRow * BYTES,
    oDown: n * BYTES,
  };
  const key = `matMul ${rows.blocks > 0} ${rows.rest} ${columns.blocks > 0} ${columns.blocksRest.join("+")} ${parts.whole > 0} ${parts.rest > 0}`;
  return kernel(key, given, (c, p) => {
    const moved = (address: Local, distance: Local): Local => c.op("i32.add", [address, distance]);
    const [result, left, right] = [c.variable(p.toO), c.variable(p.fromA), c.variable(p.fromB)] as const;

    /** Sums up a block of the result: from these addresses of it, of the left matrix' rows and the right one's columns. */
    const block = (
      to: Local,
      rowStart: Local,
      columnStart: Local,
      height: number,
      widths: readonly number[],
    ): void => {
      const totals = upTo(height).map(() => widths.map(() => c.variable(c.f32x4(0))));
      const at = upTo(height - 1).reduce((starts, i) => [...starts, moved(starts[i]!, p.aDown)], [rowStart]);
      const numbers = at.map((address) => c.variable(address));
      const row = c.variable(columnStart);
      const sumUp = (count: Local): void => {
        const sums = totals.map((fours) => fours.map(() => c.variable(c.f32x4(0))));
        c.repeat(count, () => {
          const across = widths.map((_, j) => c.load("v128.load", row, j * LANES * BYTES));
          numbers.forEach((address, i) => {
            const one = c.load("v128.load32_splat", address);
            across.forEach((four, j) => {
              add(c, sums[i]![j]!, c.op("f32x4.mul", [one, four]));
            });
            c.move(address, p.aAcross);
          });
          c.move(row, p.bDown);
        });
        totals.forEach((fours, i) => {
          fours.forEach((total, j) => {
            add(c, total, sums[i]![j]!);
          });
        });
      };
      if (parts.whole > 0) {
        c.repeat(p.wholeParts, () => {
          sumUp(c.i32(PART));
        });
      }
      if (parts.rest > 0) {
        sumUp(p.restOfPart);
      }
      let line = to;
      totals.forEach((four, i) => {
        line = i === 0 ? line : moved(line, p.oDown);
        four.forEach((sum, j) => {
          store(c, line, sum, j * LANES * BYTES, widths[j]!);
        });
      });
    };
    /** Rows of the result, as many as are summed up at a time. */
    const stripe = (to: Local, rowStart: Local, height: number): void => {
      const [own, column] = [c.variable(to), c.variable(right)];
      const step = (widths: readonly number[]): void => {
        block(own, rowStart, column, height, widths);
        [own, column].forEach((address) => {
          c.move(address, widths.length * LANES * BYTES);
        });
      };
      if (columns.blocks > 0) {
        c.repeat(p.columnBlocks, () => {
          step(Array<number>(BLOCK.fours).fill(LANES));
        });
      }
      columns.blocksRest.forEach((width) => {
        step([width]);
      });
    };
    c.repeat(p.matrices, () => {
      const [to, row] = [c.variable(result), c.variable(left)];
      if (rows.blocks > 0) {
        c.repeat(p.rowBlocks, () => {
          stripe(to, row, BLOCK.rows);
          upTo(BLOCK.rows).forEach(() => {
            c.move(to, p.oDown);
            c.move(row, p.aDown);
          });
        });
      }
      if (rows.rest > 0) {
        stripe(to, row, rows.rest);
      }
      c.move(result, p.oNext);
      c.move(left, p.aNext);
      c.move(right, p.bNext);
    });
  });
}

const add = (c: Code, total: Local, value: Local): void => {
  c.assign(total, c.op("f32x4.add", [total, value]));
};

/** Writes the first numbers of four. */
function store(c: Code, address: Local, four: Local, offset: number, width: number): void {
  if (width === LANES) {
    c.store("v128.store", address, four, offset);
    return;
  }
  if (width >= 2) {
    c.store("v128.store64_lane", address, four, offset, 0);
  }
  if (width % 2 === 1) {
    c.store("v128.store32_lane", address, four, offset + (width - 1) * BYTES, width - 1);
  }
}
