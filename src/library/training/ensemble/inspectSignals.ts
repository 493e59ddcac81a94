import type * as tf from "@tensorflow/tfjs-node";
import type { Dataset } from "../../data/dataset.js";
import { checkMlpSpec, mlpLayers } from "../../models/mlp.js";
import { freeing } from "../../tensorflow/freeing.js";
import { Batches } from "../batches.js";
import { lossOf, outputDelta } from "../losses.js";
import { checkDataset } from "../options.js";
import { backwardPass, forwardPass } from "./backward.js";
import { type Member, resolveMembers } from "./members.js";
import type { EnsembleSpec } from "./trainEnsemble.js";
import { EnsembleWeights } from "./weights.js";

/** All that passes through one layer of one network, number by number: flat lists of units times examples. */
export interface LayerSignals {
  readonly layer: string;
  readonly activation: string;
  /** What enters the activation function (after batch normalisation, where there is one). */
  readonly preActivations: Float32Array;
  /** What leaves it. */
  readonly activations: Float32Array;
  /** What goes on to the next layer: the activations, plus the layer's input where there is a residual connection. */
  readonly outputs: Float32Array;
  /** dL/dz: the gradient of the mean loss by the pre-activations. */
  readonly preActivationGradients: Float32Array;
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
): LayerSignals[][] {
  const owner = "inspectSignals";
  const resolved = checkMlpSpec(owner, { ...spec, seed: 0 });
  const start = { kernelScale: resolved.kernelScale, learningRate: 1 };
  const networks = resolveMembers(owner, members, start);
  checkDataset(owner, "dataset", dataset, resolved);
  const batches = new Batches(dataset, [resolved.inputs], dataset.labels.length);
  const loss = lossOf(resolved.outputs);
  // One network after the other: wide networks fit too, and there is nothing to wait for.
  return networks.map((network) => {
    const weights = new EnsembleWeights(resolved, [network], { name: "sgd", learningRate: 1 });
    try {
      return freeing(() => {
        const { x, labels } = batches.take(batches.order(0), 0);
        const pass = forwardPass(x, weights.layers, resolved);
        const probabilities = loss.probabilities(pass.logits);
        const gradients = backwardPass(
          pass,
          outputDelta(loss, probabilities, labels),
          weights.layers,
          resolved,
        );
        return mlpLayers(resolved).map(({ name, activation, units }, l) => {
          const next = pass.inputs[l + 1];
          const outputs = next ? next.slice([0, 0, 0], [1, units, labels.length]) : probabilities;
          const numbers = (tensor: tf.Tensor): Float32Array => tensor.dataSync<"float32">();
          return {
            ...{ layer: name, activation },
            preActivations: numbers(pass.z[l] ?? pass.logits),
            activations: numbers(pass.a[l] ?? probabilities),
            outputs: numbers(outputs),
            preActivationGradients: numbers(gradients[l]!.delta),
          };
        });
      });
    } finally {
      weights.dispose();
    }
  });
}
