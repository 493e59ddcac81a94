import { tf } from "../tensorflow/tf.js";
import type { AnyDataset } from "../data/dataset.js";
import { fail, keysOf, requireInteger, requireKnownKeys } from "../ground/validation.js";
import { FitRun } from "./model/fitRun.js";
import type { TrainingOptions } from "./options.js";
import type { TrainingRecord } from "./record.js";

/** What to record of a training by `model.fit`. */
export interface GradientRecorderOptions extends Pick<
  TrainingOptions,
  "recordArrays" | "label" | "onProgress"
> {
  /** Records every n-th step, and the last. 1 if not given. */
  readonly recordEvery?: number;
  /**
   * What the model is trained on, as `recordTraining` takes it. If it is given, statistics of activations are over its first
   * examples, the same at each step, and the record tells what the data are like and what a constant answer reaches; if not,
   * statistics are over each step's batch.
   */
  readonly dataset?: AnyDataset;
  /** How many of its first examples these are; all of them if not given. */
  readonly probeExamples?: number;
}

const KEYS = keysOf<GradientRecorderOptions>({
  recordEvery: true,
  recordArrays: true,
  probeExamples: true,
  label: true,
  onProgress: true,
  dataset: true,
});

/**
 * A callback for `model.fit` and `model.fitDataset` that records what `recordTraining` records: the gradients that the
 * optimizer is given, updates, both factors of each layer's gradient, activations. The model trains as it does without the
 * callback, with any optimizer, any loss, several inputs and outputs; there is one backward pass. Its `record` can be read at
 * any time.
 *
 * A number that is not finite ends the record, and it says so; the training goes on. (The update of that step is not in the
 * record.)
 *
 * @example
 * const { x, y } = toTensors(iris.train);
 * const recorder = recordGradients({ recordEvery: 10 });
 * model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
 * await model.fit(x, y, { epochs: 5, verbose: 0, callbacks: recorder });
 * recorder.record.layers[0].kernel.gradient[0]; // dL/dW of the first layer at the first step
 * @throws RangeError for an option that does not fit, naming it. In `fit`, Error for a model that can't be recorded.
 */
export function recordGradients(options: GradientRecorderOptions = {}): GradientRecorder {
  const owner = "recordGradients";
  requireKnownKeys(owner, "options", options, KEYS);
  requireInteger(owner, "recordEvery", options.recordEvery ?? 1, { min: 1 });
  if (options.probeExamples !== undefined) {
    requireInteger(owner, "probeExamples", options.probeExamples, { min: 1 });
    if (options.dataset === undefined) {
      fail(owner, "probeExamples", options.probeExamples, "left out where there is no option dataset");
    }
  }
  return new GradientRecorder(owner, options);
}

/** The callback that `recordGradients` makes. */
export class GradientRecorder extends tf.Callback {
  #run: FitRun | undefined;

  constructor(
    private readonly owner: string,
    private readonly options: GradientRecorderOptions,
  ) {
    super();
  }

  /**
   * What has been recorded so far, of the latest training.
   *
   * @throws Error if no step has been.
   */
  get record(): TrainingRecord {
    const record = this.#run?.record();
    if (record) {
      return record;
    }
    const todo = "hand this to model.fit as callbacks, and let it train a step";
    throw new Error(`${this.owner}(): nothing is recorded yet; ${todo}`);
  }

  override setModel(model: tf.LayersModel): void {
    super.setModel(model);
    this.#run = new FitRun(this.owner, model, this.options, this.params);
  }

  override async onTrainBegin(): Promise<void> {
    await super.onTrainBegin();
    this.#run?.begin();
  }

  override async onBatchEnd(batch: number, logs?: tf.Logs): Promise<void> {
    await super.onBatchEnd(batch, logs);
    await this.#run?.report();
  }

  override async onEpochEnd(epoch: number, logs?: tf.Logs): Promise<void> {
    await super.onEpochEnd(epoch, logs);
    this.#run?.endEpoch(logs ?? {});
  }

  override async onTrainEnd(): Promise<void> {
    await super.onTrainEnd();
    await this.#run?.end();
  }
}
