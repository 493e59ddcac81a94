/**
 * Operations that TensorFlow works out with the processor's own approximations of 1/x and 1/sqrt(x), in operations that are
 * rounded as IEEE 754 says: what a training gives then does not depend on the maker of the processor. TensorFlow also
 * makes such operations itself of a graph, out of 1 / x and x / sqrt(y), so these are written in another way too.
 */
import { type GraphBuilder, TYPES } from "./protobufNode.js";

/** A node's inputs, by their names, and its attributes' values. */
export interface NotedNode {
  readonly inputs: readonly string[];
  readonly valueOf: (attribute: string) => unknown;
}

type Rewrite = (graph: GraphBuilder, node: NotedNode) => string | undefined;

const float = (graph: GraphBuilder, value: number): string =>
  graph.constant(TYPES.float32, [], new Uint8Array(Float32Array.of(value).buffer));

const add = (graph: GraphBuilder, operation: string, ...inputs: readonly string[]): string =>
  graph.add(operation, inputs, new Map([["T", graph.type(TYPES.float32)]]));

/** 1 / x as -1 / -x, which TensorFlow leaves as it is. */
const reciprocal = (graph: GraphBuilder, x: string): string =>
  add(graph, "RealDiv", float(graph, -1), add(graph, "Neg", x));

/** sqrt(x), so that what is divided by it stays a division. */
const root = (graph: GraphBuilder, x: string): string => add(graph, "Abs", add(graph, "Sqrt", x));

/** A reduction along the last axis, which is kept. */
function alongLast(graph: GraphBuilder, operation: string, x: string): string {
  const axis = graph.constant(TYPES.int32, [1], new Uint8Array(Int32Array.of(-1).buffer));
  const attributes = new Map([
    ["T", graph.type(TYPES.float32)],
    ["Tidx", graph.type(TYPES.int32)],
    ["keep_dims", graph.flag(true)],
  ]);
  return graph.add(operation, [x, axis], attributes);
}

/** Each gives the name of what stands for the operation, or undefined if it may stay. To add one, add an entry. */
export const EXACT: Readonly<Record<string, Rewrite>> = {
  Reciprocal: (graph, { inputs: [x] }) => reciprocal(graph, x!),
  Rsqrt: (graph, { inputs: [x] }) => reciprocal(graph, root(graph, x!)),
  RealDiv: (graph, { inputs: [x, y] }) =>
    graph.isOne(x!)
      ? reciprocal(graph, y!)
      : graph.operationOf(y!) === "Sqrt"
        ? add(graph, "RealDiv", x!, add(graph, "Abs", y!))
        : undefined,
  Softmax: (graph, { inputs: [x] }) => {
    const powers = add(graph, "Exp", add(graph, "Sub", x!, alongLast(graph, "Max", x!)));
    return add(graph, "RealDiv", powers, alongLast(graph, "Sum", powers));
  },
  FusedBatchNorm: (graph, { inputs, valueOf }) => {
    const [x, scale, offset, mean, variance] = inputs as [string, string, string, string, string];
    const spread = root(graph, add(graph, "AddV2", variance, float(graph, valueOf("epsilon") as number)));
    const normalized = add(graph, "RealDiv", add(graph, "Sub", x, mean), spread);
    return add(graph, "AddV2", add(graph, "Mul", normalized, scale), offset);
  },
};
