import { tf } from "../tensorflow/tf.js";
import { type AnyDataset, flatRows, hasTargets } from "../data/dataset.js";
import { deriveSeed, shuffledIndices } from "../ground/random.js";
import { type DataSummary, summarize } from "./dataSummary.js";
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
  readonly #labels: Int32Array | undefined;
  readonly #targets: Float32Array | undefined;
  readonly #features: number;
  #summary: DataSummary | undefined;
  /** Without a seed each batch comes again in each epoch. */
  readonly #kept = new Map<number, Batch>();

  /** `shape` is the model's input shape without the batch axis. */
  constructor(
    readonly dataset: AnyDataset,
    private readonly shape: readonly number[],
    private readonly outputs: number,
    readonly batchSize: number,
    private readonly seed?: number,
  ) {
    this.#rows = flatRows(dataset.features);
    this.#labels = hasTargets(dataset) ? undefined : Int32Array.from(dataset.labels);
    this.#targets = hasTargets(dataset) ? flatRows(dataset.targets) : undefined;
    this.#features = shape.reduce((product, length) => product * length, 1);
    this.examples = dataset.features.length;
    this.count = Math.ceil(this.examples / batchSize);
  }

  /** What the dataset is like: the same for all networks that are trained on it. */
  get summary(): DataSummary {
    return (this.#summary ??= summarize(this.dataset));
  }

  /** The order of the examples in an epoch, counted from 0. */
  order(epoch: number): number[] {
    return this.seed === undefined
      ? Array.from({ length: this.examples }, (_, i) => i)
      : shuffledIndices(this.examples, deriveSeed(this.seed, epoch));
  }

  /** The batch at a place of an order. */
  take(order: readonly number[], place: number, loss: Loss): Batch {
    const kept = this.#kept.get(place);
    if (kept) {
      return kept;
    }
    const chosen = order.slice(place * this.batchSize, (place + 1) * this.batchSize);
    const labels = this.#labels && Int32Array.from(chosen, (index) => this.#labels![index]!);
    const batch = {
      x: tensorOf(this.#rows, chosen, this.#features, this.shape),
      targets: labels
        ? loss.targets(labels, this.outputs)
        : (tensorOf(this.#targets!, chosen, this.outputs, [this.outputs]) as tf.Tensor2D),
      examples: chosen.length,
    };
    if (this.seed === undefined) {
      this.#kept.set(place, batch);
    }
    return batch;
  }

  /** The first examples, as the dataset has them. The tensor is the caller's. */
  first(count: number): tf.Tensor {
    const chosen = Array.from({ length: Math.min(count, this.examples) }, (_, i) => i);
    return tensorOf(this.#rows, chosen, this.#features, this.shape);
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
}

/** Some rows of so many numbers, each in a shape: [rows, ...shape]. */
function tensorOf(
  rows: Float32Array,
  chosen: readonly number[],
  width: number,
  shape: readonly number[],
): tf.Tensor {
  const values = new Float32Array(chosen.length * width);
  chosen.forEach((index, i) => {
    values.set(rows.subarray(index * width, (index + 1) * width), i * width);
  });
  return tf.tensor(values, [chosen.length, ...shape]);
}
