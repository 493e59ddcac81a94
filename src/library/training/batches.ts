import * as tf from "@tensorflow/tfjs-node";
import type { Dataset } from "../data/dataset.js";
import { deriveSeed, shuffledIndices } from "../ground/random.js";

/** Some examples, ready for a model. */
export interface Batch {
  /** [examples, ...the model's input shape] */
  readonly x: tf.Tensor;
  readonly labels: Int32Array;
}

/** Hands out a dataset batch by batch, in a new order each epoch if there is a seed, else in the dataset's own. */
export class Batches {
  readonly count: number;
  readonly #rows: Float32Array;
  readonly #labels: Int32Array;
  readonly #features: number;

  /** `shape` is the model's input shape without the batch axis. */
  constructor(
    dataset: Dataset,
    private readonly shape: readonly number[],
    readonly batchSize: number,
    private readonly seed?: number,
  ) {
    this.#rows = Float32Array.from(dataset.features.flat());
    this.#labels = Int32Array.from(dataset.labels);
    this.#features = shape.reduce((product, length) => product * length, 1);
    this.count = Math.ceil(this.#labels.length / batchSize);
  }

  /** The order of the examples in an epoch, counted from 0. */
  order(epoch: number): number[] {
    return this.seed === undefined
      ? Array.from(this.#labels.keys())
      : shuffledIndices(this.#labels.length, deriveSeed(this.seed, epoch));
  }

  /** The batch at a place of an order. The caller disposes of `x`. */
  take(order: readonly number[], place: number): Batch {
    const chosen = order.slice(place * this.batchSize, (place + 1) * this.batchSize);
    const width = this.#features;
    const values = new Float32Array(chosen.length * width);
    chosen.forEach((index, i) => {
      values.set(this.#rows.subarray(index * width, (index + 1) * width), i * width);
    });
    return {
      x: tf.tensor(values, [chosen.length, ...this.shape]),
      labels: Int32Array.from(chosen, (index) => this.#labels[index]!),
    };
  }
}
