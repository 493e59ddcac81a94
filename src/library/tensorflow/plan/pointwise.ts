import { expressionOf, INPUTS } from "./expressions.js";
import { type LoopBody, makeLoop } from "./loops.js";
import type { Lowering } from "./lowering.js";
import type { Value } from "./value.js";
import { broadcast, whole } from "./walk.js";

/** An operation on each number by itself. */
export const pointwise: Lowering = ({ kernel, inputs, attributes, outputs }, { addressOf }) => {
  const [output] = outputs as [Value];
  const named = new Map(inputs);
  const values = INPUTS[kernel]?.map((name) => named.get(name)!) ?? inputs.map(([, value]) => value);
  const types = values.map(({ dtype }) => dtype);
  const expression = expressionOf(kernel, types, output.dtype);
  if (!expression) {
    return undefined;
  }
  const settings = Object.entries(attributes).map(([name, value]) => `${name}=${String(value)}`);
  const body: LoopBody = {
    name: [kernel, ...types, output.dtype, ...settings].join(" "),
    write: (c, numbers) => expression(c, numbers, attributes),
  };
  const operands = [whole(output.shape), ...values.map(({ shape }) => broadcast(shape, output.shape))];
  return [makeLoop(body, { lengths: output.shape, operands }, [output, ...values].map(addressOf))];
};
