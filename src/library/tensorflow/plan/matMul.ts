import { codeOf } from "./loops.js";
import type { Numbers } from "./value.js";

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
  readonly bRow: number;
  readonly bColumn: number;
}

/** So many rows and columns of the result are summed up at a time: as many sums as a processor holds by itself. */
const BLOCK = { rows: 2, columns: 4 } as const;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const times = (stride: number, name: string): string => (stride === 1 ? "" : ` * ${name}`);

/** Products of matrices, summed up in double precision. */
export function makeMatMul(sizes: MatMul, o: Numbers, a: Numbers, b: Numbers): () => void {
  const { m, n } = sizes;
  const columns = (rows: number): string => {
    const rest = n % BLOCK.columns;
    return [
      n >= BLOCK.columns
        ? `for (j = 0; j + ${BLOCK.columns - 1} < n; j += ${BLOCK.columns}) {\n${block(rows, BLOCK.columns, sizes)}\n}`
        : "j = 0;",
      rest > 0 ? `{\n${block(rows, rest, sizes)}\n}` : "",
    ].join("\n");
  };
  const body = `
  for (let t = 0; t < batch; t++) {
    let i = 0, j = 0;
    ${m >= BLOCK.rows ? `for (; i + ${BLOCK.rows - 1} < m; i += ${BLOCK.rows}) {\n${columns(BLOCK.rows)}\n}` : ""}
    ${m % BLOCK.rows > 0 ? columns(m % BLOCK.rows) : ""}
  }`;
  const kinds = [o, a, b].map((array) => array.constructor.name).join(" ");
  return codeOf(["O", "A", "B", ...Object.keys(sizes)], body, kinds)(
    o,
    a,
    b,
    ...Object.values<number>({ ...sizes }),
  );
}

/** Code that sums up a block of the result, from row i and column j on. */
function block(rows: number, columns: number, { aColumn, bColumn, bRow }: MatMul): string {
  const [down, across] = [upTo(rows), upTo(columns)];
  const lines = [
    ...down.map((r) => `const a${r} = t * aBatch + (i + ${r}) * aRow;`),
    `const b0 = t * bBatch + j${times(bColumn, "bColumn")};`,
    ...across.slice(1).map((c) => `const b${c} = b0 + ${c}${times(bColumn, "bColumn")};`),
    `let ${down.flatMap((r) => across.map((c) => `s${r}${c} = 0`)).join(", ")};`,
    "for (let p = 0; p < k; p++) {",
    ...down.map((r) => `const x${r} = A[a${r} + p${times(aColumn, "aColumn")}];`),
    ...across.map((c) => `const y${c} = B[b${c} + p${times(bRow, "bRow")}];`),
    ...down.flatMap((r) => across.map((c) => `s${r}${c} += x${r} * y${c};`)),
    "}",
    "const at = (t * m + i) * n + j;",
    ...down.flatMap((r) => across.map((c) => `O[at + ${r === 0 ? c : `${r} * n + ${c}`}] = s${r}${c};`)),
  ];
  return lines.join("\n");
}
