import { tf } from "./tf.js";
import { deriveSeed } from "../ground/random.js";
import {
  type Draw,
  type Drawer,
  type GraphVariant,
  runEagerly,
  runGraph,
  traceGraph,
} from "./graphVariant.js";
import { canRunGraphs } from "./graphNode.js";

export { runsWorthAGraph } from "./graphNode.js";

/** Outputs by name. Each is made when it is asked for, so that what nobody wants is not computed. */
export type Outputs<Name extends string> = Readonly<Record<Name, () => tf.Tensor>>;

/** Keeps a tensor, made in a function that frees what it does not return, until all outputs are made. */
export type Keep = (tensor: tf.Tensor) => tf.Tensor;

/** What a function may ask for, so that it need not remember or draw anything by itself. */
export interface Tools {
  readonly keep: Keep;
  /** Numbers drawn anew at each run: uniform from 0 to 1, or standard normal. */
  readonly draw: (kind: Draw["kind"], shape: readonly number[]) => tf.Tensor;
}

/** A function of tensors. It remembers nothing, and what is random in it comes from `draw`. */
export type Work<Name extends string> = (inputs: readonly tf.Tensor[], tools: Tools) => Outputs<Name>;

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
  /** Decides what is drawn. Without it, other numbers are drawn each time. */
  readonly seed?: number | undefined;
}

/** A function that runs in one native call, where there is TensorFlow. Free it with `dispose`. */
export interface CompiledFunction<Name extends string> {
  /** Whether runs were runs of a graph. A few with inputs of other shapes may have been none. */
  readonly engine: Engine;
  /** Runs it. The tensors of the result are the caller's. */
  run<Wanted extends Name>(
    inputs: readonly tf.Tensor[],
    wanted: readonly Wanted[],
  ): Readonly<Record<Wanted, tf.Tensor>>;
  dispose(): void;
}

/** The graph for inputs of certain shapes, or the reason why there is none. */
type Variant<Name extends string> = { readonly graph: GraphVariant<Name> } | { readonly reason: string };

/**
 * Compiles a function of tensors: it is run once for each combination of shapes, and what it does is noted as a
 * TensorFlow graph, which from then on runs in one native call in place of hundreds. Same operations, same numbers.
 *
 * What cannot be a graph runs operation by operation: where there is no tfjs-node (a browser), where numbers are drawn at
 * random without `draw` or are worked out in JavaScript on the way, where TensorFlow does not accept the graph. `engine`
 * says so.
 */
export function compileGraph<Name extends string>(
  work: Work<Name>,
  { isPure = false, isWorthwhile = () => true, seed }: CompileOptions = {},
): CompiledFunction<Name> {
  const variants = new Map<string, Variant<Name>>();
  const draw = drawer(seed);
  const variantFor = (inputs: readonly tf.Tensor[]): Variant<Name> => {
    if (!canRunGraphs()) {
      return { reason: "graphs need @tensorflow/tfjs-node" };
    }
    if (!isWorthwhile(inputs)) {
      return { reason: "a graph was not asked for, or there are too few steps to be worth one" };
    }
    try {
      return { graph: traceGraph(work, inputs, isPure, draw) };
    } catch (error) {
      return { reason: (error as Error).message.slice(0, 300) };
    }
  };
  const variantOf = (inputs: readonly tf.Tensor[]): Variant<Name> => {
    const key = inputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(" ");
    const variant = variants.get(key) ?? variantFor(inputs);
    variants.set(key, variant);
    return variant;
  };
  return {
    get engine(): Engine {
      const all = [...variants.values()];
      const reasons = all.flatMap((variant) => ("reason" in variant ? [variant.reason] : []));
      return reasons.length < all.length
        ? { mode: "graph" }
        : { mode: "eager", reason: reasons[0] ?? "it has not run yet" };
    },
    run: <Wanted extends Name>(inputs: readonly tf.Tensor[], wanted: readonly Wanted[]) => {
      const variant = variantOf(inputs);
      const outputs =
        "graph" in variant
          ? runGraph(variant.graph, inputs, wanted, draw)
          : runEagerly(work, inputs, wanted, draw);
      const named = wanted.map((name, i) => [name, outputs[i]!] as const);
      return Object.fromEntries(named) as Readonly<Record<Wanted, tf.Tensor>>;
    },
    dispose: () => {
      for (const variant of variants.values()) {
        if ("graph" in variant) {
          variant.graph.loaded.dispose();
        }
      }
      variants.clear();
    },
  };
}

/** Draws numbers: the same ones in the same order for the same seed. */
function drawer(seed: number | undefined): Drawer {
  let drawn = 0;
  return ({ kind, shape }) => {
    const own = seed === undefined ? undefined : deriveSeed(seed, drawn++);
    return kind === "uniform"
      ? tf.randomUniform([...shape], 0, 1, "float32", own)
      : tf.randomNormal([...shape], 0, 1, "float32", own);
  };
}
