import * as tf from "@tensorflow/tfjs-node";
import { makeInitializer } from "../../models/initializers.js";
import { BATCH_NORMALIZATION, mlpLayers, type ResolvedMlpSpec } from "../../models/mlp.js";
import { freeing } from "../../tensorflow/freeing.js";
import { TrainedWeights } from "../optimizers.js";
import type { OptimizerRecord } from "../record.js";
import type { ForwardPass, Layer, LayerGradient, Moments } from "./backward.js";
import type { MemberSettings } from "./members.js";

/** The arrays of one layer that train, each [networks, ...]. */
interface Trained {
  readonly kernel: TrainedWeights;
  readonly gamma?: TrainedWeights;
  readonly beta?: TrainedWeights;
}

/** All weights of all networks of one shape, and the optimiser that trains them. */
export class EnsembleWeights {
  /** The layers as they are now, batch normalisation in training mode. These tensors live until the next step. */
  layers: Layer[] = [];
  readonly #trained: Trained[];
  readonly #rates: tf.Tensor | undefined;
  #moving: Moments[];

  constructor(
    spec: ResolvedMlpSpec,
    members: readonly Required<MemberSettings>[],
    optimizer: OptimizerRecord,
  ) {
    const rates = members.map(({ learningRate }) => learningRate);
    const own = { ...optimizer, learningRate: rates[0]! };
    this.#rates = rates.every((rate) => rate === rates[0])
      ? undefined
      : tf.tensor3d(rates, [members.length, 1, 1]);
    const train = (initial: tf.Tensor): TrainedWeights => new TrainedWeights(initial, own, this.#rates);
    const sizes = mlpLayers(spec);
    const hidden = spec.batchNormalization ? sizes.slice(0, -1) : [];
    const perUnit = hidden.map(({ units }): [number, number, number] => [members.length, units, 1]);
    this.#trained = sizes.map(({ inputs, units }, layer) =>
      freeing(() => ({
        kernel: train(initialKernel(spec, members, layer, inputs, units)),
        ...(perUnit[layer]
          ? { gamma: train(tf.ones(perUnit[layer])), beta: train(tf.zeros(perUnit[layer])) }
          : {}),
      })),
    );
    this.#moving = perUnit.map((shape) => ({ mean: tf.zeros(shape), variance: tf.ones(shape) }));
    this.#read();
  }

  /** The layers as they are now, batch normalisation in inference mode. */
  inferenceLayers(): Layer[] {
    return this.layers.map(({ kernel, normalization }, l) => ({
      kernel,
      ...(normalization ? { normalization: { ...normalization, moving: this.#moving[l]! } } : {}),
    }));
  }

  /**
   * One step of the optimiser along these gradients, and of the moving averages of batch normalisation. `after` is
   * called when it is done, while the layers as they were before are still there.
   */
  step(gradients: readonly LayerGradient[], { normalized }: ForwardPass, after: () => void): void {
    const before = this.layers;
    this.#trained.forEach((arrays, l) => {
      for (const name of Object.keys(arrays) as (keyof Trained)[]) {
        arrays[name]!.step(gradients[l]![name]!);
      }
    });
    this.#read();
    this.#moving = this.#moving.map((moving, l) => {
      const next = (key: keyof Moments): tf.Tensor =>
        freeing(() => {
          const share = 1 - BATCH_NORMALIZATION.momentum;
          const difference = moving[key].sub(normalized[l]!.moments[key]);
          return tf.keep(moving[key].sub(difference.mul(share)));
        });
      const moved = { mean: next("mean"), variance: next("variance") };
      tf.dispose([moving.mean, moving.variance]);
      return moved;
    });
    after();
    tf.dispose(before.flatMap(tensorsOf));
  }

  dispose(): void {
    tf.dispose(this.layers.flatMap(tensorsOf));
    tf.dispose(this.#moving.flatMap(({ mean, variance }) => [mean, variance]));
    this.#rates?.dispose();
    for (const { kernel, gamma, beta } of this.#trained) {
      [kernel, gamma, beta].forEach((weights) => weights?.dispose());
    }
  }

  #read(): void {
    this.layers = freeing(() =>
      this.#trained.map(({ kernel, gamma, beta }) => ({
        kernel: tf.keep(kernel.read()),
        ...(gamma && beta
          ? { normalization: { gamma: tf.keep(gamma.read()), beta: tf.keep(beta.read()) } }
          : {}),
      })),
    );
  }
}

/** The tensors of a layer that train: kernel, gamma, beta. */
export function tensorsOf({ kernel, normalization }: Layer): tf.Tensor[] {
  return normalization ? [kernel, normalization.gamma, normalization.beta] : [kernel];
}

/** The kernels that `buildMlp` starts from, transposed, and biases of 0: [networks, units, inputs + 1]. */
function initialKernel(
  { kernelInitializer }: ResolvedMlpSpec,
  members: readonly MemberSettings[],
  layer: number,
  inputs: number,
  units: number,
): tf.Tensor {
  const ofSeed = new Map<number, Float32Array>();
  const columns = inputs + 1;
  const values = new Float32Array(members.length * units * columns);
  members.forEach(({ seed, kernelScale = 1 }, network) => {
    const make = () => makeInitializer(kernelInitializer, seed, layer).apply([inputs, units]);
    const kernel = ofSeed.get(seed) ?? freeing(() => make().dataSync<"float32">());
    ofSeed.set(seed, kernel);
    for (let input = 0; input < inputs; input++) {
      for (let unit = 0; unit < units; unit++) {
        const place = (network * units + unit) * columns + input;
        values[place] = kernel[input * units + unit]! * Math.fround(kernelScale);
      }
    }
  });
  return tf.tensor3d(values, [members.length, units, columns]);
}
