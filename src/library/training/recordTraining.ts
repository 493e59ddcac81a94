import * as tf from "@tensorflow/tfjs-node";
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../data/dataset.js";
import { Batches } from "./batches.js";
import { clipFactor } from "./clipping.js";
import { allFinite, findNotFinite } from "./finite.js";
import { interruptedBefore, InterruptListener } from "./interrupt.js";
import { freeing } from "../tensorflow/freeing.js";
import { Network, type Pass } from "./network.js";
import { TrainedWeights } from "./optimizers.js";
import {
  checkDataset,
  checkModel,
  checkRecordSize,
  inputShape,
  resolveOptions,
  sizeOf,
  type TrainingOptions,
} from "./options.js";
import type { EpochRecord, Stopped, TrainingRecord } from "./record.js";
import { summarize } from "./signal.js";
import { Recorder } from "./recorder.js";

/**
 * Trains a tf.layers classifier in place and records what happens in it: for each step the weights before and
 * after, the gradient that was applied, the update, and statistics of the activations. The model is watched from
 * outside; it need not be compiled.
 *
 * The loss is the mean cross-entropy of the batch in nats: binary if the model ends in one sigmoid unit,
 * categorical if it ends in a softmax.
 *
 * Training stops early, and the record says so in `stopped`, if a number is no longer finite (an update from such a
 * gradient is not applied) or if it is interrupted. An interrupt ends it before the next step.
 *
 * @example
 * const record = await recordTraining(model, iris.train, { optimizer: "sgd", learningRate: 0.1, epochs: 60 });
 * record.layers[0].kernel.gradient[0]; // dL/dW of the first layer at the first step, [inputs * units]
 * @throws RangeError for an option or a dataset that does not fit, naming it. Error for a model that is no classifier.
 */
export async function recordTraining(
  model: tf.LayersModel,
  dataset: Dataset,
  options: TrainingOptions,
): Promise<TrainingRecord> {
  const owner = "recordTraining";
  const resolved = resolveOptions(owner, options);
  checkModel(owner, model);
  checkDataset(owner, "dataset", dataset, sizeOf(model));
  if (resolved.test) {
    checkDataset(owner, "test", resolved.test, sizeOf(model));
  }
  const batches = new Batches(dataset, inputShape(model), resolved.batchSize, resolved.seed);
  const network = new Network(model);
  const weights = freeing(() => new TrainedWeights(tf.tensor1d(network.read()), resolved.resolvedOptimizer));
  const interrupt = new InterruptListener(resolved.signal);
  const recorder = new Recorder(network.parameters);
  try {
    const steps = batches.count * resolved.epochs;
    checkRecordSize(owner, network.size, steps, resolved.recordEvery);
    // Finds out whether the model is a classifier while no gradient is computed: tfjs would not free what it holds
    // for the backward pass after an error.
    freeing(() => network.evaluate(batches.take([0], 0)));
    const epochs: EpochRecord[] = [];
    const { test } = resolved;
    const training = {
      ...{ network, weights, recorder, interrupt, batches, steps, options: resolved },
      test: test && new Batches(test, inputShape(model), test.labels.length),
      numbers: network.read(),
    };
    let stopped: Stopped | undefined;
    for (let epoch = 0; epoch < resolved.epochs && !stopped; epoch++) {
      stopped = await runEpoch(training, epoch, epochs);
    }
    const { layers, parameters } = recorder;
    return {
      label: resolved.label ?? layers[0]?.activation ?? model.name,
      optimizer: resolved.resolvedOptimizer,
      layers,
      ...{ probeExamples: 0, engine: { mode: "eager" as const } },
      parameters,
      steps: recorder.steps,
      stepsPerEpoch: batches.count,
      loss: recorder.loss,
      ...(resolved.clipNorm === undefined ? {} : { clipFactor: recorder.clipFactor }),
      epochs,
      ...(stopped ? { stopped } : {}),
    };
  } finally {
    interrupt.end();
    weights.dispose();
    network.end();
  }
}

interface Training {
  readonly network: Network;
  readonly weights: TrainedWeights;
  readonly recorder: Recorder;
  readonly interrupt: InterruptListener;
  readonly batches: Batches;
  readonly options: ReturnType<typeof resolveOptions>;
  readonly steps: number;
  readonly test: Batches | undefined;
  /** All weights as they are now, flat. */
  numbers: Float32Array;
}

/** Trains for one epoch and adds it to the list; says why, if it had to stop. */
async function runEpoch(
  training: Training,
  epoch: number,
  epochs: EpochRecord[],
): Promise<Stopped | undefined> {
  const { network, batches, options, steps, recorder, interrupt } = training;
  const order = batches.order(epoch);
  const sums = { loss: 0, accuracy: 0, examples: 0 };
  for (let place = 0; place < batches.count; place++) {
    const step = epoch * batches.count + place;
    if (interrupt.isRequested()) {
      return interruptedBefore(step, steps);
    }
    const { pass, before, after, factor, examples } = takeStep(training, order, place);
    const { loss, accuracy, gradient, signals } = pass;
    // Lets an interrupt, a progress bar and the rest of the process have their turn.
    await setImmediate();
    const isInterrupted = interrupt.isRequested() && step < steps - 1;
    const stopped =
      findNotFinite(network.parameters, step, pass, after) ??
      (isInterrupted ? interruptedBefore(step + 1, steps) : undefined);
    if (step % options.recordEvery === 0 || step === steps - 1 || stopped) {
      recorder.add(step, {
        before,
        after,
        gradient,
        clipFactor: factor,
        loss,
        signals: signals.map(summarize),
      });
    }
    options.onProgress?.({
      ...{ step: step + 1, steps, epoch: epoch + 1, epochs: options.epochs, loss, accuracy },
      ...(stopped ? { stopped: stopped.message } : {}),
    });
    if (stopped) {
      return stopped;
    }
    sums.loss += loss * examples;
    sums.accuracy += accuracy * examples;
    sums.examples += examples;
  }
  epochs.push({
    loss: sums.loss / sums.examples,
    accuracy: sums.accuracy / sums.examples,
    ...(training.test ? evaluate(network, training.test) : {}),
  });
  return undefined;
}

/** One forward and backward pass, and the update that follows from it: none, if the gradient is not finite. */
function takeStep(
  training: Training,
  order: readonly number[],
  place: number,
): { pass: Pass; before: Float32Array; after: Float32Array; factor: number; examples: number } {
  const { network, weights, batches, options, numbers: before } = training;
  return freeing(() => {
    const batch = batches.take(order, place);
    const pass = network.backward(batch);
    const factor = clipFactor([pass.gradient], options.clipNorm);
    if (allFinite(pass.gradient)) {
      const gradient = tf.tensor1d(pass.gradient);
      weights.step(factor === 1 ? gradient : gradient.mul(factor));
      training.numbers = weights.read().dataSync<"float32">();
      network.assign(training.numbers);
    }
    return { before, after: training.numbers, pass, factor, examples: batch.labels.length };
  });
}

function evaluate(network: Network, test: Batches): { testLoss: number; testAccuracy: number } {
  return freeing(() => {
    const { loss, accuracy } = network.evaluate(test.take(test.order(0), 0));
    return { testLoss: loss, testAccuracy: accuracy };
  });
}
