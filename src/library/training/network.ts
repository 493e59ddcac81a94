import * as tf from "@tensorflow/tfjs-node";
import type { Batch } from "./batches.js";
import { freeing } from "../tensorflow/freeing.js";
import { lossFor, lossTensor } from "./losses.js";
import type { ParameterPlace } from "./recorder.js";
import { namedLayers, parameterName, type Passage, Watch } from "./watch.js";

/** A trainable array of a model. */
export interface Parameter extends ParameterPlace {
  readonly variable: tf.Variable;
}

/** One forward and one backward pass. */
export interface Pass {
  /** Mean loss of the batch, in nats. */
  readonly loss: number;
  /** Share of the examples named rightly. */
  readonly accuracy: number;
  /** By layer with a kernel, in order of computation. */
  readonly signals: readonly Passage[];
  /** dL/dW of every trainable array, one after the other: see `parameters`. */
  readonly gradient: Float32Array;
}

/** A tf.layers model as seen by the training loop: all its weights are one flat list, and its signals are watched. */
export class Network {
  readonly parameters: readonly Parameter[];
  readonly size: number;
  readonly #watch: Watch;

  constructor(private readonly model: tf.LayersModel) {
    let size = 0;
    this.parameters = [...namedLayers(model)].flatMap(([layer, layerName]) =>
      layer.trainableWeights.map((weight) => {
        const start = size;
        size += weight.shape.reduce<number>((product, length) => product * (length ?? 1), 1);
        // What a LayerVariable reads is the variable itself.
        const variable = weight.read() as unknown as tf.Variable;
        const shape = [...variable.shape];
        return { name: parameterName(weight), layer: layerName, shape, variable, start, end: size };
      }),
    );
    this.size = size;
    this.#watch = new Watch(model);
  }

  /** Gives the model back as it was, with its new weights. */
  end(): void {
    this.#watch.end();
  }

  /** All weights, flat. */
  read(): Float32Array {
    const flat = new Float32Array(this.size);
    for (const { variable, start } of this.parameters) {
      flat.set(variable.dataSync(), start);
    }
    return flat;
  }

  /** Sets all weights from a flat list. */
  assign(flat: Float32Array): void {
    tf.tidy(() => {
      for (const { variable, start, end } of this.parameters) {
        variable.assign(tf.tensor(flat.slice(start, end), variable.shape));
      }
    });
  }

  /** Loss, gradient and signals of a batch, with the model in training mode. */
  backward(batch: Batch): Pass {
    return freeing(() => {
      let forward: Omit<Pass, "loss" | "gradient"> | undefined;
      const { value, grads } = tf.variableGrads(
        () => {
          const { mean, ...rest } = this.#forward(batch, true);
          forward = rest;
          // What regularisers add to the loss (weight decay), as model.fit does.
          return this.model.calculateLosses().reduce((sum, penalty) => sum.add(penalty), mean);
        },
        this.parameters.map(({ variable }) => variable),
      );
      const gradient = new Float32Array(this.size);
      for (const { variable, start } of this.parameters) {
        gradient.set(grads[variable.name]!.dataSync(), start);
      }
      this.#watch.release();
      return { ...forward!, loss: value.dataSync()[0]!, gradient };
    });
  }

  /** Loss and accuracy of a batch, with the model in inference mode. */
  evaluate(batch: Batch): { loss: number; accuracy: number } {
    return freeing(() => {
      const { mean, accuracy } = this.#forward(batch, false);
      this.#watch.release();
      return { loss: mean.dataSync()[0]!, accuracy };
    });
  }

  #forward({ x, labels }: Batch, training: boolean): Omit<Pass, "loss" | "gradient"> & { mean: tf.Scalar } {
    const output = this.#watch.forward(this.model, x, training);
    const signals = [...this.#watch.passages.values()];
    const last = signals.at(-1);
    const loss = lossFor(last?.isOutput(output) ? last : undefined);
    const mean = lossTensor(loss, last!.input, labels);
    return { mean, signals, accuracy: loss.right(last!.z, labels) / labels.length };
  }
}
