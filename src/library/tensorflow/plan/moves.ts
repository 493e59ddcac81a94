/** Operations that bring numbers to other places. */
import type { Work } from "./kernel.js";
import { COPY, makeLoop } from "./loops.js";
import type { Lowering } from "./lowering.js";
import { room } from "./memory.js";
import { type Operation, sizeOf, type Value } from "./value.js";
import { type Operand, stridesOf, whole } from "./walk.js";

/** Copies numbers: from places of one array to places of another. */
export const copy = (lengths: readonly number[], o: number, to: Operand, a: number, from: Operand): Work =>
  makeLoop(COPY, { lengths, operands: [to, from] }, [o, a]);

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

/** To add one, add an entry. */
export const MOVES: Readonly<Record<string, Lowering>> = {
  Concat: join(false),
  Pack: join(true),
  PadV2: pad,
  Slice: slice,
  SplitV: split,
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
};
