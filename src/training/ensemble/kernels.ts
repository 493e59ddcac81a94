import * as tf from "@tensorflow/tfjs-node";
import { makeInitializer } from "../../models/initializers.js";
import { layerOf, type MlpSpec } from "../../models/mlp.js";
import { makeOptimizer, type Optimizer } from "../optimizers.js";
import type { OptimizerRecord } from "../record.js";
import type { ParameterPlace } from "../recorder.js";

/**
 * Layers of one shape, kept in one tensor [layers, networks, inputs + 1, units], so that an optimiser's step is a
 * few operations whatever the depth. The last row of each kernel is the bias.
 */
interface Block {
  readonly layers: number;
  tensor: tf.Tensor4D;
  readonly optimizer: Optimizer;
}

/** The kernels and biases of many networks of one shape. */
export class Kernels {
  readonly #blocks: Block[];
  readonly #shapes: readonly (readonly [rows: number, units: number])[];

  constructor(
    private readonly spec: Required<MlpSpec>,
    private readonly seeds: readonly number[],
    optimizer: OptimizerRecord,
  ) {
    const { inputs, outputs, hiddenLayers, width } = spec;
    const sizes = [inputs, ...Array.from({ length: hiddenLayers }, () => width), outputs];
    this.#shapes = sizes.slice(1).map((units, layer) => [sizes[layer]! + 1, units] as const);
    this.#blocks = consecutive(this.#shapes).map((layers) => ({
      layers: layers.length,
      tensor: this.#initial(layers),
      optimizer: makeOptimizer(optimizer),
    }));
  }

  /** Number of weights of all networks together. */
  get size(): number {
    return this.#blocks.reduce((sum, { tensor }) => sum + tensor.size, 0);
  }

  /** Kernel with bias of each layer, [networks, inputs + 1, units]. */
  withBias(): tf.Tensor[] {
    return this.#blocks.flatMap(({ tensor }) => tf.unstack(tensor));
  }

  /** Kernel without bias of each layer, [networks, inputs, units]. */
  withoutBias(): tf.Tensor[] {
    return this.#blocks.flatMap(({ tensor }) => {
      const [layers, networks, rows, units] = tensor.shape;
      return tf.unstack(tensor.slice([0, 0, 0, 0], [layers, networks, rows - 1, units]));
    });
  }

  /** One step of the optimiser along these gradients, one a layer. Returns the gradients as flat lists, one a block. */
  step(gradients: readonly tf.Tensor[]): Float32Array[] {
    let first = 0;
    return this.#blocks.map((block) => {
      const gradient = tf.stack(gradients.slice(first, (first += block.layers)));
      const next = tf.keep(block.optimizer.step(block.tensor, gradient)) as tf.Tensor4D;
      block.tensor.dispose();
      block.tensor = next;
      return gradient.dataSync<"float32">();
    });
  }

  /** All kernels and biases as flat lists, one a block. */
  read(): Float32Array[] {
    return this.#blocks.map(({ tensor }) => tensor.dataSync<"float32">());
  }

  dispose(): void {
    for (const { tensor, optimizer } of this.#blocks) {
      tensor.dispose();
      optimizer.dispose();
    }
  }

  /** Where each parameter of one network lies in the list that `ofNetwork` gives. */
  places(): ParameterPlace[] {
    let start = 0;
    return this.#shapes.flatMap(([rows, units], index) => {
      const { layer } = layerOf(this.spec, index);
      const middle = start + (rows - 1) * units;
      const end = middle + units;
      const kernel = { name: "kernel", layer, shape: [rows - 1, units], start, end: middle };
      start = end;
      return [kernel, { name: "bias", layer, shape: [units], start: middle, end }];
    });
  }

  /** One network's part of flat lists such as `read` gives: layer by layer, kernel then bias. */
  ofNetwork(network: number, blocks: readonly Float32Array[]): Float32Array {
    const sizes = this.#shapes.map(([rows, units]) => rows * units);
    const flat = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
    let layer = 0;
    let filled = 0;
    this.#blocks.forEach(({ layers }, b) => {
      for (let i = 0; i < layers; i++, layer++) {
        const size = sizes[layer]!;
        const start = (i * this.seeds.length + network) * size;
        flat.set(blocks[b]!.subarray(start, start + size), filled);
        filled += size;
      }
    });
    return flat;
  }

  /** The kernels that `buildMlp` starts from with each seed, and biases of 0. */
  #initial(layers: readonly number[]): tf.Tensor4D {
    const [rows, units] = this.#shapes[layers[0]!]!;
    const values = new Float32Array(layers.length * this.seeds.length * rows * units);
    let place = 0;
    for (const layer of layers) {
      for (const seed of this.seeds) {
        const kernel = tf.tidy(() =>
          makeInitializer(this.spec.kernelInitializer, seed, layer)
            .apply([rows - 1, units])
            .dataSync<"float32">(),
        );
        values.set(kernel, place);
        place += rows * units;
      }
    }
    return tf.tensor4d(values, [layers.length, this.seeds.length, rows, units]);
  }
}

/** The indices of a list, grouped where neighbours are alike. */
function consecutive(shapes: readonly (readonly [number, number])[]): number[][] {
  const groups: number[][] = [];
  shapes.forEach((shape, index) => {
    const last = groups.at(-1);
    const before = shapes[index - 1];
    if (last && before?.[0] === shape[0] && before[1] === shape[1]) {
      last.push(index);
    } else {
      groups.push([index]);
    }
  });
  return groups;
}
