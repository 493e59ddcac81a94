import { tf } from "../../tensorflow/tf.js";
import type { Dataset } from "../../data/dataset.js";
import { checkEnsembleSpec, type EnsembleSpec, mlpLayers } from "../../models/mlpSpec.js";
import { requireKnownKeys } from "../../ground/validation.js";
import { freeing } from "../../tensorflow/freeing.js";
import { Batches } from "../batches.js";
import { checkDataset } from "../options.js";
import type { TrainingSignal } from "../trainable.js";
import { EnsembleTrainable } from "./ensembleTrainable.js";
import { type Member, resolveMembers } from "./members.js";
import { type Precision, resolvePrecision } from "./precision.js";

/**
 * All that passes through one layer of one network, number by number. Each list is flat, [units, examples]: the numbers
 * of a unit stand together, one for each example in the dataset's order. It is so in every layer, the output layer included.
 */
export interface LayerSignals {
  readonly layer: string;
  readonly activation: string;
  readonly units: number;
  readonly examples: number;
  /** What enters the activation function (after batch normalization, where there is one). */
  readonly preActivations: Float32Array;
  /** What leaves it. */
  readonly activations: Float32Array;
  /** What goes on to the next layer: the activations, plus the layer's input where there is a residual connection. */
  readonly outputs: Float32Array;
  /** dL/dz: the gradient of the mean loss by the pre-activations. */
  readonly preActivationGradients: Float32Array;
}

/** How to look. */
export interface InspectOptions {
  /** With how many bits the networks compute; float32 if not given. */
  readonly precision?: Precision;
}

/**
 * One forward and one backward pass of the whole dataset through networks as they start, before any training. Entry
 * [i][l] is layer l of the network of member i. Records of a training hold only means of these (see `LayerRecord`).
 *
 * @throws RangeError for bad arguments, naming them.
 */
export function inspectSignals(
  spec: EnsembleSpec,
  members: readonly Member[],
  dataset: Dataset,
  options: InspectOptions = {},
): LayerSignals[][] {
  const owner = "inspectSignals";
  requireKnownKeys(owner, "options", options, ["precision"]);
  const precision = options.precision && resolvePrecision(owner, options.precision);
  const resolved = checkEnsembleSpec(owner, spec);
  const start = { kernelScale: resolved.kernelScale, learningRate: 1 };
  const networks = resolveMembers(owner, members, start);
  checkDataset(owner, "dataset", dataset, resolved);
  const batches = new Batches(dataset, [resolved.inputs], resolved.outputs, dataset.labels.length);
  try {
    // One network after the other: wide networks fit too, and there is nothing to wait for.
    return networks.map((network) =>
      freeing(() => {
        const trainable = new EnsembleTrainable(resolved, [network], precision);
        const batch = batches.take(batches.order(0), 0, trainable.loss);
        tf.keep(batch.x);
        tf.keep(batch.targets);
        const { signals } = trainable.pass(trainable.initialWeights(), trainable.initialState(), batch);
        return mlpLayers(resolved).map((layer, l) => layerSignals(layer, signals[l]!, signals[l + 1]));
      }),
    );
  } finally {
    batches.dispose();
  }
}

function layerSignals(
  { name, units }: { readonly name: string; readonly units: number },
  { activation, unitsFirst, z, a, delta }: TrainingSignal,
  next: TrainingSignal | undefined,
): LayerSignals {
  const numbers = (tensor: tf.Tensor): Float32Array =>
    (unitsFirst ? tensor : tensor.transpose([0, 2, 1])).dataSync<"float32">();
  return {
    layer: name,
    activation,
    units,
    examples: a.size / units,
    preActivations: numbers(z!),
    activations: numbers(a),
    outputs: numbers(next?.input ?? a),
    preActivationGradients: numbers(delta!),
  };
}
