import * as tf from "@tensorflow/tfjs-node";
import { float32, run, runForEffect, shape, text } from "./operation.js";

let created = 0;

/**
 * A variable of TensorFlow itself (tf.Variable is one of JavaScript: a tensor that is replaced). Its training kernels
 * change it in place. It lives until `dispose`, whatever tidy it is made in.
 */
export class Variable {
  readonly #handle: tf.Tensor;

  constructor(initial: tf.Tensor) {
    const name = text("shared_name", `vanishing-gradients-${created++}`);
    const attributes = [text("container", ""), name, float32("dtype"), shape("shape", initial.shape)];
    this.#handle = tf.keep(run("VarHandleOp", attributes, []));
    this.assign(initial);
  }

  /** Its value now, which later changes do not touch. */
  read(): tf.Tensor {
    return run("ReadVariableOp", [float32("dtype")], [this.#handle]);
  }

  assign(value: tf.Tensor): void {
    runForEffect("AssignVariableOp", [float32("dtype")], [this.#handle, value]);
  }

  /** Runs a training kernel on it: its own handle comes first, then the slots' handles, then the other inputs. */
  apply(kernel: string, slots: readonly Variable[], inputs: readonly tf.Tensor[]): void {
    const handles = slots.map((slot) => slot.#handle);
    runForEffect(kernel, [float32("T")], [this.#handle, ...handles, ...inputs]);
  }

  /** Frees it. */
  dispose(): void {
    runForEffect("DestroyResourceOp", [], [this.#handle]);
    this.#handle.dispose();
  }
}
