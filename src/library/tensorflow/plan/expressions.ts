/** What operations do with one number, or with one of each input, as JavaScript: as the CPU backend of TensorFlow.js does it. */

/** An operation on each number by itself: an expression of `a`, of other inputs `b` and `c`, and of attributes. */
export type Expression = (attributes: Readonly<Record<string, unknown>>) => string;

const plain =
  (text: string): Expression =>
  () =>
    text;
const number = (value: unknown): string =>
  Number.isFinite(value) ? String(value) : `Number("${String(value)}")`;

/** Of softplus: from here on it is its argument, or its exponential, to float32's precision. */
const EDGE = String(-(Math.log(1.1920928955078125e-7) + 2));
const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };
/** Abramowitz and Stegun's formula 7.1.26. */
const ERF = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];

/** To add an operation, add an entry. `(` and `)` are around each. */
export const EXPRESSIONS: Readonly<Record<string, Expression>> = {
  Abs: plain("Math.abs(a)"),
  Add: plain("a + b"),
  Cast: plain("a"),
  Ceil: plain("Math.ceil(a)"),
  ClipByValue: ({ clipValueMin, clipValueMax }) =>
    `a > ${number(clipValueMax)} ? ${number(clipValueMax)} : a < ${number(clipValueMin)} ? ${number(clipValueMin)} : a`,
  Cos: plain("Math.cos(a)"),
  Elu: plain("a >= 0 ? a : Math.exp(a) - 1"),
  EluGrad: plain("b >= 0 ? a : a * (b + 1)"),
  Equal: plain("a === b ? 1 : 0"),
  Erf: () => {
    const t = `1 / (1 + 0.3275911 * Math.abs(a))`;
    const [a1, a2, a3, a4, a5] = ERF as [number, number, number, number, number];
    return `((t) => Math.sign(a) * (1 - ((((${a5} * t + ${a4}) * t + ${a3}) * t + ${a2}) * t + ${a1}) * t * Math.exp(-a * a)))(${t})`;
  },
  Exp: plain("Math.exp(a)"),
  Expm1: plain("Math.expm1(a)"),
  Floor: plain("Math.floor(a)"),
  Greater: plain("a > b ? 1 : 0"),
  GreaterEqual: plain("a >= b ? 1 : 0"),
  IsFinite: plain("Number.isFinite(a) ? 1 : 0"),
  IsInf: plain("Math.abs(a) === Infinity ? 1 : 0"),
  IsNan: plain("Number.isNaN(a) ? 1 : 0"),
  LeakyRelu: ({ alpha }) => `a < 0 ? ${number(alpha)} * a : a`,
  Less: plain("a < b ? 1 : 0"),
  LessEqual: plain("a <= b ? 1 : 0"),
  Log: plain("Math.log(a)"),
  Log1p: plain("Math.log1p(a)"),
  LogicalAnd: plain("a && b ? 1 : 0"),
  LogicalNot: plain("a ? 0 : 1"),
  LogicalOr: plain("a || b ? 1 : 0"),
  Maximum: plain("Math.max(a, b)"),
  Minimum: plain("Math.min(a, b)"),
  Mod: plain("(a < 0 && b < 0) || (a >= 0 && b >= 0) ? a % b : ((a % b) + b) % b"),
  Multiply: plain("a * b"),
  Neg: plain("-1 * a"),
  NotEqual: plain("a !== b ? 1 : 0"),
  Pow: plain("Math.pow(a, b)"),
  Prelu: plain("a < 0 ? b * a : a"),
  RealDiv: plain("a / b"),
  Reciprocal: plain("1 / a"),
  Relu: plain("Math.max(0, a)"),
  Relu6: plain("Math.min(Math.max(0, a), 6)"),
  Round: plain(
    "a - Math.floor(a) < 0.5 ? Math.floor(a) : a - Math.floor(a) > 0.5 ? Math.ceil(a) : Math.floor(a) % 2 === 0 ? Math.floor(a) : Math.floor(a) + 1",
  ),
  Rsqrt: plain("1 / Math.sqrt(a)"),
  Select: plain("a === 1 ? b : c"),
  Selu: plain(`a >= 0 ? ${SELU.scale} * a : ${SELU.scale * SELU.alpha} * (Math.exp(a) - 1)`),
  Sigmoid: plain("1 / (1 + Math.exp(-a))"),
  Sign: plain("a < 0 ? -1 : a > 0 ? 1 : 0"),
  Sin: plain("Math.sin(a)"),
  Softplus: plain(`a > ${EDGE} ? a : a < -${EDGE} ? Math.exp(a) : Math.log(1 + Math.exp(a))`),
  Sqrt: plain("Math.sqrt(a)"),
  Square: plain("a * a"),
  SquaredDifference: plain("(a - b) * (a - b)"),
  Step: ({ alpha }) => `Number.isNaN(a) ? NaN : a > 0 ? 1 : ${number(alpha)}`,
  Sub: plain("a - b"),
  Tanh: plain("Math.tanh(a)"),
};

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
