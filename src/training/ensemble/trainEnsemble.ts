import * as tf from "@tensorflow/tfjs-node";
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../../data/dataset.js";
import { checkMlpSpec, mlpLayers, type MlpSpec, type ResolvedMlpSpec } from "../../models/mlp.js";
import { type Batch, Batches } from "../batches.js";
import { clipFactor } from "../clipping.js";
import { freeing } from "../../tensorflow/freeing.js";
import { interruptedBefore, InterruptListener } from "../interrupt.js";
import { binaryCrossEntropy, categoricalCrossEntropy, type Loss, outputDelta } from "../losses.js";
import {
  checkDataset,
  checkRecordSize,
  type ResolvedOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import type { Stopped, TrainingRecord } from "../record.js";
import { backwardPass, type ForwardPass, forwardPass, type Layer, type LayerGradient } from "./backward.js";
import { EnsembleRecorder, type Scores, type StepDetails } from "./ensembleRecorder.js";
import { arrayPlaces } from "./layout.js";
import { type Member, type MemberSettings, resolveMembers } from "./members.js";
import { EnsembleWeights, tensorsOf } from "./weights.js";

/** A spec of networks of one shape. */
export type EnsembleSpec = Omit<MlpSpec, "seed">;

/** The networks are trained in groups that need no more memory than this at a time, their records aside. */
const WORKING_BYTES = 256e6;

/**
 * Trains many networks of one shape at once, by a backward pass that is written out (see backward.ts). They differ in
 * their seeds; a member that is an object can have an initial scale and a learning rate of its own too (see `sweep`).
 *
 * Network i starts from the weights that `buildMlp({ ...spec, seed: members[i] })` starts from, sees the same batches
 * as `recordTraining` with the same options, and its record, entry i of the result, is the same up to rounding.
 *
 * A network whose numbers are no longer finite is not dropped: its record ends there and says so in `stopped`. After
 * an interrupt, records hold the steps that were done; many networks are trained group after group, so the last
 * records may hold none.
 *
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainEnsemble(
  spec: EnsembleSpec,
  members: readonly Member[],
  dataset: Dataset,
  options: TrainingOptions,
): Promise<TrainingRecord[]> {
  const plan = planOf("trainEnsemble", spec, members, dataset, options);
  const interrupt = new InterruptListener(plan.options.signal);
  try {
    const records: TrainingRecord[] = [];
    const size = groupSize(plan);
    for (let first = 0; first < plan.members.length; first += size) {
      const group = plan.members.slice(first, first + size);
      const share = { first, of: plan.members.length };
      records.push(...(await new GroupTraining(plan, group, share, interrupt).run()));
    }
    return records;
  } finally {
    interrupt.end();
  }
}

/** What is to be done, checked. */
interface Plan {
  readonly spec: ResolvedMlpSpec;
  readonly members: readonly Required<MemberSettings>[];
  readonly options: ResolvedOptions;
  readonly batches: Batches;
  readonly test: Batches | undefined;
  readonly steps: number;
  /** Trainable numbers of one network. */
  readonly parameters: number;
}

function planOf(
  owner: string,
  ensembleSpec: EnsembleSpec,
  members: readonly Member[],
  dataset: Dataset,
  trainingOptions: TrainingOptions,
): Plan {
  const spec = checkMlpSpec(owner, { ...ensembleSpec, seed: 0 });
  const options = resolveOptions(owner, trainingOptions);
  const common = { kernelScale: spec.kernelScale, learningRate: options.learningRate };
  const resolvedMembers = resolveMembers(owner, members, common);
  const { test } = options;
  checkDataset(owner, "dataset", dataset, spec);
  if (test) {
    checkDataset(owner, "test", test, spec);
  }
  const batches = new Batches(dataset, [spec.inputs], options.batchSize, options.seed);
  const steps = batches.count * options.epochs;
  const parameters = arrayPlaces(spec).at(-1)!.end;
  checkRecordSize(owner, parameters * members.length, steps, options.recordEvery);
  return {
    ...{ spec, members: resolvedMembers, options, batches, steps, parameters },
    test: test && new Batches(test, [spec.inputs], test.labels.length),
  };
}

/** How many networks to train at a time. */
function groupSize({ spec, members, options, test, parameters }: Plan): number {
  const { hiddenLayers, width, outputs } = spec;
  const examples = Math.max(options.batchSize, test?.batchSize ?? 0);
  // z, a and what enters the next layer, and on the way back delta; twice that with batch normalisation.
  const signals = (spec.batchNormalization ? 10 : 5) * (hiddenLayers * width + outputs) * examples;
  // Weights before and after, gradient, and up to three more where the optimiser keeps its own.
  const bytes = Float32Array.BYTES_PER_ELEMENT * (signals + 6 * parameters);
  const most = Math.max(1, Math.floor(WORKING_BYTES / bytes));
  // Groups of about one size.
  return Math.ceil(members.length / Math.ceil(members.length / most));
}

/** The training of some of the networks of an ensemble, all at once. */
class GroupTraining {
  readonly #loss: Loss;
  readonly #recorder: EnsembleRecorder;

  constructor(
    private readonly plan: Plan,
    private readonly members: Plan["members"],
    /** How many networks were trained before these, and how many there are in all. */
    private readonly share: { readonly first: number; readonly of: number },
    private readonly interrupt: InterruptListener,
  ) {
    const { spec, options, batches } = plan;
    this.#loss = spec.outputs === 1 ? binaryCrossEntropy : categoricalCrossEntropy;
    this.#recorder = new EnsembleRecorder(spec, members, {
      label: options.label ?? mlpLayers(spec)[0]!.activation,
      optimizer: options.resolvedOptimizer,
      stepsPerEpoch: batches.count,
    });
  }

  async run(): Promise<TrainingRecord[]> {
    const { spec, options, steps } = this.plan;
    if (this.interrupt.isRequested()) {
      return this.#recorder.records(interruptedBefore(0, steps));
    }
    const weights = new EnsembleWeights(spec, this.members, options.resolvedOptimizer);
    try {
      let stopped: Stopped | undefined;
      for (let epoch = 0; epoch < options.epochs && !stopped && !this.#recorder.allStopped; epoch++) {
        stopped = await this.#runEpoch(weights, epoch);
      }
      return this.#recorder.records(stopped);
    } finally {
      weights.dispose();
    }
  }

  /** Trains all networks for one epoch; says why, if it was interrupted. */
  async #runEpoch(weights: EnsembleWeights, epoch: number): Promise<Stopped | undefined> {
    const { batches, steps, test } = this.plan;
    const order = batches.order(epoch);
    for (let place = 0; place < batches.count; place++) {
      const step = epoch * batches.count + place;
      if (this.interrupt.isRequested()) {
        return interruptedBefore(step, steps);
      }
      freeing(() => {
        this.#takeStep(weights, batches.take(order, place), step);
      });
      // Lets an interrupt, a progress bar and the rest of the process have their turn.
      await setImmediate();
      const isInterrupted = this.interrupt.isRequested() && step < steps - 1;
      const stopped = isInterrupted ? interruptedBefore(step + 1, steps) : undefined;
      this.#report(step, epoch, stopped);
      if (stopped) {
        return stopped;
      }
    }
    this.#recorder.endEpoch(
      test && freeing(() => this.#score(weights.inferenceLayers(), test.take(test.order(0), 0)).scores),
    );
    return undefined;
  }

  /** Forward and backward pass of a batch through all networks, and the update that follows from it. */
  #takeStep(weights: EnsembleWeights, batch: Batch, step: number): void {
    const { spec, options, steps } = this.plan;
    const { layers } = weights;
    const { pass, scores } = this.#score(layers, batch);
    const probabilities = this.#loss.probabilities(pass.logits);
    const delta = outputDelta(this.#loss, probabilities, batch.labels);
    const gradients = backwardPass(pass, delta, layers, spec);
    const { clipped, factors } = this.#clip(gradients);
    const download = (tensors: readonly tf.Tensor[]): Float32Array[] =>
      tensors.map((tensor) => tensor.dataSync<"float32">());
    const details = (): StepDetails => ({
      before: this.#recorder.weightsAfter(step - 1) ?? download(layers.flatMap(tensorsOf)),
      after: download(weights.layers.flatMap(tensorsOf)),
      gradient: download(gradients.flatMap(gradientTensors)),
      signals: [...pass.z, pass.logits].map((z, l) => {
        const [zs, as] = download([z, pass.a[l] ?? probabilities]);
        return { z: zs!, a: as! };
      }),
    });
    weights.step(clipped, pass, () => {
      this.#recorder.add({
        ...{ step, scores, details, clipFactors: factors },
        isRecorded: step % options.recordEvery === 0 || step === steps - 1,
        weightSums: weightSums(weights.layers),
      });
    });
  }

  /** Forward pass of a batch through all networks, and each network's loss and accuracy. */
  #score(layers: readonly Layer[], { x, labels }: Batch): { pass: ForwardPass; scores: Scores } {
    const examples = labels.length;
    const columns = tf.concat([x.transpose(), tf.ones([1, examples])]).expandDims(0);
    const pass = forwardPass(columns, layers, this.plan.spec);
    const flat = pass.logits.dataSync<"float32">();
    const size = flat.length / this.members.length;
    const ofEach = (measure: (logits: Float32Array) => number): Float64Array =>
      Float64Array.from(this.members, (_, i) => measure(flat.subarray(i * size, (i + 1) * size)));
    const loss = ofEach((logits) => this.#loss.mean(logits, labels));
    const accuracy = ofEach((logits) => this.#loss.right(logits, labels) / examples);
    return { pass, scores: { examples, loss, accuracy } };
  }

  /** Scales down the gradients of the networks where they are too large, each network's as a whole. */
  #clip(gradients: readonly LayerGradient[]): { clipped: readonly LayerGradient[]; factors?: number[] } {
    const { clipNorm } = this.plan.options;
    if (clipNorm === undefined) {
      return { clipped: gradients };
    }
    const networks = this.members.length;
    const arrays = gradients.flatMap(gradientTensors).map((tensor) => tensor.dataSync<"float32">());
    const factors = this.members.map((_, i) => {
      const own = arrays.map((all) =>
        all.subarray((i * all.length) / networks, ((i + 1) * all.length) / networks),
      );
      return clipFactor(own, clipNorm);
    });
    const factor = tf.tensor3d(factors, [networks, 1, 1]);
    const clipped = gradients.map(({ delta, kernel, gamma, beta }) => ({
      delta,
      kernel: kernel.mul(factor),
      ...(gamma && beta ? { gamma: gamma.mul(factor), beta: beta.mul(factor) } : {}),
    }));
    return { clipped, factors };
  }

  /** Tells how far all networks have come: those of groups that are done count with all their steps. */
  #report(step: number, epoch: number, interrupted: Stopped | undefined): void {
    const { options, steps } = this.plan;
    const { first, of } = this.share;
    const done = (first * steps + this.members.length * (step + 1)) / of;
    const isLast = first + this.members.length === of;
    const allFailed = this.#recorder.allStopped && isLast && step < steps - 1;
    const stopped =
      interrupted?.message ?? (allFailed ? "no network has finite numbers any more" : undefined);
    options.onProgress?.({
      ...{
        step: isLast && step === steps - 1 ? steps : done,
        steps,
        epoch: epoch + 1,
        epochs: options.epochs,
      },
      ...this.#recorder.latest(),
      ...(stopped === undefined ? {} : { stopped }),
    });
  }
}

function gradientTensors({ kernel, gamma, beta }: LayerGradient): tf.Tensor[] {
  return gamma && beta ? [kernel, gamma, beta] : [kernel];
}

/** For each network, the sum of all its weights. */
function weightSums(layers: readonly Layer[]): Float32Array {
  const sums = layers.flatMap(tensorsOf).map((tensor) => tensor.sum([1, 2]));
  return tf.addN(sums).dataSync<"float32">();
}
