/** What operations do with one number, or with one of each input, four at a time. */
import type { NumberType } from "./value.js";
import { erf, exp, expm1, log, log1p, select, sigmoid, softplus, tanh } from "./vectorMath.js";
import type { Code, Local } from "./code.js";
import type { Instruction } from "./instructions.js";

type Attributes = Readonly<Record<string, unknown>>;

/** Writes an operation on each number by itself: of inputs, in their order, and attributes. */
type Expression = (c: Code, inputs: readonly Local[], attributes: Attributes) => Local;

const plain =
  (name: Instruction): Expression =>
  (c, inputs) =>
    c.op(name, inputs);
const of =
  (work: (c: Code, x: Local) => Local): Expression =>
  (c, [a]) =>
    work(c, a!);
/** A comparison: 1 where it holds. */
const truth =
  (name: Instruction): Expression =>
  (c, inputs) =>
    c.op("v128.and", [c.op(name, inputs), c.i32x4(1)]);
const isNegative = (c: Code, x: Local): Local => c.op("f32x4.lt", [x, c.f32x4(0)]);
const isBelow = (c: Code, x: Local): Local => c.op("f32x4.lt", [c.op("f32x4.abs", [x]), c.f32x4(Infinity)]);
/** `a` where it is not negative, else a multiple of something. */
const below =
  (otherwise: (c: Code, a: Local) => Local): Expression =>
  (c, [a]) =>
    select(c, isNegative(c, a!), otherwise(c, a!), a!);
const times = (c: Code, x: Local, factor: number): Local => c.op("f32x4.mul", [x, c.f32x4(factor)]);
const squared: Expression = (c, [a]) => c.op("f32x4.mul", [a!, a!]);
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** Of numbers of float32, giving such. To add an operation, add an entry. */
const FLOATS: Readonly<Record<string, Expression>> = {
  Abs: plain("f32x4.abs"),
  Add: plain("f32x4.add"),
  Ceil: plain("f32x4.ceil"),
  ClipByValue: (c, [a], { clipValueMin, clipValueMax }) => {
    const [low, high] = [c.f32x4(clipValueMin as number), c.f32x4(clipValueMax as number)];
    return c.op("f32x4.min", [c.op("f32x4.max", [a!, low]), high]);
  },
  Cos: (c, inputs) => c.called("cos", inputs),
  Elu: below(expm1),
  EluGrad: (c, [a, b]) => {
    const slope = c.op("f32x4.add", [b!, c.f32x4(1)]);
    return select(c, isNegative(c, b!), c.op("f32x4.mul", [a!, slope]), a!);
  },
  Erf: of(erf),
  Exp: of(exp),
  Expm1: of(expm1),
  Floor: plain("f32x4.floor"),
  LeakyRelu: (c, inputs, { alpha }) => below((_, a) => times(c, a, alpha as number))(c, inputs, {}),
  Log: of(log),
  Log1p: of(log1p),
  Maximum: plain("f32x4.max"),
  Minimum: plain("f32x4.min"),
  Mod: (c, inputs) => c.called("mod", inputs),
  Multiply: plain("f32x4.mul"),
  Neg: plain("f32x4.neg"),
  Pow: (c, inputs) => c.called("pow", inputs),
  Prelu: (c, [a, b]) => select(c, isNegative(c, a!), c.op("f32x4.mul", [b!, a!]), a!),
  RealDiv: plain("f32x4.div"),
  Reciprocal: (c, [a]) => c.op("f32x4.div", [c.f32x4(1), a!]),
  Relu: (c, [a]) => c.op("f32x4.max", [a!, c.f32x4(0)]),
  Relu6: (c, [a]) => c.op("f32x4.min", [c.op("f32x4.max", [a!, c.f32x4(0)]), c.f32x4(6)]),
  Round: plain("f32x4.nearest"),
  Rsqrt: (c, [a]) => c.op("f32x4.div", [c.f32x4(1), c.op("f32x4.sqrt", [a!])]),
  Selu: (c, [a]) =>
    select(c, isNegative(c, a!), times(c, expm1(c, a!), SELU.scale * SELU.alpha), times(c, a!, SELU.scale)),
  Sigmoid: of(sigmoid),
  Sign: (c, [a]) => {
    const [positive, negative] = [c.op("f32x4.gt", [a!, c.f32x4(0)]), isNegative(c, a!)];
    return c.op("f32x4.convert_i32x4_s", [c.op("i32x4.sub", [negative, positive])]);
  },
  Sin: (c, inputs) => c.called("sin", inputs),
  Softplus: of(softplus),
  Sqrt: plain("f32x4.sqrt"),
  Square: squared,
  SquaredDifference: (c, inputs) => squared(c, [c.op("f32x4.sub", inputs)], {}),
  Step: (c, [a], { alpha }) => {
    const isPositive = c.op("f32x4.gt", [a!, c.f32x4(0)]);
    const isNumber = c.op("f32x4.eq", [a!, a!]);
    return select(c, isNumber, select(c, isPositive, c.f32x4(1), c.f32x4(alpha as number)), a!);
  },
  Sub: plain("f32x4.sub"),
  Tanh: of(tanh),
};

/** Of numbers of float32, giving truth values: 0 or 1. */
const TRUTHS: Readonly<Record<string, Expression>> = {
  Equal: truth("f32x4.eq"),
  Greater: truth("f32x4.gt"),
  GreaterEqual: truth("f32x4.ge"),
  IsFinite: (c, [a]) => c.op("v128.and", [isBelow(c, a!), c.i32x4(1)]),
  IsInf: (c, [a]) => truth("f32x4.eq")(c, [c.op("f32x4.abs", [a!]), c.f32x4(Infinity)], {}),
  IsNan: (c, [a]) => truth("f32x4.ne")(c, [a!, a!], {}),
  Less: truth("f32x4.lt"),
  LessEqual: truth("f32x4.le"),
  NotEqual: truth("f32x4.ne"),
};

/** Of whole numbers or truth values, giving truth values. */
const WHOLE: Readonly<Record<string, Expression>> = {
  Equal: truth("i32x4.eq"),
  Greater: truth("i32x4.gt_s"),
  GreaterEqual: truth("i32x4.ge_s"),
  Less: truth("i32x4.lt_s"),
  LessEqual: truth("i32x4.le_s"),
  LogicalAnd: plain("v128.and"),
  LogicalNot: (c, [a]) => c.op("v128.xor", [a!, c.i32x4(1)]),
  LogicalOr: plain("v128.or"),
  NotEqual: truth("i32x4.ne"),
};

const asItIs: Expression = (_, [a]) => a!;

/** From one type to another. Truth values are whole numbers, too. */
const cast = (from: NumberType, to: NumberType): Expression => {
  if (from === to || (from === "bool" && to === "int32")) {
    return asItIs;
  }
  if (to === "float32") {
    return plain("f32x4.convert_i32x4_s");
  }
  if (to === "int32") {
    return plain("i32x4.trunc_sat_f32x4_s");
  }
  return from === "float32"
    ? (c, [a]) => truth("f32x4.ne")(c, [a!, c.f32x4(0)], {})
    : (c, [a]) => truth("i32x4.ne")(c, [a!, c.i32x4(0)], {});
};

const entry = (table: Readonly<Record<string, Expression>>, kernel: string): Expression | undefined =>
  Object.hasOwn(table, kernel) ? table[kernel] : undefined;

/** How an operation is written, for inputs of these types. Undefined if it is not known for them. */
export function expressionOf(
  kernel: string,
  inputs: readonly NumberType[],
  output: NumberType,
): Expression | undefined {
  const areFloats = inputs.every((type) => type === "float32");
  if (kernel === "Cast") {
    return cast(inputs[0]!, output);
  }
  if (kernel === "Select") {
    return inputs[1] === output && inputs[2] === output
      ? (c, [a, b, d]) => select(c, c.op("i32x4.eq", [a!, c.i32x4(1)]), b!, d!)
      : undefined;
  }
  if (output === "bool") {
    return areFloats ? entry(TRUTHS, kernel) : inputs.includes("float32") ? undefined : entry(WHOLE, kernel);
  }
  return areFloats && output === "float32" ? entry(FLOATS, kernel) : undefined;
}

/** The names of their inputs, in order, where they are not the usual ones. */
export const INPUTS: Readonly<Record<string, readonly string[]>> = {
  EluGrad: ["dy", "y"],
  Prelu: ["x", "alpha"],
  Select: ["condition", "t", "e"],
};

/** Activations by the names that fused operations give them. */
export const ACTIVATIONS: Readonly<Record<string, string>> = {
  elu: "Elu",
  leakyrelu: "LeakyRelu",
  linear: "Cast",
  relu: "Relu",
  relu6: "Relu6",
  sigmoid: "Sigmoid",
};
