import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tf } from "./tf.js";
import { EXACT } from "./exactNode.js";
import { type AttributeKinds, GraphBuilder, TAG, TYPES } from "./protobufNode.js";

/** An attribute of an operation, as tfjs-node has it. */
interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that runs TensorFlow's operations and graphs. It is not in its types. */
interface NodeBackend {
  readonly binding: AttributeKinds & {
    loadSavedModel(folder: string, tag: string): number;
    runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): unknown[];
    deleteSavedModel(id: number): void;
  };
  // Properties, as they are put aside and called by hand.
  executeSingleOutput: (
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
  ) => tf.Tensor;
  executeMultipleOutputs: (
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ) => tf.Tensor[];
  getInputTensorIds(inputs: readonly tf.Tensor[]): number[];
  createOutputTensor(output: unknown): tf.Tensor;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
}

/** Why something cannot be a graph. */
export class NotTraceable extends Error {
  override readonly name = "NotTraceable";
}

/** What a function did, as a graph. */
export interface Trace {
  /** `saved_model.pb` */
  readonly bytes: Uint8Array;
  /** Names of what enters and of what leaves, for a run. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Below this many runs a function is not worth a graph: to make one takes as long as some runs. */
export const runsWorthAGraph = 15;

/** Whether the backend is tfjs-node's, so that graphs can be run. */
export function canRunGraphs(): boolean {
  return tf.getBackend() === "tensorflow";
}

/** Notes what a function does. `isPure`: it is known to do the same with any input, so that the numbers do not matter. */
export type Tracer = (
  work: (inputs: tf.Tensor[], enter: (tensor: tf.Tensor) => void) => tf.Tensor[],
  inputs: readonly tf.Tensor[],
  isPure: boolean,
) => Trace;

/**
 * Runs a function of tensors once, and notes each operation that reaches the backend. All that the function takes from
 * outside its inputs, and all numbers that it makes in JavaScript, become constants of the graph. With `enter` it can
 * declare more inputs on the way: they come after the others.
 *
 * @throws NotTraceable for what a graph cannot hold.
 */
export const trace: Tracer = (work, inputs) => {
  const backend = tf.backend() as unknown as NodeBackend;
  const graph = new GraphBuilder(backend.binding);
  /** From the data of a tensor to the output of a node that holds it. */
  const names = new Map<object, string>();
  const enter = (tensor: tf.Tensor): string => {
    if (!("dataId" in tensor)) {
      // tfjs-node's Int64Scalar
      const { value } = tensor as { value: number };
      return graph.constant(TYPES.int64, [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
    }
    let name = names.get(tensor.dataId);
    if (name === undefined) {
      const { buffer, byteOffset, byteLength } = backend.readSync(tensor.dataId);
      const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
      name = graph.constant(typeOf(tensor), tensor.shape, bytes);
      names.set(tensor.dataId, name);
    }
    return name;
  };
  const note = (
    operation: string,
    attributes: readonly Attribute[],
    entering: readonly tf.Tensor[],
  ): string => {
    const known = new Map(
      attributes.map(({ name, type, value }) => {
        const attribute = graph.attribute(type, value);
        if (!attribute) {
          throw new NotTraceable(`the operation ${operation} has an attribute "${name}" of an unknown kind`);
        }
        return [name, attribute];
      }),
    );
    if (operation === "ExpandDims") {
      // Run by itself TensorFlow works these out; a graph wants them said.
      known.set("T", graph.type(typeOf(entering[0]!))).set("Tdim", graph.type(TYPES.int32));
    }
    const names = entering.map(enter);
    const valueOf = (name: string): unknown => attributes.find((attribute) => attribute.name === name)?.value;
    return EXACT[operation]?.(graph, { inputs: names, valueOf }) ?? graph.add(operation, names, known);
  };
  const inputNames: string[] = [];
  const declare = (tensor: tf.Tensor): void => {
    const name = graph.placeholder(typeOf(tensor), tensor.shape);
    names.set(tensor.dataId, name);
    inputNames.push(name);
  };
  inputs.forEach(declare);
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  backend.executeSingleOutput = (operation, attributes, entering) => {
    const name = note(operation, attributes, entering);
    const output = executeSingleOutput.call(backend, operation, attributes, entering);
    names.set(output.dataId, name);
    return output;
  };
  backend.executeMultipleOutputs = (operation, attributes, entering, count) => {
    const name = note(operation, attributes, entering);
    const outputs = executeMultipleOutputs.call(backend, operation, attributes, entering, count);
    outputs.forEach((output, i) => names.set(output.dataId, i === 0 ? name : `${name}:${i}`));
    return outputs;
  };
  let outputs: tf.Tensor[] = [];
  try {
    outputs = tf.tidy(() => work([...inputs], declare));
  } finally {
    // The methods of the class come to light again.
    delete (backend as Partial<NodeBackend>).executeSingleOutput;
    delete (backend as Partial<NodeBackend>).executeMultipleOutputs;
  }
  // A node of its own for each output: TensorFlow refuses to hand out what was handed in.
  const outputNames = outputs.map((tensor) =>
    graph.add("Identity", [enter(tensor)], new Map([["T", graph.type(typeOf(tensor))]])),
  );
  tf.dispose(outputs);
  return { bytes: graph.serialize(), inputs: inputNames, outputs: outputNames };
};

function typeOf({ dtype }: tf.Tensor): number {
  if (!(dtype in TYPES)) {
    throw new NotTraceable(`it has tensors of type ${dtype}`);
  }
  return TYPES[dtype as keyof typeof TYPES];
}

/** A graph that TensorFlow has loaded. */
export class LoadedGraph {
  readonly #id: number;
  readonly #inputNames: string;

  /** @throws Error if the file cannot be written, or TensorFlow does not accept the graph. */
  constructor(private readonly traced: Trace) {
    const folder = mkdtempSync(join(tmpdir(), "vanishing-gradients-"));
    try {
      writeFileSync(join(folder, "saved_model.pb"), traced.bytes);
      this.#id = backendOf().binding.loadSavedModel(folder, TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    this.#inputNames = traced.inputs.map((name) => `${name}:0`).join(",");
  }

  /** Runs it in one native call. `wanted` are the places of the outputs to give; only what they need is computed. */
  run(inputs: readonly tf.Tensor[], wanted: readonly number[]): tf.Tensor[] {
    const backend = backendOf();
    const outputNames = wanted.map((place) => `${this.traced.outputs[place]!}:0`).join(",");
    const ids = backend.getInputTensorIds(inputs);
    return backend.binding
      .runSavedModel(this.#id, ids, this.#inputNames, outputNames)
      .map((output) => backend.createOutputTensor(output));
  }

  dispose(): void {
    backendOf().binding.deleteSavedModel(this.#id);
  }
}

const backendOf = (): NodeBackend => tf.backend() as unknown as NodeBackend;
