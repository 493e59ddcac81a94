import { ACTIVATIONS } from "./expressions.js";
import type { Work } from "./kernel.js";
import type { Lowering } from "./lowering.js";
import { makeMatMul } from "./matMul.js";
import { copy } from "./moves.js";
import { pointwise } from "./pointwise.js";
import { type Operation, sizeOf, type Value } from "./value.js";
import { whole } from "./walk.js";

const inputOf = ({ inputs }: Operation, name: string): Value => inputs.find(([own]) => own === name)![1];

/** Matrices as a product takes them, and how far the next row and the next column is. */
interface Matrices {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly row: number;
  readonly column: number;
}

function matricesOf({ shape }: Value, isTransposed: boolean): Matrices {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const count = sizeOf(shape.slice(0, -2));
  return isTransposed
    ? { count, rows: columns, columns: rows, row: 1, column: columns }
    : { count, rows, columns, row: columns, column: 1 };
}

/** Products of the last two axes; those before them are broadcast only as a whole. */
export const matMul: Lowering = (operation, { addressOf, scratch }) => {
  const { attributes, outputs } = operation;
  const [a, b] = [inputOf(operation, "a"), inputOf(operation, "b")];
  const [output] = outputs as [Value];
  const [left, right] = [
    matricesOf(a, attributes["transposeA"] === true),
    matricesOf(b, attributes["transposeB"] === true),
  ];
  const batch = sizeOf(output.shape.slice(0, -2));
  if (
    [left, right].some(({ count }) => count !== batch && count !== 1) ||
    [a, b].some(({ dtype }) => dtype !== "float32")
  ) {
    return undefined;
  }
  const distance = ({ count, rows, columns }: Matrices): number => (count === 1 ? 0 : rows * columns);
  const [m, k, n] = [left.rows, left.columns, right.columns];
  // The right one's rows must lie in one piece each.
  const straight = right.column === 1 ? addressOf(b) : scratch(sizeOf(b.shape));
  const lengths = [right.count, k, n];
  const from = { offset: 0, strides: [k * n, right.row, right.column] };
  const sizes = {
    batch,
    m,
    k,
    n,
    aBatch: distance(left),
    bBatch: distance(right),
    aRow: left.row,
    aColumn: left.column,
    bRow: n,
  };
  return [
    ...(right.column === 1 ? [] : [copy(lengths, straight, whole(lengths), addressOf(b), from)]),
    makeMatMul(sizes, addressOf(output), addressOf(a), straight),
  ];
};

/** The same, and then the bias and the activation. */
export const fusedMatMul: Lowering = (operation, places) => {
  const { attributes, inputs, outputs } = operation;
  const [output] = outputs as [Value];
  const bias = inputs.find(([name]) => name === "bias")?.[1];
  const activation = ACTIVATIONS[(attributes["activation"] as string | undefined) ?? "linear"];
  const product = matMul(operation, places);
  if (!product || activation === undefined) {
    return undefined;
  }
  const then = (kernel: string, others: readonly Value[]): Work[] =>
    pointwise(
      {
        kernel,
        inputs: [output, ...others].map((value, i) => [String(i), value] as const),
        attributes: { alpha: attributes["leakyreluAlpha"] },
        outputs,
      },
      places,
    )!;
  return [
    ...product,
    ...(bias ? then("Add", [bias]) : []),
    ...(activation === "Cast" ? [] : then(activation, [])),
  ];
};
