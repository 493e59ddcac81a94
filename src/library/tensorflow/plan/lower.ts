import { ACTIVATIONS, expressionOf, INPUTS } from "./expressions.js";
import { COPY, makeLoop, type Work } from "./loops.js";
import { makeMatMul } from "./matMul.js";
import { room } from "./memory.js";
import { makeArg, makeReduction, REDUCTIONS } from "./reduce.js";
import { type NumberType, type Operation, sizeOf, type Value } from "./value.js";
import { exp } from "./vectorMath.js";
import { broadcast, type Operand, stridesOf, whole } from "./walk.js";

/** Where numbers are while an operation works. */
export interface Places {
  addressOf(value: Value): number;
  /** Room for so many numbers, for this operation alone. */
  scratch(count: number): number;
}

/** What does the work of an operation, when it is called. Undefined if no way is known but the backend's own. */
export type Lowered = Work[] | undefined;

type Lowering = (operation: Operation, places: Places) => Lowered;

const inputOf = ({ inputs }: Operation, name: string): Value => inputs.find(([own]) => own === name)![1];

/** Copies numbers: from places of one array to places of another. */
const copy = (lengths: readonly number[], o: number, to: Operand, a: number, from: Operand): Work =>
  makeLoop(COPY, { lengths, operands: [to, from] }, [o, a]);

/** Whether an operation is one on each number by itself, for numbers of these types. */
export const isPointwise = (kernel: string, inputs: readonly NumberType[], output: NumberType): boolean =>
  expressionOf(kernel, inputs, output) !== undefined;

/** An operation on each number by itself. */
const pointwise: Lowering = ({ kernel, inputs, attributes, outputs }, { addressOf }) => {
  const [output] = outputs as [Value];
  const named = new Map(inputs);
  const values = INPUTS[kernel]?.map((name) => named.get(name)!) ?? inputs.map(([, value]) => value);
  const types = values.map(({ dtype }) => dtype);
  const expression = expressionOf(kernel, types, output.dtype);
  if (!expression) {
    return undefined;
  }
  const body = {
    name: [kernel, ...types, output.dtype, JSON.stringify(attributes)].join(" "),
    write: (...[c, numbers]: Parameters<typeof COPY.write>) => expression(c, numbers, attributes),
  };
  const operands = [whole(output.shape), ...values.map(({ shape }) => broadcast(shape, output.shape))];
  return [makeLoop(body, { lengths: output.shape, operands }, [output, ...values].map(addressOf))];
};

const reduction: Lowering = ({ kernel, inputs, attributes, outputs }, { addressOf, scratch }) => {
  const [[[, x]], [output]] = [inputs, outputs] as unknown as [[[string, Value]], [Value]];
  const axis = attributes["reductionIndices"] ?? attributes["axis"];
  const addresses = { o: addressOf(output), a: addressOf(x), sums: scratch(2 * sizeOf(output.shape)) };
  return [makeReduction(kernel, axis, x.shape, [x.dtype, output.dtype], addresses)];
};

const arg =
  (isMin: boolean): Lowering =>
  ({ inputs, attributes, outputs }, { addressOf }) => {
    const [[, x]] = inputs as [[string, Value]];
    return [
      makeArg(isMin, attributes["axis"] as number, x.shape, x.dtype, addressOf(outputs[0]!), addressOf(x)),
    ];
  };

/** Products of the last two axes; those before them are broadcast only as a whole. */
const matMul: Lowering = (operation, { addressOf, scratch }) => {
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
  if (
    parts.some(({ count }) => count !== batch && count !== 1) ||
    [a, b].some(({ dtype }) => dtype !== "float32")
  ) {
    return undefined;
  }
  const distance = ({ count, rows, columns }: Part): number => (count === 1 ? 0 : rows * columns);
  const [m, k, n] = [left.rows, left.columns, right.columns];
  // The right one's rows must lie in one piece each.
  const straight = right.column === 1 ? addressOf(b) : scratch(sizeOf(b.shape));
  const lengths = [right.count, k, n];
  const from = { offset: 0, strides: [k * n, right.row, right.column] };
  return [
    ...(right.column === 1 ? [] : [copy(lengths, straight, whole(lengths), addressOf(b), from)]),
    makeMatMul(
      {
        ...{ batch, m, k, n, aBatch: distance(left), bBatch: distance(right) },
        ...{ aRow: left.row, aColumn: left.column, bRow: n },
      },
      ...([addressOf(output), addressOf(a), straight] as const),
    ),
  ];
};

interface Part {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly row: number;
  readonly column: number;
}

/** The same, and then the bias and the activation. */
const fusedMatMul: Lowering = (operation, places) => {
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

const transpose: Lowering = ({ inputs, attributes, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const strides = stridesOf(x.shape);
  const from = { offset: 0, strides: (attributes["perm"] as number[]).map((axis) => strides[axis]!) };
  return [copy(output.shape, addressOf(output), whole(output.shape), addressOf(x), from)];
};

/** From where a part of a tensor is read that begins there. */
function partAt(shape: readonly number[], begin: readonly number[]): Operand {
  const strides = stridesOf(shape);
  return { offset: begin.reduce((sum, place, axis) => sum + place * strides[axis]!, 0), strides };
}

const slice: Lowering = ({ inputs, attributes, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const begin = [attributes["begin"]].flat() as number[];
  const full = x.shape.map((_, axis) => begin[axis] ?? 0);
  return [copy(output.shape, addressOf(output), whole(output.shape), addressOf(x), partAt(x.shape, full))];
};

/** The parts of a tensor along an axis, each into an output of its own. */
const split: Lowering = ({ inputs, attributes, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const axis = axisOf(attributes, x.shape.length);
  let start = 0;
  return outputs.map((output) => {
    const from = partAt(
      x.shape,
      x.shape.map((_, i) => (i === axis ? start : 0)),
    );
    start += output.shape[axis]!;
    return copy(output.shape, addressOf(output), whole(output.shape), addressOf(x), from);
  });
};

const axisOf = ({ axis }: Operation["attributes"], rank: number): number =>
  ((axis as number | undefined) ?? 0) < 0 ? (axis as number) + rank : ((axis as number | undefined) ?? 0);

/** Tensors behind each other along an axis that they have (concat) or get (pack). */
const join =
  (isNew: boolean): Lowering =>
  ({ inputs, attributes, outputs }, { addressOf }) => {
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
      return copy(shape, addressOf(output), to, addressOf(x), whole(shape));
    });
  };

const unpack: Lowering = ({ inputs, attributes, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const axis = axisOf(attributes, x.shape.length);
  return outputs.map((output, place) => {
    const { offset, strides } = partAt(
      x.shape,
      x.shape.map((_, i) => (i === axis ? place : 0)),
    );
    const from = { offset, strides: strides.filter((_, i) => i !== axis) };
    return copy(output.shape, addressOf(output), whole(output.shape), addressOf(x), from);
  });
};

const tile: Lowering = ({ inputs, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const own = stridesOf(x.shape);
  // Each axis is two: the repeats, which stay where they are, and the numbers.
  const lengths = x.shape.flatMap((length, axis) => [output.shape[axis]! / length, length]);
  const from = { offset: 0, strides: own.flatMap((stride) => [0, stride]) };
  return [copy(lengths, addressOf(output), whole(lengths), addressOf(x), from)];
};

const pad: Lowering = ({ inputs, attributes, outputs }, { addressOf }) => {
  const [[, x]] = inputs as [[string, Value]];
  const [output] = outputs as [Value];
  const paddings = attributes["paddings"] as [number, number][];
  const [o, count] = [addressOf(output), sizeOf(output.shape)];
  const to = partAt(
    output.shape,
    paddings.map(([before]) => before),
  );
  return [
    () => void room.view(o, output.dtype, count).fill(attributes["constantValue"] as number),
    copy(x.shape, o, to, addressOf(x), whole(x.shape)),
  ];
};

const EXP_OF_DIFFERENCE = {
  name: "exp of difference",
  write: (...[c, inputs]: Parameters<typeof COPY.write>) => exp(c, c.op("f32x4.sub", inputs)),
};

/** Shares of exponentials along the last axis. */
const softmax: Lowering = ({ inputs, outputs }, { addressOf, scratch }) => {
  const [[, { shape }]] = inputs as [[string, Value]];
  const [o, a] = [addressOf(outputs[0]!), addressOf(inputs[0]![1])];
  const kept = shape.with(-1, 1);
  const [one, sums] = [scratch(sizeOf(kept)), scratch(2 * sizeOf(kept))];
  const types = ["float32", "float32"] as const;
  const walk = { lengths: shape, operands: [whole(shape), whole(shape), broadcast(kept, shape)] };
  const divide = {
    name: "divide",
    write: (...[c, numbers]: Parameters<typeof COPY.write>) => c.op("f32x4.div", numbers),
  };
  return [
    makeReduction("Max", -1, shape, types, { o: one, a, sums }),
    makeLoop(EXP_OF_DIFFERENCE, walk, [o, a, one]),
    makeReduction("Sum", -1, shape, types, { o: one, a: o, sums }),
    makeLoop(divide, walk, [o, o, one]),
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
};

/** The work of an operation, as loops over the numbers that it reads and writes. */
export const lower: Lowering = (operation, places) =>
  (Object.hasOwn(LOWERINGS, operation.kernel) ? LOWERINGS[operation.kernel]! : pointwise)(operation, places);
