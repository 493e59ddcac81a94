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
import type { CpuBackend } from "../library/tensorflow/plan/cpuBackend.js";
import { isGuess, markGuess, meaningless } from "../library/tensorflow/plan/guesses.js";
import { axesOf } from "../library/tensorflow/plan/reduce.js";
import { room } from "../library/tensorflow/plan/memory.js";
import { Plan, Pool } from "../library/tensorflow/plan/plan.js";
import { type Numbers, type NumberType, type Operation, sizeOf } from "../library/tensorflow/plan/value.js";
import { canCompute } from "../library/tensorflow/plan/webAssembly.js";

interface Shaped {
  readonly shape: number[];
  readonly dtype: NumberType;
  /** Whether our way is quicker than the backend's own. */
  readonly isQuick: boolean;
}

type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

/** What an operation gives for these inputs, one or a list; undefined if that is not known. */
type Rule = (
  inputs: Inputs,
  attributes: Readonly<Record<string, unknown>>,
) => Shaped | readonly Shaped[] | undefined;

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

/** Numbers in another order, or a part of them. */
const moved =
  (shapeOf: (shape: number[], attributes: Readonly<Record<string, unknown>>) => number[]): Rule =>
  ({ x }, attributes) =>
    isFloat(x) ? { shape: shapeOf(x.shape, attributes), dtype: "float32", isQuick: true } : undefined;

const split: Rule = ({ x }, { numOrSizeSplits, axis = 0 }) => {
  if (!isFloat(x)) {
    return undefined;
  }
  const [at] = axesOf(axis, x.shape.length);
  const count = numOrSizeSplits as number | readonly number[];
  const sizes =
    typeof count === "number" ? Array.from({ length: count }, () => x.shape[at!]! / count) : count;
  return sizes.includes(-1)
    ? undefined
    : sizes.map((size) => ({ shape: x.shape.with(at!, size), dtype: "float32", isQuick: true }));
};

/** Tensors behind each other, along an axis that they have or get. */
const joined =
  (isNew: boolean): Rule =>
  (inputs, { axis = 0 }) => {
    const list = Object.values(inputs);
    if (!list.every(isFloat) || list.length < 2) {
      return undefined;
    }
    const { shape } = list[0]!;
    const [at] = axesOf(axis, shape.length + (isNew ? 1 : 0));
    const length = isNew ? list.length : list.reduce((sum, info) => sum + info.shape[at!]!, 0);
    return {
      shape: isNew ? shape.toSpliced(at!, 0, length) : shape.with(at!, length),
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
  Concat: joined(false),
  Pack: joined(true),
  Slice: moved((shape, { begin, size }) => {
    const [from, lengths] = [begin, size].map((one) => [one].flat() as number[]) as [number[], number[]];
    return shape.map((length, i) => ((lengths[i] ?? -1) === -1 ? length - (from[i] ?? 0) : lengths[i]!));
  }),
  SplitV: split,
  Tile: moved((shape, { reps }) => shape.map((length, i) => length * (reps as number[])[i]!)),
  Transpose: moved((shape, { perm }) => (perm as number[]).map((axis) => shape[axis]!)),
};

const quick =
  (kernel: string, rule: Rule, own: KernelFunc): KernelFunc =>
  (given) => {
    const inputs = given.inputs as Inputs;
    const attributes = (given.attrs ?? {}) as Readonly<Record<string, unknown>>;
    const entering = Object.entries(inputs).flatMap(([name, info]) => (info ? [[name, info] as const] : []));
    const rules = rule(inputs, attributes);
    const results = rules && [rules].flat();
    const backend = given.backend as CpuBackend;
    if (results && isGuess(entering.map(([, info]) => info))) {
      return asGiven(
        results.map((result) => guess(result, backend)),
        rules,
      );
    }
    const isLarge = Math.max(...entering.map(([, { shape }]) => sizeOf(shape))) >= WORTHWHILE;
    if (!rules || !isLarge || !canCompute() || !results?.every(({ isQuick }) => isQuick)) {
      return own(given);
    }
    const values = [...entering.map(([, info]) => info), ...results].map(({ shape, dtype }, id) => ({
      id,
      shape,
      dtype: dtype as NumberType,
    }));
    const operation = {
      kernel,
      inputs: entering.map(([name], i) => [name, values[i]!] as const),
      attributes,
      outputs: values.slice(entering.length),
    };
    const made = runOnce(
      operation,
      entering.map(([, { dataId }]) => backend.readSync(dataId)),
    );
    return made
      ? asGiven(
          results.map(({ shape, dtype }, i) => backend.makeTensorInfo(shape, dtype, made[i]!)),
          rules,
        )
      : own(given);
  };

/** Does an operation as a plan does, from its inputs' numbers; undefined if plans know no way of their own. */
function runOnce(operation: Operation, numbers: readonly Numbers[]): Numbers[] | undefined {
  const pool = new Pool();
  const given = new Map(operation.inputs.map(([, { id }], i) => [id, pool.take(numbers[i]!.length)]));
  const plan = new Plan({ operations: [operation], given, fallback: () => [] }, operation.outputs, pool);
  try {
    if (plan.others.length > 0) {
      return undefined;
    }
    operation.inputs.forEach(([, { id, dtype }], i) => {
      room.write(given.get(id)!, dtype, numbers[i]!);
    });
    plan.run();
    return plan.results.map((address, i) => room.read(address, operation.outputs[i]!));
  } finally {
    numbers.forEach(({ length }, i) => {
      pool.give(length, given.get(operation.inputs[i]![1].id)!);
    });
    pool.dispose();
  }
}

/** A list where the rule gave a list. */
const asGiven = (infos: TensorInfo[], rules: Shaped | readonly Shaped[]): TensorInfo | TensorInfo[] =>
  Array.isArray(rules) ? infos : infos[0]!;

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
