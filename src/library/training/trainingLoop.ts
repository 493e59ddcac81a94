import { tf } from "../tensorflow/tf.js";
import { pause } from "../ground/host.js";
import type { CompiledFunction } from "../tensorflow/compileGraph.js";
import { baselineOf } from "./baseline.js";
import type { Batch, Batches } from "./batches.js";
import { interruptedBefore, type InterruptListener } from "./interrupt.js";
import { type OptimizerSteps, stepsOf } from "./optimizers.js";
import { factorAt } from "./schedules.js";
import type { ResolvedOptions } from "./options.js";
import { probeSize } from "./probe.js";
import type { Stopped, TrainingRecord } from "./record.js";
import {
  type CommonRecord,
  type MemberOfRecord,
  Recorder,
  type Scores,
  type StepDetails,
} from "./recorder.js";
import { compileScoring, compileStep, listOf, type StepInputs, type StepOutput } from "./step.js";
import type { Trainable } from "./trainable.js";

/** What a training is to do, checked. */
export interface Plan {
  readonly options: ResolvedOptions;
  readonly batches: Batches;
  readonly test: Batches | undefined;
  /** What legends call the networks. */
  readonly label: string;
  /** Which networks of an ensemble are trained, if they are of one. */
  readonly members?: readonly MemberOfRecord[];
  /** How many networks were trained before these, and how many there are in all. */
  readonly share: { readonly first: number; readonly of: number };
}

/** Needed to say where numbers ceased to be finite. */
const FINITE = ["finiteLayers"] as const satisfies readonly StepOutput[];

/** Trains one network or many, and records them. */
export async function train(
  trainable: Trainable,
  plan: Plan,
  interrupt: InterruptListener,
): Promise<TrainingRecord[]> {
  const training = new Training(trainable, plan, interrupt);
  try {
    return await training.run();
  } finally {
    training.dispose();
  }
}

class Training {
  readonly #recorder: Recorder;
  readonly #optimizer: OptimizerSteps;
  readonly #step: CompiledFunction<StepOutput>;
  readonly #scoring: CompiledFunction<"summary">;
  /** Outputs of a step that tell of states by time. */
  readonly #times: readonly StepOutput[];
  /** Outputs of a step that only a recorded step needs. */
  readonly #details: readonly StepOutput[];
  /** What a step gives beside the weights, which the next one takes. */
  readonly #carried: readonly StepOutput[];
  readonly #probe: tf.Tensor;
  /** Whether the probe is the batch, whose activations are known. */
  readonly #isBatch: boolean;
  readonly #steps: number;
  /** The least test loss so far. */
  #least = { loss: Infinity, epoch: -1 };
  #common: CommonRecord | undefined;
  #weights: tf.Tensor;
  #slots: tf.Tensor[];
  #state: tf.Tensor[];
  #rates: { readonly rate: number; readonly tensor: tf.Tensor } | undefined;

  constructor(
    private readonly trainable: Trainable,
    private readonly plan: Plan,
    private readonly interrupt: InterruptListener,
  ) {
    const { options, batches, test } = plan;
    const { epochs, recordArrays, clipNorm, batchSize, accumulate, seed } = options;
    this.#steps = batches.count * epochs;
    this.#recorder = new Recorder(trainable.networks, trainable.layers, trainable.parameters, recordArrays);
    this.#optimizer = stepsOf(options.resolvedOptimizer);
    const rest = batches.examples % batches.batchSize;
    // What never runs as a graph has no runs that would make one worthwhile.
    const worth = options.engine === "eager" ? 0 : 1;
    const runs = (examples: number): number => worth * (examples === rest ? epochs : this.#steps);
    const activations = trainable.layers.reduce((sum, { units, positions }) => sum + units * positions, 0);
    const probeExamples = probeSize(options.probeExamples, batches, activations);
    this.#probe = batches.first(probeExamples);
    const isWhole = batches.count === 1 && (accumulate === 1 || !trainable.hasNormalization);
    this.#isBatch = isWhole && probeExamples === batches.examples && trainable.isDeterministic;
    const hasProbe = !this.#isBatch;
    this.#step = compileStep(trainable, this.#optimizer, { clipNorm, hasProbe, batchSize, seed, runs });
    const states = trainable.layers.flatMap((layer) => layer.states?.names ?? []);
    this.#times = states.map((_, i) => `time${i}` as const);
    this.#details = ["gradient", "factors", "activations", ...this.#times];
    this.#scoring = compileScoring(trainable, this.#usesProbe, test ? worth * epochs : 0);
    this.#weights = trainable.initialWeights();
    this.#state = trainable.initialState();
    this.#slots = Array.from({ length: this.#optimizer.slots }, () => tf.zerosLike(this.#weights));
    this.#carried = [
      ...this.#slots.map((_, i): StepOutput => `slot${i}`),
      ...this.#state.map((_, i): StepOutput => `state${i}`),
    ];
  }

  get #usesProbe(): boolean {
    return this.trainable.hasNormalization && this.plan.options.testNormalization === "trainingSet";
  }

  async run(): Promise<TrainingRecord[]> {
    const { options } = this.plan;
    let stopped: Stopped | undefined;
    for (let epoch = 0; epoch < options.epochs && !stopped && !this.#recorder.allStopped; epoch++) {
      stopped = await this.#runEpoch(epoch);
    }
    return this.#records(stopped);
  }

  /** The records as far as they have come. `stopped`: why all networks stopped, if they did. */
  #records(stopped?: Stopped): TrainingRecord[] {
    const { options, batches, label, members } = this.plan;
    const { hasNormalization, loss, frozen, output } = this.trainable;
    this.#common ??= {
      label,
      optimizer: options.resolvedOptimizer,
      lossName: loss.name,
      baseline: baselineOf(batches.dataset, loss, options.classWeights),
      data: batches.summary,
      probeExamples: this.#probe.shape[0],
      stepsPerEpoch: batches.count,
      testNormalization: hasNormalization ? options.testNormalization : undefined,
      format: options.precision?.format,
      frozen,
      output,
    };
    return this.#recorder.records(this.#common, this.#step.engine, stopped, members);
  }

  /** Hands the weights over as they are now, whatever ended the training, and frees all tensors and graphs. */
  dispose(): void {
    this.trainable.store(this.#weights, this.#state);
    tf.dispose([this.#weights, this.#slots, this.#state, this.#probe]);
    this.#rates?.tensor.dispose();
    this.#step.dispose();
    this.#scoring.dispose();
  }

  /** Trains for one epoch; says why, if it was interrupted. */
  async #runEpoch(epoch: number): Promise<Stopped | undefined> {
    const { batches } = this.plan;
    const order = batches.order(epoch);
    for (let place = 0; place < batches.count; place++) {
      const step = epoch * batches.count + place;
      if (this.interrupt.isRequested()) {
        return interruptedBefore(step, this.#steps);
      }
      this.trainable.requireUntouched?.();
      const batch = batches.take(order, place, this.trainable.loss);
      const interrupted = await this.#takeStep(batch, step);
      batches.free(batch);
      const isEnd = place === batches.count - 1 && !interrupted && !this.#recorder.allStopped;
      const stopped = isEnd ? this.#endEpoch(epoch) : interrupted;
      await this.#report(step, epoch, stopped);
      if (stopped || this.#recorder.allStopped) {
        return stopped;
      }
    }
    return undefined;
  }

  /** Scores the networks on the test set; says why, if training ends with this epoch. */
  #endEpoch(epoch: number): Stopped | undefined {
    const { test } = this.plan;
    const scores = test && this.#score(test);
    this.#recorder.endEpoch(scores);
    return this.#endsEarly(scores?.loss[0], epoch);
  }

  /** Whether the test loss has not fallen for too long. */
  #endsEarly(testLoss: number | undefined, epoch: number): Stopped | undefined {
    const { patience, epochs } = this.plan.options;
    if (patience === undefined || testLoss === undefined || epoch === epochs - 1) {
      return undefined;
    }
    if (testLoss < this.#least.loss) {
      this.#least = { loss: testLoss, epoch };
    }
    if (epoch - this.#least.epoch < patience) {
      return undefined;
    }
    const step = (epoch + 1) * this.plan.batches.count;
    const message = `the test loss has not fallen for ${patience} epochs before step ${step} of ${this.#steps}`;
    return { reason: "early stopping", step, message };
  }

  /** One step of all networks. */
  async #takeStep(batch: Batch, step: number): Promise<Stopped | undefined> {
    const { recordEvery } = this.plan.options;
    const isDue =
      step === this.#steps - 1 || (recordEvery === "ends" ? step === 0 : step % recordEvery === 0);
    const { rate, others } = this.#optimizer.coefficients(step + 1);
    const { schedule } = this.plan.options;
    const rateFactor = schedule && factorAt("schedule", schedule, step, this.#steps);
    const otherTensors = others.map((value) => tf.scalar(value));
    const inputs: StepInputs = {
      weights: this.#weights,
      x: batch.x,
      targets: batch.targets,
      rates: this.#ratesAt(rate * (rateFactor ?? 1)),
      others: otherTensors,
      slots: this.#slots,
      state: this.#state,
      probe: this.#isBatch ? undefined : this.#probe,
    };
    // What is random cannot be computed again when it turns out that more is needed.
    const isRepeatable = this.trainable.isDeterministic;
    const wantsAll = isDue || !isRepeatable;
    const details = this.#details;
    const list = listOf(inputs);
    const outputs = this.#step.run(list, [
      "weights",
      "summary",
      ...this.#carried,
      ...(wantsAll ? details : []),
      ...(isRepeatable ? [] : FINITE),
    ]);
    const summary = split(outputs.summary, this.trainable.networks);
    const [loss, right, weightSums] = summary as [Float32Array, Float32Array, Float32Array];
    const hasClip = this.plan.options.clipNorm !== undefined;
    const [clipFactors, lossScales] = hasClip ? summary.slice(3) : [undefined, summary[3]];
    await pause();
    const isInterrupted = this.interrupt.isRequested() && step < this.#steps - 1;
    this.#recorder.add({
      step,
      isRecorded: isDue || isInterrupted,
      scores: scoresOf(batch.examples, loss, right),
      clipFactors,
      lossScales,
      rateFactor,
      weightSums,
      details: () => {
        const more = wantsAll ? outputs : this.#step.run(list, details);
        const known = this.#detailsOf(step, more, outputs.weights);
        if (!wantsAll) {
          tf.dispose(Object.values(more));
        }
        return known;
      },
      finiteLayers: () => {
        const more = isRepeatable ? this.#step.run(list, FINITE) : outputs;
        const numbers = more.finiteLayers.dataSync<"float32">();
        if (isRepeatable) {
          more.finiteLayers.dispose();
        }
        return numbers;
      },
    });
    const used = ["summary", ...details, ...FINITE] as const;
    this.#advance(outputs, [...used.map((name) => outputs[name]), ...otherTensors]);
    return isInterrupted ? interruptedBefore(step + 1, this.#steps) : undefined;
  }

  #detailsOf(
    step: number,
    outputs: Readonly<Partial<Record<StepOutput, tf.Tensor>>>,
    after: tf.Tensor,
  ): StepDetails {
    const numbers = (name: StepOutput): Float32Array => outputs[name]!.dataSync<"float32">();
    return {
      before: this.#recorder.weightsAfter(step - 1) ?? this.#weights.dataSync<"float32">(),
      after: after.dataSync<"float32">(),
      gradient: numbers("gradient"),
      activations: numbers("activations"),
      factors: numbers("factors"),
      times: this.#times.map(numbers),
    };
  }

  /** Takes over what a step gave. Of a single network, a gradient that is not finite is not applied. */
  #advance(
    outputs: Readonly<Partial<Record<StepOutput, tf.Tensor>>>,
    others: readonly (tf.Tensor | undefined)[],
  ): void {
    tf.dispose(others.filter((tensor) => tensor !== undefined));
    const [weights, ...carried] = [outputs.weights!, ...this.#carried.map((name) => outputs[name]!)];
    if (this.trainable.networks === 1 && this.#recorder.failureOf(0)?.isApplied === false) {
      tf.dispose([weights, carried]);
      return;
    }
    tf.dispose([this.#weights, this.#slots, this.#state]);
    this.#weights = weights!;
    this.#slots = carried.slice(0, this.#slots.length);
    this.#state = carried.slice(this.#slots.length);
  }

  /** Each network's learning rate times the optimizer's factor: [networks, 1]. */
  #ratesAt(rate: number): tf.Tensor {
    if (this.#rates?.rate !== rate) {
      this.#rates?.tensor.dispose();
      const { members, options } = this.plan;
      const own = Array.from(
        { length: this.trainable.networks },
        (_, i) => members?.[i]?.learningRate ?? options.learningRate,
      );
      const tensor = tf.tensor2d(
        own.map((learningRate) => learningRate * rate),
        [own.length, 1],
      );
      this.#rates = { rate, tensor };
    }
    return this.#rates.tensor;
  }

  /** Loss and accuracy of each network on the test set. */
  #score(test: Batches): Scores {
    const probe = this.#usesProbe ? [this.#probe] : [];
    const { networks } = this.trainable;
    const sums = [0, 1].map(() => new Float64Array(networks));
    for (let place = 0; place < test.count; place++) {
      const batch = test.take(test.order(0), place, this.trainable.loss);
      const inputs = [this.#weights, batch.x, batch.targets, ...probe, ...this.#state];
      const { summary } = this.#scoring.run(inputs, ["summary"]);
      const [loss, right] = split(summary, networks) as [Float32Array, Float32Array];
      summary.dispose();
      for (let i = 0; i < networks; i++) {
        sums[0]![i]! += loss[i]! * (batch.examples / test.examples);
        sums[1]![i]! += right[i]!;
      }
    }
    const [loss, right] = sums as [Float64Array, Float64Array];
    return scoresOf(test.examples, loss, right);
  }

  /** Tells how far all networks have come: those of groups that are done count with all their steps. */
  async #report(step: number, epoch: number, interrupted: Stopped | undefined): Promise<void> {
    const { options, share } = this.plan;
    if (!options.onProgress) {
      return;
    }
    const { networks } = this.trainable;
    const isLast = share.first + networks === share.of;
    const done = (share.first * this.#steps + networks * (step + 1)) / share.of;
    const progress = {
      step: isLast && step === this.#steps - 1 ? this.#steps : done,
      steps: this.#steps,
      epoch: epoch + 1,
      epochs: options.epochs,
      ...this.#recorder.latest(),
      records: () => this.#records(interrupted),
    };
    const allFailed = this.#recorder.allStopped && isLast && (step < this.#steps - 1 || networks === 1);
    const failure = networks === 1 ? this.#recorder.failureOf(0)?.stopped.message : undefined;
    const why = interrupted?.message ?? (allFailed ? (failure ?? ALL_FAILED) : undefined);
    await options.onProgress(why === undefined ? progress : { ...progress, stopped: why });
  }
}

const ALL_FAILED = "no network has finite numbers any more";

const scoresOf = (
  examples: number,
  loss: Float32Array | Float64Array,
  right: Float32Array | Float64Array,
): Scores => ({
  examples,
  loss,
  accuracy: Float64Array.from(right, (count) => count / examples),
});

/** Rows of so many numbers. */
function split(tensor: tf.Tensor, width: number): Float32Array[] {
  const numbers = tensor.dataSync<"float32">();
  return Array.from({ length: numbers.length / width }, (_, i) =>
    numbers.subarray(i * width, (i + 1) * width),
  );
}
