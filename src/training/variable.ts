import * as tf from "@tensorflow/tfjs-node";

/** The part of tfjs-node's backend that runs TensorFlow's operations by name. It is not in its types. */
interface Backend {
  readonly binding: Readonly<
    Record<"TF_ATTR_TYPE" | "TF_ATTR_SHAPE" | "TF_ATTR_STRING" | "TF_FLOAT", number>
  >;
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

let created = 0;

/**
 * A variable of TensorFlow itself (tf.Variable is one of JavaScript: a tensor that is replaced). Its training kernels
 * change it in place. It lives until `dispose`, whatever tidy it is made in.
 */
export class Variable {
  readonly #handle: tf.Tensor;

  constructor(initial: tf.Tensor) {
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = backend().binding;
    const text = (name: string, value: string) => ({ name, type: TF_ATTR_STRING, value });
    const shape = { name: "shape", type: TF_ATTR_SHAPE, value: initial.shape };
    const name = text("shared_name", `vanishing-gradients-${created++}`);
    const attributes = [text("container", ""), name, float("dtype"), shape];
    this.#handle = tf.keep(backend().executeSingleOutput("VarHandleOp", attributes, []));
    this.assign(initial);
  }

  /** Its value now, which later changes do not touch. */
  read(): tf.Tensor {
    return backend().executeSingleOutput("ReadVariableOp", [float("dtype")], [this.#handle]);
  }

  assign(value: tf.Tensor): void {
    backend().executeMultipleOutputs("AssignVariableOp", [float("dtype")], [this.#handle, value], 0);
  }

  /** Runs a training kernel on it: its own handle comes first, then the slots' handles, then the other inputs. */
  apply(kernel: string, slots: readonly Variable[], inputs: readonly tf.Tensor[]): void {
    const handles = slots.map((slot) => slot.#handle);
    backend().executeMultipleOutputs(kernel, [float("T")], [this.#handle, ...handles, ...inputs], 0);
  }

  /** Frees it. */
  dispose(): void {
    backend().executeMultipleOutputs("DestroyResourceOp", [], [this.#handle], 0);
    this.#handle.dispose();
  }
}

function backend(): Backend {
  return tf.backend() as unknown as Backend;
}

function float(name: string): object {
  const { TF_ATTR_TYPE, TF_FLOAT } = backend().binding;
  return { name, type: TF_ATTR_TYPE, value: TF_FLOAT };
}
