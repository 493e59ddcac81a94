import { tf } from "../tensorflow/tf.js";
import type { ParameterQuantity, SizeRecord } from "./record.js";
import type { ParameterPlace } from "./trainable.js";

/** Weights before and after a step, and their gradient: of all networks one after the other. */
export interface StepArrays {
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly gradient: Float32Array;
}

/** Which trainable arrays are recorded number by number: all, none, or those of the layers of these names. */
export type RecordedArrays = boolean | readonly string[];

/** Whether an array is recorded number by number. */
export const keptBy =
  (recorded: RecordedArrays) =>
  ({ layer }: ParameterPlace): boolean =>
    typeof recorded === "boolean" ? recorded : recorded.includes(layer);

/** What is recorded of arrays by size, in this order. */
export const SIZED = ["weights", "gradient", "update", "change"] as const satisfies ParameterQuantity[];

/** What is kept of a step's arrays. */
export interface KeptArrays {
  /** The arrays that are recorded number by number. */
  readonly arrays: StepArrays;
  /** Of all arrays, if some are recorded by size alone: [networks, parameters, 4, 2], mean absolute value and rms. */
  readonly sizes?: Float64Array;
}

/** Sorts out what is to be kept of each step: arrays, or their sizes. */
export class ArrayKeeper {
  /** The arrays that are kept, and where they lie in what is kept of one network. */
  readonly #kept = new Map<ParameterPlace, ParameterPlace["of"]>();
  readonly #keepsAll: boolean;
  #start: Float32Array | undefined;
  /** The latest step's weights after it, whole and as they are kept. */
  #latest: { readonly whole: Float32Array; readonly kept: Float32Array } | undefined;

  constructor(
    private readonly networks: number,
    private readonly parameters: readonly ParameterPlace[],
    recorded: RecordedArrays,
  ) {
    const isKept = keptBy(recorded);
    this.#keepsAll = parameters.every(isKept);
    let end = 0;
    for (const place of parameters.filter(isKept)) {
      const start = end;
      end += tf.util.sizeFromShape([...place.shape]);
      const range = [start, end] as const;
      this.#kept.set(place, this.#keepsAll ? place.of : (network) => network.subarray(...range));
    }
  }

  /** How to find an array in what is kept of one network, if it is. */
  placeOf(parameter: ParameterPlace): ParameterPlace["of"] | undefined {
    return this.#kept.get(parameter);
  }

  keep(step: StepArrays): KeptArrays {
    if (this.#keepsAll) {
      return { arrays: step };
    }
    this.#start ??= step.before;
    const before = this.#latest?.whole === step.before ? this.#latest.kept : this.#compact(step.before);
    const after = this.#compact(step.after);
    this.#latest = { whole: step.after, kept: after };
    const arrays = { before, after, gradient: this.#compact(step.gradient) };
    return { arrays, sizes: this.#sizesOf(step, this.#start) };
  }

  /** One size of an array of a network, at each step. */
  sizes(
    parameter: ParameterPlace,
    network: number,
    quantity: ParameterQuantity,
    steps: readonly KeptArrays[],
  ): SizeRecord {
    const place = network * this.parameters.length + this.parameters.indexOf(parameter);
    const at = (place * SIZED.length + SIZED.indexOf(quantity)) * 2;
    return {
      meanAbs: steps.map(({ sizes }) => sizes![at]!),
      rms: steps.map(({ sizes }) => sizes![at + 1]!),
    };
  }

  /** The kept arrays of all networks, one after the other. */
  #compact(all: Float32Array): Float32Array {
    const parts = this.#networksOf(all).flatMap((network) =>
      [...this.#kept.keys()].map((place) => place.of(network)),
    );
    const compact = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of parts) {
      compact.set(part, end);
      end += part.length;
    }
    return compact;
  }

  #sizesOf({ before, after, gradient }: StepArrays, start: Float32Array): Float64Array {
    const all = [start, before, after, gradient].map((numbers) => this.#networksOf(numbers));
    const sizes = new Float64Array(this.networks * this.parameters.length * SIZED.length * 2);
    let end = 0;
    for (let network = 0; network < this.networks; network++) {
      for (const { of } of this.parameters) {
        const [origin, weights, next, slopes] = all.map((networks) => of(networks[network]!)) as Four;
        const valuesOf: Record<ParameterQuantity, (i: number) => number> = {
          weights: (i) => weights[i]!,
          gradient: (i) => slopes[i]!,
          // In float32, as the update's own list is.
          update: (i) => Math.fround(next[i]! - weights[i]!),
          change: (i) => next[i]! - origin[i]!,
        };
        for (const quantity of SIZED) {
          sizes.set(sizeOf(weights.length, valuesOf[quantity]), end);
          end += 2;
        }
      }
    }
    return sizes;
  }

  #networksOf(all: Float32Array): Float32Array[] {
    const size = all.length / this.networks;
    return Array.from({ length: this.networks }, (_, i) => all.subarray(i * size, (i + 1) * size));
  }
}

type Four = [Float32Array, Float32Array, Float32Array, Float32Array];

/** Mean of the absolute values and root of the mean of the squares. */
function sizeOf(length: number, at: (i: number) => number): [meanAbs: number, rms: number] {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < length; i++) {
    const value = at(i);
    sum += Math.abs(value);
    squares += value ** 2;
  }
  return [sum / length, Math.sqrt(squares / length)];
}
