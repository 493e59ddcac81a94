import * as tf from "@tensorflow/tfjs-node";
import { freeing } from "./freeing.js";
import { canRunGraphs, LoadedGraph, trace, type Trace } from "./savedModelNode.js";

/** Outputs by name. Each is made when it is asked for, so that what nobody wants is not computed. */
export type Outputs<Name extends string> = { readonly [Key in Name]: () => tf.Tensor };

/** Keeps a tensor, made in a function that frees what it does not return, until all outputs are made. */
export type Keep = (tensor: tf.Tensor) => tf.Tensor;

/** A function of tensors, without anything that it remembers or draws at random. */
export type Work<Name extends string> = (inputs: readonly tf.Tensor[], keep: Keep) => Outputs<Name>;

/** How a function runs: as one TensorFlow graph, or operation by operation, and then why. */
export interface Engine {
  readonly mode: "graph" | "eager";
  readonly reason?: string;
}

/** How a function is compiled. */
export interface CompileOptions {
  /**
   * Whether the function is known to do the same with any input, as one that is written out here is. Otherwise it is
   * traced twice, with other inputs, to find out.
   */
  readonly isPure?: boolean;
  /** Whether so many runs will come with inputs of these shapes that a graph is worth its making. Always, if not given. */
  readonly isWorthwhile?: (inputs: readonly tf.Tensor[]) => boolean;
}

/** A function that runs in one native call, where there is TensorFlow. Free it with `dispose`. */
export interface CompiledFunction<Name extends string> {
  /** Whether runs were runs of a graph. A few with inputs of other shapes may have been none. */
  readonly engine: Engine;
  /** Runs it. The tensors of the result are the caller's. */
  run<Wanted extends Name>(
    inputs: readonly tf.Tensor[],
    wanted: readonly Wanted[],
  ): { readonly [Key in Wanted]: tf.Tensor };
  dispose(): void;
}

/** What is known of inputs of certain shapes. */
interface Variant<Name extends string> {
  readonly graph?: { readonly loaded: LoadedGraph; readonly names: readonly Name[] };
  readonly reason?: string;
}

/**
 * Compiles a function of tensors: it is run once for each combination of shapes, and what it does is noted as a
 * TensorFlow graph, which from then on runs in one native call in place of hundreds. Same operations, same numbers.
 *
 * What cannot be a graph runs operation by operation: where there is no tfjs-node (a browser), where numbers are drawn at
 * random or worked out in JavaScript on the way, where TensorFlow does not accept the graph. `engine` says so.
 */
export function compileGraph<Name extends string>(
  work: Work<Name>,
  { isPure = false, isWorthwhile = () => true }: CompileOptions = {},
): CompiledFunction<Name> {
  const variants = new Map<string, Variant<Name>>();
  const variantOf = (inputs: readonly tf.Tensor[]): Variant<Name> => {
    const key = inputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(" ");
    let variant = variants.get(key);
    if (!variant) {
      variant = isWorthwhile(inputs)
        ? variantFor(work, inputs, isPure)
        : { reason: "too few steps to be worth a graph" };
      variants.set(key, variant);
    }
    return variant;
  };
  return {
    get engine(): Engine {
      const all = [...variants.values()];
      return all.some(({ graph }) => graph)
        ? { mode: "graph" }
        : { mode: "eager", reason: all[0]?.reason ?? "it has not run yet" };
    },
    run: <Wanted extends Name>(inputs: readonly tf.Tensor[], wanted: readonly Wanted[]) => {
      const { graph } = variantOf(inputs);
      const outputs = graph
        ? graph.loaded.run(
            inputs,
            wanted.map((name) => graph.names.indexOf(name)),
          )
        : runEagerly(work, inputs, wanted);
      const named = wanted.map((name, i) => [name, outputs[i]!] as const);
      return Object.fromEntries(named) as { readonly [Key in Wanted]: tf.Tensor };
    },
    dispose: () => {
      for (const { graph } of variants.values()) {
        graph?.loaded.dispose();
      }
      variants.clear();
    },
  };
}

/** The graph for inputs of these shapes, or the reason why there is none. */
function variantFor<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
  isPure: boolean,
): Variant<Name> {
  if (!canRunGraphs()) {
    return { reason: "graphs need @tensorflow/tfjs-node" };
  }
  try {
    const { traced, names } = traceNames(work, inputs);
    return isPure || sameWithOtherInputs(traced, work, inputs)
      ? { graph: { loaded: new LoadedGraph(traced), names } }
      : { reason: "numbers are drawn at random or worked out in JavaScript in each step" };
  } catch (error) {
    return { reason: `it could not be made a graph: ${(error as Error).message.slice(0, 200)}` };
  }
}

function traceNames<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
): { traced: Trace; names: Name[] } {
  let names: Name[] = [];
  // Copies: a tensor that is given twice would be one input.
  const own = freeing(() => inputs.map((tensor) => tf.keep(copyOf(tensor))));
  try {
    const traced = trace(
      (given) =>
        keeping((keep) => {
          const outputs = work(given, keep);
          names = Object.keys(outputs) as Name[];
          return names.map((name) => outputs[name]());
        }),
      own,
    );
    return { traced, names };
  } finally {
    tf.dispose(own);
  }
}

/** Whether another run gives the same graph, constants included. */
function sameWithOtherInputs<Name extends string>(
  { bytes }: Trace,
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
): boolean {
  const others = freeing(() =>
    inputs.map((tensor) => tf.keep(tensor.dtype === "float32" ? tensor.mul(0.75) : copyOf(tensor))),
  );
  try {
    const again = traceNames(work, others).traced.bytes;
    return bytes.length === again.length && bytes.every((byte, i) => byte === again[i]);
  } finally {
    tf.dispose(others);
  }
}

/** A tensor with data of its own (`clone` shares it). */
const copyOf = (tensor: tf.Tensor): tf.Tensor => tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);

function runEagerly<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
  wanted: readonly Name[],
): tf.Tensor[] {
  return tf.tidy(() =>
    keeping((keep) => {
      const outputs = work(inputs, keep);
      // Copies: an output may be an input, which is not to be freed with it.
      return wanted.map((name) => outputs[name]().clone());
    }),
  );
}

/** Runs work that makes outputs, and frees what it kept until then. */
function keeping(make: (keep: Keep) => tf.Tensor[]): tf.Tensor[] {
  const kept: tf.Tensor[] = [];
  try {
    return make((tensor) => {
      // A copy: the tensor itself is freed by who made it.
      const copy = tf.keep(tensor.clone());
      kept.push(copy);
      return copy;
    });
  } finally {
    tf.dispose(kept);
  }
}
