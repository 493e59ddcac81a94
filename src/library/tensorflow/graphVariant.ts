import { tf } from "./tf.js";
import type { Keep, Tools, Work } from "./compileGraph.js";
import { freeing } from "./freeing.js";
import { LoadedGraph, NotTraceable, trace, type Trace } from "./graphNode.js";

/** Numbers to draw. */
export interface Draw {
  readonly kind: "uniform" | "normal";
  readonly shape: readonly number[];
}

/** Draws them. The tensor is the caller's. */
export type Drawer = (draw: Draw) => tf.Tensor;

/** A function as a graph, for inputs of certain shapes. */
export interface GraphVariant<Name extends string> {
  readonly loaded: LoadedGraph;
  /** Its outputs, in order. */
  readonly names: readonly Name[];
  /** What is drawn at each run and comes after the inputs. */
  readonly draws: readonly Draw[];
}

/** A trace and the names of what it gives and draws. */
interface NamedTrace<Name extends string> extends Omit<GraphVariant<Name>, "loaded"> {
  readonly traced: Trace;
}

/**
 * Makes a function a graph.
 *
 * @throws Error saying why it cannot be one.
 */
export function traceGraph<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
  isPure: boolean,
  draw: Drawer,
): GraphVariant<Name> {
  const { traced, names, draws } = traceWith(work, inputs, isPure, copyOf, draw);
  if (!isPure) {
    // Whatever JavaScript makes of the inputs, or draws, is a constant of the graph: then another run gives another graph.
    const other = traceWith(work, inputs, isPure, (tensor) => tensor.mul(0.75).sub(0.125), draw).traced.bytes;
    if (traced.bytes.length !== other.length || !traced.bytes.every((byte, i) => byte === other[i])) {
      throw new NotTraceable("numbers are drawn at random or worked out in JavaScript in each step");
    }
  }
  return { loaded: new LoadedGraph(traced), names, draws };
}

/** Runs a graph. The tensors of the result are the caller's. */
export function runGraph<Name extends string>(
  { loaded, names, draws }: GraphVariant<Name>,
  inputs: readonly tf.Tensor[],
  wanted: readonly Name[],
  draw: Drawer,
): tf.Tensor[] {
  const places = wanted.map((name) => names.indexOf(name));
  const drawn = draws.map(draw);
  try {
    return loaded.run(drawn.length === 0 ? inputs : [...inputs, ...drawn], places);
  } finally {
    tf.dispose(drawn);
  }
}

/** Runs a function operation by operation. The tensors of the result are the caller's. */
export function runEagerly<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
  wanted: readonly Name[],
  draw: Drawer,
): tf.Tensor[] {
  return tf.tidy(() =>
    keeping((keep) => {
      const outputs = work(inputs, { keep, draw: (kind, shape) => draw({ kind, shape }) });
      // Copies: an output may be an input, which is not to be freed with it.
      return wanted.map((name) => outputs[name]().clone());
    }),
  );
}

/** Traces a function with copies of its inputs, the float32 ones changed: a tensor that is given twice would be one input. */
function traceWith<Name extends string>(
  work: Work<Name>,
  inputs: readonly tf.Tensor[],
  isPure: boolean,
  change: (tensor: tf.Tensor) => tf.Tensor,
  draw: Drawer,
): NamedTrace<Name> {
  const own = freeing(() =>
    inputs.map((tensor) => tf.keep(tensor.dtype === "float32" ? change(tensor) : copyOf(tensor))),
  );
  const draws: Draw[] = [];
  let names: Name[] = [];
  try {
    const traced = trace(
      (given, enter) =>
        keeping((keep) => {
          const tools: Tools = {
            keep,
            draw: (kind, shape) => {
              draws.push({ kind, shape });
              const drawn = draw({ kind, shape });
              enter(drawn);
              return drawn;
            },
          };
          const outputs = work(given, tools);
          names = Object.keys(outputs) as Name[];
          return names.map((name) => outputs[name]());
        }),
      own,
      isPure,
    );
    return { traced, names, draws };
  } finally {
    tf.dispose(own);
  }
}

/** A tensor with data of its own (`clone` shares it). */
const copyOf = (tensor: tf.Tensor): tf.Tensor => tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);

/** Runs work that makes outputs, and frees what it kept until then. */
export function keeping<T>(make: (keep: Keep) => T): T {
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
