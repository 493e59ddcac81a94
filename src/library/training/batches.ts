import * as tf from "@tensorflow/tfjs-node";
import type { Dataset } from "../data/dataset.js";
import { deriveSeed, shuffledIndices } from "../ground/random.js";
import type { Loss } from "./losses.js";
import type { BatchTensors } from "./trainable.js";

/** Some examples, as tensors. Whoever takes a batch frees it with `free`, for it may be kept to be taken again. */
export interface Batch extends BatchTensors {
  readonly examples: number;
}

/** Hands out a dataset batch by batch, in a new order each epoch if there is a seed, else in the dataset's own. */
export class Batches {
  readonly count: number;
  readonly examples: number;
  readonly #rows: Float32Array;
  readonly #labels: Int32Array;
  readonly #features: number;
  /** Without a seed each batch comes again in each epoch. */
  readonly #kept = new Map<number, Batch>();

  /** `shape` is the model's input shape without the batch axis. */
  constructor(
    dataset: Dataset,
    private readonly shape: readonly number[],
    private readonly outputs: number,
    readonly batchSize: number,
    private readonly seed?: number,
  ) {
    this.#rows = Float32Array.from(dataset.features.flat());
    this.#labels = Int32Array.from(dataset.labels);
    this.#features = shape.reduce((product, length) => product * length, 1);
    this.examples = this.#labels.length;
    this.count = Math.ceil(this.examples / batchSize);
  }

  /** The order of the examples in an epoch, counted from 0. */
  order(epoch: number): number[] {
    return this.seed === undefined
      ? Array.from(this.#labels.keys())
      : shuffledIndices(this.examples, deriveSeed(this.seed, epoch));
  }

  /** The batch at a place of an order. */
  take(order: readonly number[], place: number, loss: Loss): Batch {
    const kept = this.#kept.get(place);
    if (kept) {
      return kept;
    }
    const chosen = order.slice(place * this.batchSize, (place + 1) * this.batchSize);
    const labels = Int32Array.from(chosen, (index) => this.#labels[index]!);
    const batch = {
      x: this.#tensorOf(chosen),
      targets: loss.targets(labels, this.outputs),
      examples: chosen.length,
    };
    if (this.seed === undefined) {
      this.#kept.set(place, batch);
    }
    return batch;
  }

  /** The first examples, as the dataset has them. The tensor is the caller's. */
  first(count: number): tf.Tensor {
    return this.#tensorOf(Array.from({ length: Math.min(count, this.examples) }, (_, i) => i));
  }

  /** Frees a batch that was taken, if it is not to be taken again. */
  free({ x, targets }: Batch): void {
    if (this.seed !== undefined) {
      tf.dispose([x, targets]);
    }
  }

  dispose(): void {
    for (const { x, targets } of this.#kept.values()) {
      tf.dispose([x, targets]);
    }
    this.#kept.clear();
  }

  #tensorOf(chosen: readonly number[]): tf.Tensor {
    const width = this.#features;
    const values = new Float32Array(chosen.length * width);
    chosen.forEach((index, i) => {
      values.set(this.#rows.subarray(index * width, (index + 1) * width), i * width);
    });
    return tf.tensor(values, [chosen.length, ...this.shape]);
  }
}
