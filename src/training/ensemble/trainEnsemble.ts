import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../../data/dataset.js";
import { checkMlpSpec, layerOf, type MlpSpec } from "../../models/mlp.js";
import { fail, requireInteger } from "../../validation.js";
import { type Batch, Batches } from "../batches.js";
import { interruptedBefore, InterruptListener } from "../interrupt.js";
import { accuracyOf, binaryCrossEntropy, categoricalCrossEntropy, type Loss } from "../losses.js";
import { checkDataset, checkRecordSize, resolveOptions, type TrainingOptions } from "../options.js";
import { freeing } from "../network.js";
import type { Stopped, TrainingRecord } from "../record.js";
import { EnsembleRecorder, type Scores } from "./ensembleRecorder.js";
import { backwardPass, type ForwardPass, forwardPass, withOnes } from "./backward.js";
import { Kernels } from "./kernels.js";

/** A spec of networks that differ in their seed alone. */
export type EnsembleSpec = Omit<MlpSpec, "seed">;

/**
 * Trains one network for each seed, all of them at once, by a backward pass that is written out (see backward.ts).
 * Network i starts from the kernels that `buildMlp({ ...spec, seed: seeds[i] })` starts from, sees the same batches
 * as `recordTraining` with the same options, and its record, entry i of the result, is the same up to rounding.
 *
 * A network whose numbers are no longer finite is not dropped: its record ends there and says so in `stopped`.
 *
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainEnsemble(
  spec: EnsembleSpec,
  seeds: readonly number[],
  dataset: Dataset,
  options: TrainingOptions,
): Promise<TrainingRecord[]> {
  const owner = "trainEnsemble";
  if (seeds.length === 0) {
    fail(owner, "seeds", seeds, "a list of at least one whole number");
  }
  seeds.forEach((seed, i) => requireInteger(owner, `seeds[${i}]`, seed));
  const checked = checkMlpSpec(owner, { ...spec, seed: 0 });
  const resolved = resolveOptions(owner, options);
  const { test } = resolved;
  checkDataset(owner, "dataset", dataset, checked);
  if (test) {
    checkDataset(owner, "test", test, checked);
  }
  const batches = new Batches(dataset, [checked.inputs], resolved.batchSize, resolved.seed);
  const steps = batches.count * resolved.epochs;
  const interrupt = new InterruptListener(resolved.signal);
  const kernels = new Kernels(checked, seeds, resolved.resolvedOptimizer);
  try {
    checkRecordSize(owner, kernels.size, steps, resolved.recordEvery);
    const recorder = new EnsembleRecorder(checked, kernels, batches.count);
    const loss = checked.outputs === 1 ? binaryCrossEntropy : categoricalCrossEntropy;
    const training = {
      ...{ spec: checked, kernels, batches, loss, interrupt, recorder, steps },
      options: resolved,
      test: test && new Batches(test, [checked.inputs], test.labels.length),
      weights: kernels.read(),
    };
    let stopped: Stopped | undefined;
    for (let epoch = 0; epoch < resolved.epochs && !stopped; epoch++) {
      stopped = await runEpoch(training, epoch);
    }
    const common = {
      label: resolved.label ?? layerOf(checked, 0).activation,
      optimizer: resolved.resolvedOptimizer,
      stepsPerEpoch: batches.count,
    };
    return seeds.map((_, network) => ({ ...common, ...recorder.ofNetwork(network, stopped) }));
  } finally {
    interrupt.end();
    kernels.dispose();
  }
}

interface Training {
  readonly spec: Required<MlpSpec>;
  readonly kernels: Kernels;
  readonly batches: Batches;
  readonly loss: Loss;
  readonly interrupt: InterruptListener;
  readonly recorder: EnsembleRecorder;
  readonly steps: number;
  readonly options: ReturnType<typeof resolveOptions>;
  readonly test: Batches | undefined;
  /** All kernels and biases as they are now: see `Kernels.read`. */
  weights: Float32Array[];
}

/** Trains all networks for one epoch; says why, if it was interrupted. */
async function runEpoch(training: Training, epoch: number): Promise<Stopped | undefined> {
  const { batches, options, steps, recorder, interrupt, test } = training;
  const order = batches.order(epoch);
  for (let place = 0; place < batches.count; place++) {
    const step = epoch * batches.count + place;
    // Lets an interrupt, a progress bar and the rest of the process have their turn.
    await setImmediate();
    if (interrupt.isRequested()) {
      return interruptedBefore(step, steps);
    }
    const recorded = step % options.recordEvery === 0 || step === steps - 1;
    freeing(() => {
      takeStep(training, batches.take(order, place), { step, recorded });
    });
    options.onProgress?.({
      ...{ step: step + 1, steps, epoch: epoch + 1, epochs: options.epochs },
      ...recorder.latest(),
    });
  }
  recorder.endEpoch(test && freeing(() => score(training, test.take(test.order(0), 0)).scores));
  return undefined;
}

/** Forward and backward pass of a batch through all networks, and the update that follows from it. */
function takeStep(training: Training, batch: Batch, moment: { step: number; recorded: boolean }): void {
  const { spec, kernels, loss, recorder, weights: before } = training;
  const { pass, scores } = score(training, batch);
  const delta = loss.delta(pass.z.at(-1)!, batch.labels);
  const gradients = backwardPass(pass, delta, kernels.withoutBias(), spec.activation);
  const gradient = kernels.step(gradients);
  training.weights = kernels.read();
  recorder.add(moment, { pass, scores, before, gradient, after: training.weights });
}

/** Forward pass of a batch through all networks, and each network's loss and accuracy. */
function score(
  { spec, kernels, loss }: Training,
  { x, labels }: Batch,
): { pass: ForwardPass; scores: Scores } {
  const pass = forwardPass(withOnes(x).expandDims(0), kernels.withBias(), spec.activation);
  const z = pass.z.at(-1)!;
  const networks = z.shape[0];
  const flat = z.dataSync<"float32">();
  const own = (network: number): Float32Array =>
    flat.subarray((network * flat.length) / networks, ((network + 1) * flat.length) / networks);
  const scores = Array.from({ length: networks }, (_, network) => ({
    loss: loss.mean(own(network), labels),
    accuracy: accuracyOf(loss, own(network), labels),
  }));
  return { pass, scores: { examples: labels.length, ofNetwork: scores } };
}
