/**
 * Operations of TensorFlow.js' CPU backend, made quick where its own are slow: between tensors of different shapes, in products of
 * matrices, in sums. What runs only once, and what a cell writes by itself, is no plan, and runs by these.
 */
import {
  broadcast_util as broadcasting,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { isGuess, markGuess, meaningless } from "../library/tensorflow/plan/guesses.js";
import { lower } from "../library/tensorflow/plan/lower.js";
import { axesOf } from "../library/tensorflow/plan/reduce.js";
import { makeNumbers, type NumberType, type Numbers, sizeOf } from "../library/tensorflow/plan/value.js";

interface Shaped {
  readonly shape: number[];
  readonly dtype: NumberType;
  /** Whether our way is quicker than the backend's own. */
  readonly isQuick: boolean;
}

type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

/** What an operation gives for these inputs; undefined if that is not known. */
type Rule = (inputs: Inputs, attributes: Readonly<Record<string, unknown>>) => Shaped | undefined;

/** Below this many numbers, getting ready takes longer than the work. */
const WORTHWHILE = 256;

const isFloat = (info: TensorInfo | undefined): info is TensorInfo => info?.dtype === "float32";

const pair =
  (dtype: NumberType): Rule =>
  ({ a, b }) => {
    if (!isFloat(a) || !isFloat(b)) {
      return undefined;
    }
    const isSame = a.shape.length === b.shape.length && a.shape.every((length, i) => length === b.shape[i]);
    const shape = isSame ? a.shape : broadcasting.assertAndGetBroadcastShape(a.shape, b.shape);
    return { shape, dtype, isQuick: !isSame };
  };

const single: Rule = ({ x }) =>
  isFloat(x) ? { shape: x.shape, dtype: "float32", isQuick: false } : undefined;

// Of Max, the axes have another name than of all others.
const reduced: Rule = ({ x }, { axis, reductionIndices = axis, keepDims }) => {
  if (!isFloat(x)) {
    return undefined;
  }
  const axes = new Set(axesOf(reductionIndices, x.shape.length));
  const shape = keepDims
    ? x.shape.map((length, i) => (axes.has(i) ? 1 : length))
    : x.shape.filter((_, i) => !axes.has(i));
  return { shape, dtype: "float32", isQuick: true };
};

const product: Rule = ({ a, b }, { transposeA, transposeB }) => {
  if (!isFloat(a) || !isFloat(b) || a.shape.length !== b.shape.length) {
    return undefined;
  }
  const many = sizeOf(a.shape.slice(0, -2)) === 1 ? b : a;
  return {
    shape: [...many.shape.slice(0, -2), a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!],
    dtype: "float32",
    isQuick: true,
  };
};

const each = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

const RULES: Readonly<Record<string, Rule>> = {
  ...each("Add Sub Multiply RealDiv Maximum Minimum SquaredDifference", pair("float32")),
  ...each("Equal Greater GreaterEqual Less LessEqual NotEqual", pair("bool")),
  ...each(
    "Abs Elu Erf Exp LeakyRelu Log Neg Relu Relu6 Round Rsqrt Selu Sigmoid Sign Softplus Sqrt Square Step Tanh",
    single,
  ),
  ...each("Max Mean Min Sum", reduced),
  BatchMatMul: product,
};

/** What is used of the CPU backend. It is not in its types. */
interface CpuBackend {
  readSync(dataId: object): Numbers;
  makeTensorInfo(shape: number[], dtype: string, values: Numbers): TensorInfo;
}

const quick =
  (kernel: string, rule: Rule, own: KernelFunc): KernelFunc =>
  (given) => {
    const inputs = given.inputs as Inputs;
    const attributes = (given.attrs ?? {}) as Readonly<Record<string, unknown>>;
    const entering = Object.entries(inputs).flatMap(([name, info]) => (info ? [[name, info] as const] : []));
    const result = rule(inputs, attributes);
    const backend = given.backend as CpuBackend;
    if (result && isGuess(entering.map(([, info]) => info))) {
      return guess(result, backend);
    }
    if (!result?.isQuick || Math.max(...entering.map(([, { shape }]) => sizeOf(shape))) < WORTHWHILE) {
      return own(given);
    }
    const made = makeNumbers(result.dtype, sizeOf(result.shape));
    const numbers = [...entering.map(([, { dataId }]) => backend.readSync(dataId)), made];
    const values = [...entering.map(([, info]) => info), result].map(({ shape, dtype }, id) => ({
      id,
      shape,
      dtype: dtype as NumberType,
    }));
    const operation = {
      kernel,
      inputs: entering.map(([name], i) => [name, values[i]!] as const),
      attributes,
      outputs: values.slice(-1),
    };
    const work = lower(operation, ({ id }) => numbers[id]!);
    if (!work) {
      return own(given);
    }
    work.forEach((step) => {
      step();
    });
    return backend.makeTensorInfo(result.shape, result.dtype, made);
  };

/** An output whose numbers nobody will look at. */
function guess({ shape, dtype }: Shaped, backend: CpuBackend): TensorInfo {
  const size = sizeOf(shape);
  const room = meaningless(4 * size);
  const numbers = dtype === "bool" ? new Uint8Array(room, 0, size) : new Float32Array(room, 0, size);
  const made = backend.makeTensorInfo(shape, dtype, numbers);
  markGuess(made);
  return made;
}

/** From now on the CPU backend has them. */
export function registerQuickKernels(): void {
  for (const [name, rule] of Object.entries(RULES)) {
    const { kernelFunc } = getKernel(name, "cpu");
    unregisterKernel(name, "cpu");
    registerKernel({ kernelName: name, backendName: "cpu", kernelFunc: quick(name, rule, kernelFunc) });
  }
}
