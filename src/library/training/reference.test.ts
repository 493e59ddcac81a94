import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { loadCirclesSplit } from "../data/originalCircles.js";
import { meanAbs } from "../measures/statistics.js";
import { gradientByLayer, weightChange } from "../measures/layerMeasures.js";
import { buildMlp } from "../models/mlp.js";
import type { ActivationName } from "../models/activations.js";
import type { TrainingRecord } from "./record.js";
import { recordTraining } from "./recordTraining.js";

/** What Keras and PyTorch computed on the same points, from the same kernels. */
interface Reference {
  readonly hidden: number;
  readonly width: number;
  readonly batchSize: number;
  readonly kernels: number[][][];
  readonly runs: readonly Run[];
}
interface Run {
  readonly framework: "keras" | "pytorch";
  readonly activation: ActivationName;
  readonly optimizer: "sgd" | "adam";
  readonly epsilon: number | null;
  readonly learningRate: number;
  readonly initialLoss: number;
  readonly meanAbsKernelGradientPerLayer: number[];
  readonly firstKernelAfterOneEpoch: number[][];
  readonly epochMeanLoss: number;
  readonly finalLoss: number;
}

const file = join(__dirname, "..", "..", "training", "reference.json");
const reference = JSON.parse(readFileSync(file, "utf8")) as Reference;
const { train } = loadCirclesSplit();

/** A network with the reference's kernels and zero biases. */
function twin(activation: ActivationName): tf.Sequential {
  const { hidden, width, kernels } = reference;
  const model = buildMlp({ inputs: 2, outputs: 1, hiddenLayers: hidden, width, activation, seed: 1 });
  tf.tidy(() => {
    model.setWeights(kernels.flatMap((kernel) => [tf.tensor2d(kernel), tf.zeros([kernel[0]!.length])]));
  });
  return model;
}

/** Loss and gradients on the whole training set at once, before any update. */
async function atStart(model: tf.Sequential): Promise<TrainingRecord> {
  const before = model.getWeights().map((weight) => weight.clone());
  const record = await recordTraining(model, train, {
    optimizer: "sgd",
    learningRate: 0.1,
    epochs: 1,
    batchSize: train.labels.length,
  });
  model.setWeights(before);
  tf.dispose(before);
  return record;
}

for (const run of reference.runs) {
  const epsilon = run.epsilon === null ? "" : `, epsilon ${run.epsilon}`;
  test(`one epoch agrees with ${run.framework}: ${run.activation}, ${run.optimizer}${epsilon}`, async () => {
    const model = twin(run.activation);
    const start = await atStart(model);
    closeTo(start.loss[0]!, run.initialLoss, 1e-5, "initial loss");
    gradientByLayer(start).forEach((gradient, layer) => {
      const expected = run.meanAbsKernelGradientPerLayer[layer]!;
      closeTo(gradient / expected, 1, 1e-4, `gradient of layer ${layer}, over the reference's`);
    });

    const adam = { epsilon: run.epsilon ?? undefined, epsilonForm: run.framework } as const;
    const record = await recordTraining(model, train, {
      ...{
        optimizer: run.optimizer,
        learningRate: run.learningRate,
        epochs: 1,
        batchSize: reference.batchSize,
      },
      ...(run.optimizer === "adam" ? adam : {}),
    });
    closeTo(record.epochs[0]!.loss, run.epochMeanLoss, 1e-5, "mean loss of the epoch");
    closeTo((await atStart(model)).loss[0]!, run.finalLoss, 1e-5, "final loss");

    const kernel = record.layers[0]!.kernel;
    const expected = run.firstKernelAfterOneEpoch.flat();
    kernel.after.at(-1)!.forEach((weight, i) => {
      closeTo(weight, expected[i]!, 1e-6, `weight ${i} of the first kernel after the epoch`);
    });
    const initial = reference.kernels[0]!.flat();
    const expectedChange = meanAbs(expected.map((weight, i) => weight - initial[i]!));
    const change = meanAbs(weightChange(kernel));
    // Below this the change is lost in float32's rounding of the weights.
    if (expectedChange > 1e-6) {
      closeTo(change / expectedChange, 1, 0.01, "mean absolute change, over the reference's");
    } else {
      assert.ok(change < 1e-6, `mean absolute change is ${change}`);
    }
    model.dispose();
  });
}

function closeTo(actual: number, expected: number, tolerance: number, what: string): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= tolerance, `${what} is ${actual}, not ${expected}: ${difference} apart`);
}
