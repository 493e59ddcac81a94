import { type LoopBody, makeLoop } from "./loops.js";
import type { Lowering } from "./lowering.js";
import { MOVES } from "./moves.js";
import { pointwise } from "./pointwise.js";
import { fusedMatMul, matMul } from "./products.js";
import { makeArg, makeReduction, REDUCTIONS } from "./reduce.js";
import { sizeOf, type Value } from "./value.js";
import { exp } from "./vectorMath.js";
import { broadcast, whole } from "./walk.js";

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

const EXP_OF_DIFFERENCE: LoopBody = {
  name: "exp of difference",
  write: (c, inputs) => exp(c, c.op("f32x4.sub", inputs)),
};
const DIVIDE: LoopBody = { name: "divide", write: (c, inputs) => c.op("f32x4.div", inputs) };

/** Shares of exponentials along the last axis. */
const softmax: Lowering = ({ inputs, outputs }, { addressOf, scratch }) => {
  const [[, { shape }]] = inputs as [[string, Value]];
  const [o, a] = [addressOf(outputs[0]!), addressOf(inputs[0]![1])];
  const kept = shape.with(-1, 1);
  const [one, sums] = [scratch(sizeOf(kept)), scratch(2 * sizeOf(kept))];
  const types = ["float32", "float32"] as const;
  const walk = { lengths: shape, operands: [whole(shape), whole(shape), broadcast(kept, shape)] };
  return [
    makeReduction("Max", -1, shape, types, { o: one, a, sums }),
    makeLoop(EXP_OF_DIFFERENCE, walk, [o, a, one]),
    makeReduction("Sum", -1, shape, types, { o: one, a: o, sums }),
    makeLoop(DIVIDE, walk, [o, o, one]),
  ];
};

/** To add an operation that is not one on each number by itself, or a reduction, add an entry. */
const LOWERINGS: Readonly<Record<string, Lowering>> = {
  ArgMax: arg(false),
  ArgMin: arg(true),
  BatchMatMul: matMul,
  _FusedMatMul: fusedMatMul,
  Softmax: softmax,
  ...MOVES,
  ...Object.fromEntries(Object.keys(REDUCTIONS).map((name) => [name, reduction])),
};

/** The work of an operation, as loops over the numbers that it reads and writes. */
export const lower: Lowering = (operation, places) =>
  (Object.hasOwn(LOWERINGS, operation.kernel) ? LOWERINGS[operation.kernel]! : pointwise)(operation, places);
