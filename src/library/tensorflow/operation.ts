import { tf } from "./tf.js";

/** An attribute of an operation: a value that is fixed before it runs. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that runs TensorFlow's operations by name. It is not in its types. */
interface Backend {
  readonly binding: Readonly<
    Record<"TF_ATTR_TYPE" | "TF_ATTR_SHAPE" | "TF_ATTR_STRING" | "TF_ATTR_FLOAT" | "TF_FLOAT", number>
  >;
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

const backend = (): Backend => tf.backend() as unknown as Backend;

/** Runs an operation of TensorFlow that tfjs has no function for. https://www.tensorflow.org/api_docs/python/tf/raw_ops */
export function run(
  operation: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.Tensor[],
): tf.Tensor {
  return backend().executeSingleOutput(operation, attributes, inputs);
}

/** The same for an operation without a result. */
export function runForEffect(
  operation: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.Tensor[],
): void {
  backend().executeMultipleOutputs(operation, attributes, inputs, 0);
}

/** Attribute that says: numbers are of type float32. */
export function float32(name: string): Attribute {
  const { TF_ATTR_TYPE, TF_FLOAT } = backend().binding;
  return { name, type: TF_ATTR_TYPE, value: TF_FLOAT };
}

/** Attribute that is a number. */
export function number(name: string, value: number): Attribute {
  return { name, type: backend().binding.TF_ATTR_FLOAT, value };
}

/** Attribute that is a text. */
export function text(name: string, value: string): Attribute {
  return { name, type: backend().binding.TF_ATTR_STRING, value };
}

/** Attribute that is a shape. */
export function shape(name: string, value: readonly number[]): Attribute {
  return { name, type: backend().binding.TF_ATTR_SHAPE, value };
}
