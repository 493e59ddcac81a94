import { tf } from "../../tensorflow/tf.js";
import { makeInitializer } from "../../models/initializers.js";
import { BATCH_NORMALIZATION } from "../../models/mlp.js";
import { mlpLayers, type ResolvedEnsembleSpec } from "../../models/mlpSpec.js";
import { freeing } from "../../tensorflow/freeing.js";
import { unknownSlopes } from "../layerStatistics.js";
import { type ClassifierLoss, lossOf } from "../losses.js";
import type {
  BatchTensors,
  LayerPlace,
  Normalization,
  ParameterPlace,
  Pass,
  Signal,
  Trainable,
} from "../trainable.js";
import {
  backwardPass,
  type ForwardPass,
  forwardPass,
  type Layer,
  type LayerGradient,
  type Moments,
  type PassSpec,
} from "./backward.js";
import { blockSizes, blocksOf, networkSize, normalizationPlace, placesOf } from "./layout.js";
import type { MemberSettings } from "./members.js";
import { finiteRows, type ResolvedPrecision, Rounding } from "./precision.js";

/** Many networks of one shape as the training loop sees them, with the backward pass that is written out. */
export class EnsembleTrainable implements Trainable {
  readonly isPure = true;
  readonly isDeterministic = true;
  readonly networks: number;
  readonly parameters: readonly ParameterPlace[];
  readonly size: number;
  readonly layers: readonly LayerPlace[];
  readonly loss: ClassifierLoss;
  readonly hasNormalization: boolean;
  readonly #rounding: Rounding | undefined;

  constructor(
    private readonly spec: ResolvedEnsembleSpec,
    private readonly members: readonly MemberSettings[],
    precision?: ResolvedPrecision,
  ) {
    this.networks = members.length;
    this.#rounding = precision && new Rounding(precision, members.length);
    this.parameters = placesOf(spec);
    this.size = networkSize(spec);
    this.layers = mlpLayers(spec).flatMap((layer, l): LayerPlace[] => {
      const { name, units, activation } = layer;
      const dense = { name, units, activation, positions: 1, notMeasured: unknownSlopes(activation) };
      const isNormalized = spec.batchNormalization && l < spec.hiddenLayers;
      return isNormalized ? [dense, normalizationPlace(name, units)] : [dense];
    });
    this.loss = lossOf(spec.outputs);
    this.hasNormalization = spec.batchNormalization && spec.hiddenLayers > 0;
  }

  initialWeights(): tf.Tensor2D {
    return tf.tidy(() => {
      const { networks, spec, members } = this;
      const blocks = blocksOf(spec).map(({ layer, kind, shape: [rows, columns] }) =>
        kind === "kernel"
          ? initialKernel(spec, members, layer, rows, columns)
          : kind === "gamma"
            ? tf.ones([networks, rows])
            : tf.zeros([networks, rows]),
      );
      return this.kept(tf.concat(blocks, 1)) as tf.Tensor2D;
    });
  }

  kept(weights: tf.Tensor): tf.Tensor {
    return this.#rounding?.kept(weights) ?? weights;
  }

  /** Moving mean and variance of each hidden layer, where there is batch normalization; then that of a loss scale. */
  initialState(): tf.Tensor[] {
    const { batchNormalization, hiddenLayers, width } = this.spec;
    const shape: [number, number, number] = [this.networks, width, 1];
    const moments = batchNormalization
      ? Array.from({ length: hiddenLayers }, () => [tf.zeros(shape), tf.ones(shape)]).flat()
      : [];
    return [...moments, ...(this.#rounding?.initialState() ?? [])];
  }

  pass(weights: tf.Tensor, state: readonly tf.Tensor[], { x, targets }: BatchTensors): Pass {
    const layers = this.#layersOf(weights);
    const forward = forwardPass(x, layers, this.#passSpec);
    const { mean, delta, probabilities } = this.loss.of(forward.logits, targets);
    const rounding = this.#rounding;
    const scale = rounding?.scale(state.slice(-2));
    const scaled = scale ? delta.mul(scale.reshape([-1, 1, 1])) : delta;
    const gradients = backwardPass(forward, scaled, layers, this.#passSpec);
    const unscaled = (tensor: tf.Tensor): tf.Tensor =>
      scale ? tensor.div(scale.reshape([-1, ...Array<1>(tensor.rank - 1).fill(1)])) : tensor;
    const signals = this.#signals(forward, probabilities).map((signal, l) => ({
      ...signal,
      input: forward.streams[l]!,
      delta: unscaled(gradients[l]!.delta),
    }));
    const right = (): tf.Tensor => this.loss.right(forward.logits, targets);
    const gradient = unscaled(flat(gradients));
    const pass = { loss: mean, right, gradient, signals, state: moved(state, forward) };
    if (!rounding?.isDynamic || !scale) {
      return pass;
    }
    const isTaken = finiteRows(gradient);
    return {
      ...pass,
      state: [...pass.state, ...rounding.next(state.slice(-2), isTaken)],
      scaling: { scale, isTaken },
    };
  }

  inspect(weights: tf.Tensor, _state: readonly tf.Tensor[], x: tf.Tensor): readonly Signal[] {
    const forward = forwardPass(x, this.#layersOf(weights), this.#passSpec);
    const { logits } = forward;
    const probabilities = this.loss.activation === "sigmoid" ? tf.sigmoid(logits) : tf.softmax(logits);
    return this.#signals(forward, probabilities);
  }

  predict(
    weights: tf.Tensor,
    state: readonly tf.Tensor[],
    x: tf.Tensor,
    normalization: Normalization,
  ): tf.Tensor {
    const layers = this.#layersOf(weights);
    if (!this.hasNormalization) {
      return forwardPass(x, layers, this.#passSpec).logits;
    }
    const moments =
      normalization.by === "trainingSet"
        ? forwardPass(normalization.x, layers, this.#passSpec).normalized.map(({ moments }) => moments)
        : layers.slice(0, -1).map((_, l) => ({ mean: state[2 * l]!, variance: state[2 * l + 1]! }));
    const inference = layers.map((layer, l) => withMoments(layer, moments[l]));
    return forwardPass(x, inference, this.#passSpec).logits;
  }

  store(): void {
    // The networks end with their training: what is wanted of them is in their records.
  }

  get #passSpec(): PassSpec {
    return this.#rounding ? { ...this.spec, round: this.#rounding.round } : this.spec;
  }

  /** The layers, from all numbers of all networks: as they pass the network, rounded where numbers are. */
  #layersOf(kept: tf.Tensor): Layer[] {
    const weights = this.#rounding?.round(kept) ?? kept;
    const blocks = blocksOf(this.spec);
    const parts = blocks.length === 1 ? [weights] : tf.split(weights, blockSizes(this.spec), 1);
    const arrays = blocks.map(({ shape }, i) => parts[i]!.reshape([this.networks, ...shape]));
    return mlpLayers(this.spec).map((_, l): Layer => {
      const own = (kind: string): tf.Tensor | undefined =>
        arrays[blocks.findIndex((block) => block.layer === l && block.kind === kind)];
      const [kernel, gamma, beta] = [own("kernel")!, own("gamma"), own("beta")];
      return gamma && beta ? { kernel, normalization: { gamma, beta } } : { kernel };
    });
  }

  #signals({ z, a, logits }: ForwardPass, probabilities: tf.Tensor): Signal[] {
    return mlpLayers(this.spec).map(({ activation }, l) => ({
      activation,
      unitsFirst: l < z.length,
      z: z[l] ?? logits,
      a: a[l] ?? probabilities,
    }));
  }
}

const withMoments = (layer: Layer, moving: Moments | undefined): Layer =>
  layer.normalization && moving ? { ...layer, normalization: { ...layer.normalization, moving } } : layer;

/** All gradients in the order of the blocks: [networks, parameters]. */
function flat(gradients: readonly LayerGradient[]): tf.Tensor {
  const arrays = gradients.flatMap(({ kernel, gamma, beta }) =>
    gamma && beta ? [kernel, gamma, beta] : [kernel],
  );
  return tf.concat(
    arrays.map((array) => array.reshape([array.shape[0], -1])),
    1,
  );
}

/** The moving averages after a step, as tfjs and Keras have them. */
function moved(state: readonly tf.Tensor[], { normalized }: ForwardPass): tf.Tensor[] {
  const share = 1 - BATCH_NORMALIZATION.momentum;
  return normalized.flatMap(({ moments: { mean, variance } }, l) =>
    [mean, variance].map((latest, i) => {
      const before = state[2 * l + i]!;
      return before.sub(before.sub(latest).mul(share));
    }),
  );
}

/** The kernels that `buildMlp` starts from, transposed, and biases of 0: [networks, units * (inputs + 1)]. */
function initialKernel(
  { kernelInitializer }: ResolvedEnsembleSpec,
  members: readonly MemberSettings[],
  layer: number,
  units: number,
  columns: number,
): tf.Tensor {
  const ofSeed = new Map<number, Float32Array>();
  const inputs = columns - 1;
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
  return tf.tensor2d(values, [members.length, units * columns]);
}
