import type { tf } from "../tensorflow/tf.js";
import { type AnyDataset, hasTargets } from "../data/dataset.js";
import { Batches } from "./batches.js";
import { InterruptListener } from "./interrupt.js";
import { ModelTrainable } from "./model/modelTrainable.js";
import {
  checkClassWeights,
  checkDataset,
  checkModel,
  checkRecord,
  examplesAtOnce,
  inputShape,
  labelOf,
  refuseOptions,
  resolveOptions,
  sizeOf,
  type TrainingOptions,
} from "./options.js";
import type { TrainingRecord } from "./record.js";
import { train } from "./trainingLoop.js";

/**
 * Trains a tf.layers model in place and records what happens in it: for each step the weights before and
 * after, the gradient that was applied, the update, both factors of each layer's gradient, and statistics of the
 * activations. The model is hooked from outside; it need not be compiled. There is one backward pass. The model gets its
 * new weights at the end, whatever ends it.
 *
 * The loss is the mean over the batch of what the option `loss` says; if it says nothing, of the cross-entropy in nats:
 * binary if the model ends in one sigmoid unit, categorical if it ends in a softmax. (For a `TargetDataset` the mean
 * squared error, or after sigmoids, of targets from 0 to 1, the binary cross-entropy, the mean over all labels.)
 *
 * A step is compiled to one TensorFlow graph, where that can be done and there are steps enough to be worth it: see
 * `engine` in the record.
 *
 * Training stops early, and the record says so in `stopped`, if a number is no longer finite (an update from such a
 * gradient is not applied) or if it is interrupted. An interrupt ends it before the next step.
 *
 * @example
 * const record = await recordTraining(model, iris.train, { optimizer: "sgd", learningRate: 0.1, epochs: 60 });
 * record.layers[0].kernel.gradient[0]; // dL/dW of the first layer at the first step, [inputs * units]
 * @throws RangeError for an option or a dataset that does not fit, naming it. Error for a model that can't be recorded, or
 * whose weights something else changes meanwhile. Whatever onProgress throws.
 */
export async function recordTraining(
  model: tf.LayersModel,
  dataset: AnyDataset,
  options: TrainingOptions,
): Promise<TrainingRecord> {
  const owner = "recordTraining";
  const resolved = resolveOptions(owner, options);
  checkModel(owner, model);
  const size = sizeOf(model);
  checkDataset(owner, "dataset", dataset, size);
  const { test, batchSize, accumulate, seed, classWeights } = resolved;
  refuseOptions(owner, resolved, { precision: "networks of trainEnsemble alone have one" });
  if (test) {
    checkDataset(owner, "test", test, size);
    if (hasTargets(test) !== hasTargets(dataset)) {
      throw new RangeError(
        `${owner}(): test has other targets than dataset; both must have classes, or both numbers`,
      );
    }
  }
  const shape = inputShape(model);
  if (classWeights !== undefined) {
    checkClassWeights(owner, classWeights, dataset, size.outputs);
  }
  const batches = new Batches(dataset, shape, size.outputs, batchSize * accumulate, seed);
  const testBatches = test && new Batches(test, shape, size.outputs, examplesAtOnce(size.inputs));
  const interrupt = new InterruptListener(resolved.signal);
  let trainable: ModelTrainable | undefined;
  const first = batches.first(batchSize);
  try {
    trainable = new ModelTrainable(owner, model, first, {
      loss: resolved.loss ?? (isBeyondShares(dataset) ? "meanSquaredError" : undefined),
      classWeights,
      hasClasses: !hasTargets(dataset),
    });
    checkRecord(owner, trainable.parameters, {
      ...resolved,
      networks: 1,
      steps: batches.count * resolved.epochs,
    });
    const [record] = await train(
      trainable,
      {
        options: resolved,
        batches,
        test: testBatches,
        label: resolved.label ?? labelOf(model, trainable.layers),
        share: { first: 0, of: 1 },
      },
      interrupt,
    );
    return record!;
  } finally {
    interrupt.end();
    trainable?.end();
    first.dispose();
    batches.dispose();
    testBatches?.dispose();
  }
}

/** Whether targets are numbers that no share is: the cross-entropy of a sigmoid would have no least value. */
function isBeyondShares(dataset: AnyDataset): boolean {
  return hasTargets(dataset) && dataset.targets.some((row) => row.some((value) => value < 0 || value > 1));
}
