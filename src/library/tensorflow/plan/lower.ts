import { ACTIVATIONS, EXPRESSIONS, INPUTS } from "./expressions.js";
import { makeLoop } from "./loops.js";
import { makeMatMul } from "./matMul.js";
import { makeArg, makeReduction, REDUCTIONS } from "./reduce.js";
import { type Numbers, type Operation, sizeOf, type Value } from "./value.js";
import { broadcast, type Operand, stridesOf, whole } from "./walk.js";

/** Where the numbers of a value are while a plan runs. */
export type NumbersOf = (value: Value) => Numbers;

/** What does the work of an operation, when it is called. Undefined if no way is known but the backend's own. */
export type Lowered = (() => void)[] | undefined;

type Lowering = (operation: Operation, numbersOf: NumbersOf) => Lowered;

const inputOf = ({ inputs }: Operation, name: string): Value => inputs.find(([own]) => own === name)![1];

/** Copies numbers: from places of one array to places of another. */
const copy = (lengths: readonly number[], o: Numbers, to: Operand, a: Numbers, from: Operand): (() => void) =>
  makeLoop({ statement: "o = a;" }, { lengths, operands: [to, from] }, [o, a]);

/** An operation on each number by itself. */
const pointwise: Lowering = (operation, numbersOf) => {
  const [output] = operation.outputs as [Value];
  const names = INPUTS[operation.kernel];
  const values = names
    ? names.map((name) => inputOf(operation, name))
    : operation.inputs.map(([, value]) => value);
  const expression = EXPRESSIONS[operation.kernel]!(operation.attributes);
  // A truth value of another number is true.
  const body =
    operation.kernel === "Cast" && output.dtype === "bool"
      ? "a ? 1 : 0"
      : operation.kernel === "Cast" && output.dtype === "int32"
        ? "Math.trunc(a)"
        : expression;
  const operands = [whole(output.shape), ...values.map(({ shape }) => broadcast(shape, output.shape))];
  const arrays = [output, ...values].map(numbersOf);
  return [makeLoop({ statement: `o = ${body};` }, { lengths: output.shape, operands }, arrays)];
};

const reduction: Lowering = ({ kernel, inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const axis = attributes["reductionIndices"] ?? attributes["axis"];
  return [makeReduction(kernel, axis, x.shape, numbersOf(outputs[0]!), numbersOf(x))];
};

const arg =
  (isMin: boolean): Lowering =>
  ({ inputs, attributes, outputs }, numbersOf) => {
    const [[, x]] = inputs as [[string, Value]];
    return [makeArg(isMin, attributes["axis"] as number, x.shape, numbersOf(outputs[0]!), numbersOf(x))];
  };

/** Products of the last two axes; those before them are broadcast only as a whole. */
const matMul: Lowering = (operation, numbersOf) => {
  const { attributes, outputs } = operation;
  const [a, b] = [inputOf(operation, "a"), inputOf(operation, "b")];
  const [output] = outputs as [Value];
  const parts = [a, b].map(({ shape }, i) => {
    const isTransposed = attributes[i === 0 ? "transposeA" : "transposeB"] === true;
    const [rows, columns] = shape.slice(-2) as [number, number];
    return {
      count: sizeOf(shape.slice(0, -2)),
      rows: isTransposed ? columns : rows,
      columns: isTransposed ? rows : columns,
      row: isTransposed ? 1 : columns,
      column: isTransposed ? columns : 1,
    };
  }) as [Part, Part];
  const [left, right] = parts;
  const batch = sizeOf(output.shape.slice(0, -2));
  if (parts.some(({ count }) => count !== batch && count !== 1)) {
    return undefined;
  }
  const distance = ({ count, rows, columns }: Part): number => (count === 1 ? 0 : rows * columns);
  const sizes = {
    batch,
    m: left.rows,
    k: left.columns,
    n: right.columns,
    aBatch: distance(left),
    bBatch: distance(right),
    aRow: left.row,
    aColumn: left.column,
    bRow: right.row,
    bColumn: right.column,
  };
  return [makeMatMul(sizes, numbersOf(output), numbersOf(a), numbersOf(b))];
};

interface Part {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly row: number;
  readonly column: number;
}

/** The same, and then the bias and the activation. */
const fusedMatMul: Lowering = (operation, numbersOf) => {
  const { attributes, inputs, outputs } = operation;
  const [output] = outputs as [Value];
  const bias = inputs.find(([name]) => name === "bias")?.[1];
  const activation = ACTIVATIONS[(attributes["activation"] as string | undefined) ?? "linear"];
  const product = matMul(operation, numbersOf);
  if (!product || activation === undefined) {
    return undefined;
  }
  const o = numbersOf(output);
  const walk = { lengths: output.shape, operands: [whole(output.shape), whole(output.shape)] };
  const expression = EXPRESSIONS[activation]!({ alpha: attributes["leakyreluAlpha"] });
  const add =
    bias &&
    makeLoop(
      { statement: "o = a + b;" },
      { ...walk, operands: [...walk.operands, broadcast(bias.shape, output.shape)] },
      [o, o, numbersOf(bias)],
    );
  const activate =
    activation === "Cast" ? undefined : makeLoop({ statement: `o = ${expression};` }, walk, [o, o]);
  return [...product, add, activate].filter((work) => work !== undefined);
};

const transpose: Lowering = ({ inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const strides = stridesOf(x.shape);
  const from = { offset: 0, strides: (attributes["perm"] as number[]).map((axis) => strides[axis]!) };
  return [copy(output.shape, numbersOf(output), whole(output.shape), numbersOf(x), from)];
};

/** From where a part of a tensor is read that begins there. */
function partAt(shape: readonly number[], begin: readonly number[]): Operand {
  const strides = stridesOf(shape);
  return { offset: begin.reduce((sum, place, axis) => sum + place * strides[axis]!, 0), strides };
}

const slice: Lowering = ({ inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const begin = [attributes["begin"]].flat() as number[];
  const full = x.shape.map((_, axis) => begin[axis] ?? 0);
  return [copy(output.shape, numbersOf(output), whole(output.shape), numbersOf(x), partAt(x.shape, full))];
};

/** The parts of a tensor along an axis, each into an output of its own. */
const split: Lowering = ({ inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const axis = axisOf(attributes, x.shape.length);
  let start = 0;
  return outputs.map((output) => {
    const from = partAt(
      x.shape,
      x.shape.map((_, i) => (i === axis ? start : 0)),
    );
    start += output.shape[axis]!;
    return copy(output.shape, numbersOf(output), whole(output.shape), numbersOf(x), from);
  });
};

const axisOf = ({ axis }: Operation["attributes"], rank: number): number =>
  ((axis as number | undefined) ?? 0) < 0 ? (axis as number) + rank : ((axis as number | undefined) ?? 0);

/** Tensors behind each other along an axis that they have (concat) or get (pack). */
const join =
  (isNew: boolean): Lowering =>
  ({ inputs, attributes, outputs }, numbersOf) => {
    const [output] = outputs as [Value];
    const axis = axisOf(attributes, output.shape.length);
    let start = 0;
    return inputs.map(([, x]) => {
      const shape = isNew ? [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)] : x.shape;
      const to = partAt(
        output.shape,
        output.shape.map((_, i) => (i === axis ? start : 0)),
      );
      start += shape[axis]!;
      return copy(shape, numbersOf(output), to, numbersOf(x), whole(shape));
    });
  };

const unpack: Lowering = ({ inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const axis = axisOf(attributes, x.shape.length);
  return outputs.map((output, place) => {
    const { offset, strides } = partAt(
      x.shape,
      x.shape.map((_, i) => (i === axis ? place : 0)),
    );
    const from = { offset, strides: strides.filter((_, i) => i !== axis) };
    return copy(output.shape, numbersOf(output), whole(output.shape), numbersOf(x), from);
  });
};

const tile: Lowering = ({ inputs, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const own = stridesOf(x.shape);
  // Each axis is two: the repeats, which stay where they are, and the numbers.
  const lengths = x.shape.flatMap((length, axis) => [output.shape[axis]! / length, length]);
  const from = { offset: 0, strides: own.flatMap((stride) => [0, stride]) };
  return [copy(lengths, numbersOf(output), whole(lengths), numbersOf(x), from)];
};

const pad: Lowering = ({ inputs, attributes, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const paddings = attributes["paddings"] as [number, number][];
  const o = numbersOf(output);
  const to = partAt(
    output.shape,
    paddings.map(([before]) => before),
  );
  return [
    () => void o.fill(attributes["constantValue"] as number),
    copy(x.shape, o, to, numbersOf(x), whole(x.shape)),
  ];
};

/** Shares of exponentials along the last axis. */
const softmax: Lowering = ({ inputs, outputs }, numbersOf) => {
  const [[, x]] = inputs as [[string, Value]];
  const [o, a] = [numbersOf(outputs[0]!), numbersOf(x)];
  const length = x.shape.at(-1) ?? 1;
  return [
    () => {
      for (let start = 0; start < a.length; start += length) {
        let [largest, sum] = [-Infinity, 0];
        for (let i = start; i < start + length; i++) {
          largest = Math.max(largest, a[i]!);
        }
        for (let i = start; i < start + length; i++) {
          o[i] = Math.exp(a[i]! - largest);
          sum += o[i]!;
        }
        for (let i = start; i < start + length; i++) {
          o[i]! /= sum;
        }
      }
    },
  ];
};

/** To add an operation that is not one on each number by itself, or a reduction, add an entry. */
const LOWERINGS: Readonly<Record<string, Lowering>> = {
  ArgMax: arg(false),
  ArgMin: arg(true),
  BatchMatMul: matMul,
  Concat: join(false),
  _FusedMatMul: fusedMatMul,
  Pack: join(true),
  PadV2: pad,
  Slice: slice,
  Softmax: softmax,
  SplitV: split,
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
  ...Object.fromEntries(Object.keys(REDUCTIONS).map((name) => [name, reduction])),
  ...Object.fromEntries(Object.keys(EXPRESSIONS).map((name) => [name, pointwise])),
};

/** The work of an operation, as loops over the numbers that it reads and writes. */
export const lower: Lowering = (operation, numbersOf) =>
  Object.hasOwn(LOWERINGS, operation.kernel) ? LOWERINGS[operation.kernel]!(operation, numbersOf) : undefined;
