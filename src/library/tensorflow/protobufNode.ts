/**
 * TensorFlow's graphs as protocol buffers, in the classes that tfjs-node ships without types:
 * https://www.tensorflow.org/api_docs/python/tf/compat/v1/GraphDef
 */
interface Message {
  serializeBinary(): Uint8Array;
}
interface Dim extends Message {
  setSize(size: number): void;
}
interface Shape extends Message {
  setDimList(dims: readonly Dim[]): void;
}
interface TensorProto extends Message {
  setDtype(type: number): void;
  setTensorShape(shape: Shape): void;
  setTensorContent(bytes: Uint8Array): void;
}
interface ListValue extends Message {
  setIList(values: readonly number[]): void;
  setFList(values: readonly number[]): void;
  setBList(values: readonly boolean[]): void;
  setTypeList(values: readonly number[]): void;
}
interface AttrValue extends Message {
  setList(list: ListValue): void;
  setS(text: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setType(type: number): void;
  setShape(shape: Shape): void;
  setTensor(tensor: TensorProto): void;
}
interface NodeDef extends Message {
  setName(name: string): void;
  setOp(operation: string): void;
  setInputList(names: readonly string[]): void;
  getAttrMap(): { set(name: string, value: AttrValue): void };
}
interface GraphDef extends Message {
  addNode(node: NodeDef): void;
  setVersions(versions: Message): void;
}
interface Protobuf {
  readonly GraphDef: new () => GraphDef;
  readonly VersionDef: new () => Message & { setProducer(version: number): void };
  readonly NodeDef: new () => NodeDef;
  readonly AttrValue: (new () => AttrValue) & { readonly ListValue: new () => ListValue };
  readonly Tensor: new () => TensorProto;
  readonly TensorShape: (new () => Shape) & { readonly Dim: new () => Dim };
  readonly MetaGraphDef: (new () => Message & {
    setMetaInfoDef(information: Message): void;
    setGraphDef(graph: GraphDef): void;
  }) & { readonly MetaInfoDef: new () => Message & { setTagsList(tags: readonly string[]): void } };
  readonly SavedModel: new () => Message & {
    setSavedModelSchemaVersion(version: number): void;
    setMetaGraphsList(graphs: readonly Message[]): void;
  };
}

/** Numbers that TensorFlow gives its types of tensors. */
export const TYPES = { float32: 1, int32: 3, int64: 9, bool: 10 } as const;

/** Which kind of attribute it is, as tfjs-node's binding numbers them. */
export type AttributeKinds = Readonly<
  Record<
    "TF_ATTR_STRING" | "TF_ATTR_INT" | "TF_ATTR_FLOAT" | "TF_ATTR_BOOL" | "TF_ATTR_TYPE" | "TF_ATTR_SHAPE",
    number
  >
>;

/** The version of TensorFlow's graphs that tfjs-node's library writes (2.9). */
const PRODUCER = 1286;

/** The tag that a saved model is loaded by. */
export const TAG = "serve";

let protobuf: Protobuf | undefined;

/** A graph that grows node by node. */
export class GraphBuilder {
  readonly #graph: GraphDef;
  readonly #pb: Protobuf;
  /** Each node's operation, by its name. */
  readonly #operations = new Map<string, string>();
  /** Constants of which each number is 1. */
  readonly #ones = new Set<string>();

  constructor(private readonly kinds: AttributeKinds) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- 0.6 MB that only those who train need
    this.#pb = protobuf ??= require("@tensorflow/tfjs-node/dist/proto/api_pb.js") as Protobuf;
    this.#graph = new this.#pb.GraphDef();
    const versions = new this.#pb.VersionDef();
    versions.setProducer(PRODUCER);
    this.#graph.setVersions(versions);
  }

  /** Adds a node and gives its name, which stands for its first output. */
  add(operation: string, inputs: readonly string[], attributes: ReadonlyMap<string, AttrValue>): string {
    const node = new this.#pb.NodeDef();
    const name = `n${this.#operations.size}`;
    this.#operations.set(name, operation);
    node.setName(name);
    node.setOp(operation);
    node.setInputList(inputs);
    attributes.forEach((value, key) => {
      node.getAttrMap().set(key, value);
    });
    this.#graph.addNode(node);
    return name;
  }

  /** Adds a value that never changes. */
  constant(type: number, shape: readonly number[], bytes: Uint8Array): string {
    const tensor = new this.#pb.Tensor();
    tensor.setDtype(type);
    tensor.setTensorShape(this.#shape(shape));
    tensor.setTensorContent(bytes);
    const value = new this.#pb.AttrValue();
    value.setTensor(tensor);
    const name = this.add("Const", [], new Map([["dtype", this.type(type)]]).set("value", value));
    if (type === TYPES.float32 && new Float32Array(bytes.slice().buffer).every((number) => number === 1)) {
      this.#ones.add(name);
    }
    return name;
  }

  /** The operation of a node. */
  operationOf(name: string): string | undefined {
    return this.#operations.get(name);
  }

  /** Whether a node is a constant of ones. */
  isOne(name: string): boolean {
    return this.#ones.has(name);
  }

  /** Adds a value that is given at each run. */
  placeholder(type: number, shape: readonly number[]): string {
    const value = new this.#pb.AttrValue();
    value.setShape(this.#shape(shape));
    return this.add("Placeholder", [], new Map([["dtype", this.type(type)]]).set("shape", value));
  }

  /** The attribute that says of which type something is. */
  type(type: number): AttrValue {
    const value = new this.#pb.AttrValue();
    value.setType(type);
    return value;
  }

  /** An attribute that is true or false. */
  flag(value: boolean): AttrValue {
    const attribute = new this.#pb.AttrValue();
    attribute.setB(value);
    return attribute;
  }

  /** An attribute as tfjs-node writes it. Undefined for a kind that is not known. */
  attribute(kind: number, value: unknown): AttrValue | undefined {
    const attribute = new this.#pb.AttrValue();
    const { kinds } = this;
    if (kind === kinds.TF_ATTR_SHAPE) {
      attribute.setShape(this.#shape(value as number[]));
    } else if (Array.isArray(value)) {
      const list = new this.#pb.AttrValue.ListValue();
      if (kind === kinds.TF_ATTR_INT) {
        list.setIList(value as number[]);
      } else if (kind === kinds.TF_ATTR_FLOAT) {
        list.setFList(value as number[]);
      } else if (kind === kinds.TF_ATTR_BOOL) {
        list.setBList(value as boolean[]);
      } else if (kind === kinds.TF_ATTR_TYPE) {
        list.setTypeList(value as number[]);
      } else {
        return undefined;
      }
      attribute.setList(list);
    } else if (kind === kinds.TF_ATTR_STRING) {
      attribute.setS(new TextEncoder().encode(String(value)));
    } else if (kind === kinds.TF_ATTR_INT) {
      attribute.setI(value as number);
    } else if (kind === kinds.TF_ATTR_FLOAT) {
      attribute.setF(value as number);
    } else if (kind === kinds.TF_ATTR_BOOL) {
      attribute.setB(Boolean(value));
    } else if (kind === kinds.TF_ATTR_TYPE) {
      attribute.setType(value as number);
    } else {
      return undefined;
    }
    return attribute;
  }

  /** The graph as a file that TensorFlow loads: `saved_model.pb`. */
  serialize(): Uint8Array {
    const { MetaGraphDef, SavedModel } = this.#pb;
    const information = new MetaGraphDef.MetaInfoDef();
    information.setTagsList([TAG]);
    const meta = new MetaGraphDef();
    meta.setMetaInfoDef(information);
    meta.setGraphDef(this.#graph);
    const model = new SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.setMetaGraphsList([meta]);
    return model.serializeBinary();
  }

  #shape(lengths: readonly number[]): Shape {
    const shape = new this.#pb.TensorShape();
    shape.setDimList(
      lengths.map((length) => {
        const dim = new this.#pb.TensorShape.Dim();
        dim.setSize(length);
        return dim;
      }),
    );
    return shape;
  }
}
