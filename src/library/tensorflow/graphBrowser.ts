/**
 * In a browser, functions of tensors run as plans: the operations that they did once, as WebAssembly that works on four
 * numbers at a time, in memory that is there. That takes about a seventh of the time that the operations take one by one.
 */
import { tf } from "./tf.js";
import type { CpuBackend } from "./plan/cpuBackend.js";
import { guessing, isGuess, markGuess } from "./plan/guesses.js";
import { type Fallback, Plan, Pool } from "./plan/plan.js";
import { room } from "./plan/memory.js";
import {
  isNumberType,
  type Numbers,
  type NumberType,
  type Operation,
  sizeOf,
  typeOf,
  type Value,
} from "./plan/value.js";
import { canCompute } from "./plan/webAssembly.js";

/** The part of the engine through which all operations go. */
interface Engine {
  runKernel?: (name: string, inputs: Inputs, attributes?: object) => tf.Tensor | tf.Tensor[];
}

type Inputs = Readonly<Record<string, tf.Tensor | undefined>> | readonly tf.Tensor[];

/** Why something cannot be a plan. */
export class NotTraceable extends Error {
  override readonly name = "NotTraceable";
}

/** What a function did. */
export interface Trace {
  /** All of it, to be compared. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly operations: readonly Operation[];
  readonly constants: ReadonlyMap<number, Numbers>;
}

/** Below this many runs a function is not worth a plan: to make one takes as long as some runs. */
export const runsWorthAGraph = 4;

/** Whether the backend is the one whose operations are known here, and the browser can work on four numbers at a time. */
export function canRunGraphs(): boolean {
  return tf.getBackend() === "cpu" && canCompute();
}

const backendOf = (): CpuBackend => tf.backend() as unknown as CpuBackend;

/**
 * Runs a function of tensors once, and notes each operation. All that the function takes from outside its inputs, and all
 * numbers that it makes in JavaScript, become constants. With `enter` it can declare more inputs on the way: they come after
 * the others.
 *
 * @param isPure whether it is known to do the same with any input: then little is worked out on the way
 * @throws NotTraceable for what a plan cannot hold.
 */
export function trace(
  work: (inputs: tf.Tensor[], enter: (tensor: tf.Tensor) => void) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
  isPure: boolean,
): Trace {
  return isPure ? guessing(() => note(work, inputs)) : note(work, inputs);
}

function note(
  work: (inputs: tf.Tensor[], enter: (tensor: tf.Tensor) => void) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
): Trace {
  const backend = backendOf();
  /** Where numbers are, and of what type. */
  const held = new Map<object, { readonly id: number; readonly dtype: NumberType }>();
  const constants = new Map<number, Numbers>();
  const operations: Operation[] = [];
  const casts = new Map<string, number>();
  let count = 0;
  const valueOf = (tensor: tf.Tensor): Value => {
    const { dataId, dtype, shape } = tensor;
    if (!isNumberType(dtype)) {
      throw new NotTraceable(`it has tensors of type ${dtype}`);
    }
    let own = held.get(dataId);
    if (own === undefined) {
      own = { id: count++, dtype };
      held.set(dataId, own);
      constants.set(own.id, backend.readSync(dataId).slice());
    }
    const value = { ...own, shape: [...shape] };
    return dtype === own.dtype ? value : castOf(value, dtype);
  };
  /** The CPU backend lets numbers be of another type where they lie. Here each type has its own. */
  const castOf = (value: Value, dtype: NumberType): Value => {
    const key = `${value.id} ${dtype}`;
    const known = casts.get(key);
    const cast = { ...value, id: known ?? count++, dtype };
    if (known === undefined) {
      casts.set(key, cast.id);
      operations.push({ kernel: "Cast", inputs: [["x", value]], attributes: { dtype }, outputs: [cast] });
    }
    return cast;
  };
  const declare = (tensor: tf.Tensor): Value => {
    if (!isNumberType(tensor.dtype)) {
      throw new NotTraceable(`it has tensors of type ${tensor.dtype}`);
    }
    held.set(tensor.dataId, { id: count++, dtype: tensor.dtype });
    markGuess(tensor);
    const value = valueOf(tensor);
    given.push(value);
    return value;
  };
  const given: Value[] = [];
  inputs.forEach(declare);
  const engine = tf.engine() as unknown as Engine;
  const runKernel = engine.runKernel!.bind(engine);
  engine.runKernel = (kernel, named, attributes = {}) => {
    const result = runKernel(kernel, named, attributes);
    const results = [result].flat();
    const tensors = Object.entries(named).flatMap(([name, tensor]) =>
      tensor ? [[name, tensor] as const] : [],
    );
    // What only has another shape, or is a copy, holds the same numbers. The engine makes copies for gradients while an
    // operation is at work, before its outputs are known here.
    if (results.every(({ dataId }) => tensors.some(([, tensor]) => tensor.dataId === dataId))) {
      return result;
    }
    if (isGuess(tensors.map(([, tensor]) => tensor))) {
      results.forEach(markGuess);
    }
    const entering = tensors.map(([name, tensor]) => [name, valueOf(tensor)] as const);
    const isConstant = entering.every(([, { id }]) => constants.has(id)) || /^(Zeros|Ones)Like$/.test(kernel);
    if (isConstant) {
      results.forEach(valueOf);
    } else {
      results.forEach(({ dataId, dtype }) => held.set(dataId, { id: count++, dtype: dtype as NumberType }));
      operations.push({
        kernel,
        inputs: entering,
        attributes: { ...attributes },
        outputs: results.map(valueOf),
      });
    }
    return result;
  };
  let outputs: Value[] = [];
  try {
    tf.tidy(() => {
      outputs = work([...inputs], declare).map(valueOf);
    });
  } finally {
    // The method of the class comes to light again.
    delete engine.runKernel;
  }
  return { bytes: bytesOf(operations, constants, outputs), inputs: given, outputs, operations, constants };
}

function bytesOf(
  operations: readonly Operation[],
  constants: ReadonlyMap<number, Numbers>,
  outputs: readonly Value[],
): Uint8Array {
  const numbers = [...constants].map(([id, values]) => [id, values.length, hashOf(values)]);
  return new TextEncoder().encode(JSON.stringify([operations, numbers, outputs]));
}

/** A number that is another one if a number of a list is (FNV-1a, over the numbers' bytes). */
function hashOf(numbers: Numbers): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** A function as plans: one for each choice of its outputs. */
export class LoadedGraph {
  readonly #traced: Trace;
  readonly #given = new Map<number, number>();
  readonly #pool = new Pool();
  readonly #plans = new Map<string, Plan>();

  constructor(traced: Trace) {
    this.#traced = traced;
    for (const { id, shape } of traced.inputs) {
      this.#given.set(id, this.#pool.take(sizeOf(shape)));
    }
    traced.constants.forEach((numbers, id) => {
      const address = this.#pool.take(numbers.length);
      room.write(address, typeOf(numbers), numbers);
      this.#given.set(id, address);
    });
  }

  /** Runs it. `wanted` are the places of the outputs to give; only what they need is worked out. */
  run(inputs: readonly tf.Tensor[], wanted: readonly number[]): tf.Tensor[] {
    const backend = backendOf();
    const { outputs } = this.#traced;
    const values = wanted.map((place) => outputs[place]!);
    const key = wanted.join();
    let plan = this.#plans.get(key);
    if (!plan) {
      const { operations } = this.#traced;
      plan = new Plan({ operations, given: this.#given, fallback: byBackend }, values, this.#pool);
      this.#plans.set(key, plan);
    }
    this.#traced.inputs.forEach(({ id, dtype }, i) => {
      room.write(this.#given.get(id)!, dtype, backend.readSync(inputs[i]!.dataId));
    });
    plan.run();
    return plan.results.map((address, i) => {
      const { shape, dtype } = values[i]!;
      return tf.tensor(room.read(address, values[i]!), [...shape], dtype);
    });
  }

  dispose(): void {
    const { inputs, constants } = this.#traced;
    inputs.forEach(({ id, shape }) => {
      this.#pool.give(sizeOf(shape), this.#given.get(id)!);
    });
    constants.forEach(({ length }, id) => {
      this.#pool.give(length, this.#given.get(id)!);
    });
    this.#pool.dispose();
    this.#plans.clear();
    this.#given.clear();
  }
}

/** Does an operation as the backend does it. */
const byBackend: Fallback = ({ kernel, inputs, attributes, outputs }, numbers) => {
  const backend = backendOf();
  const infos = inputs.map(([, { shape, dtype }], i) => backend.makeTensorInfo(shape, dtype, numbers[i]!));
  const named = Object.fromEntries(inputs.map(([name], i) => [name, infos[i]!]));
  const list = inputs.length > 1 && inputs.every(([name], i) => name === String(i));
  const { kernelFunc } = tf.getKernel(kernel, "cpu");
  const made = [
    kernelFunc({
      inputs: (list ? infos : named) as tf.NamedTensorInfoMap,
      backend,
      attrs: attributes as tf.NamedAttrMap,
    }),
  ].flat();
  const results = outputs.map((_, i) => backend.readSync(made[i]!.dataId).slice());
  [...infos, ...made].forEach((info) => {
    backend.disposeIntermediateTensorInfo(info);
  });
  return results;
};
