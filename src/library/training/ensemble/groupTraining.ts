import * as tf from "@tensorflow/tfjs-node";
import { setImmediate } from "node:timers/promises";
import { mlpLayers, type ResolvedMlpSpec } from "../../models/mlp.js";
import { freeing } from "../../tensorflow/freeing.js";
import type { Batch, Batches } from "../batches.js";
import { clipFactor } from "../clipping.js";
import { interruptedBefore, type InterruptListener } from "../interrupt.js";
import { type Loss, lossOf, outputDelta } from "../losses.js";
import type { ResolvedOptions } from "../options.js";
import type { Stopped, TrainingRecord } from "../record.js";
import { backwardPass, type ForwardPass, forwardPass, type Layer, type LayerGradient } from "./backward.js";
import { EnsembleRecorder, type Scores, type StepDetails } from "./ensembleRecorder.js";
import type { MemberSettings } from "./members.js";
import { EnsembleWeights, tensorsOf } from "./weights.js";

/** What an ensemble is to do, checked. */
export interface Plan {
  readonly spec: ResolvedMlpSpec;
  readonly members: readonly Required<MemberSettings>[];
  readonly options: ResolvedOptions;
  readonly batches: Batches;
  readonly test: Batches | undefined;
  readonly steps: number;
  /** Trainable numbers of one network. */
  readonly parameters: number;
}

/** The training of some of the networks of an ensemble, all at once. */
export class GroupTraining {
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
    this.#loss = lossOf(spec.outputs);
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
    const { clipped, factors, downloaded } = this.#clip(gradients);
    const details = (): StepDetails => ({
      before: this.#recorder.weightsAfter(step - 1) ?? download(layers.flatMap(tensorsOf)),
      after: download(weights.layers.flatMap(tensorsOf)),
      gradient: downloaded ?? download(gradients.flatMap(gradientTensors)),
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
    const pass = forwardPass(x, layers, this.plan.spec);
    const flat = pass.logits.dataSync<"float32">();
    const size = flat.length / this.members.length;
    const ofEach = (measure: (logits: Float32Array) => number): Float64Array =>
      Float64Array.from(this.members, (_, i) => measure(flat.subarray(i * size, (i + 1) * size)));
    const loss = ofEach((logits) => this.#loss.mean(logits, labels));
    const accuracy = ofEach((logits) => this.#loss.right(logits, labels) / examples);
    return { pass, scores: { examples, loss, accuracy } };
  }

  /** Scales down the gradients of the networks where they are too large, each network's as a whole. */
  #clip(gradients: readonly LayerGradient[]): {
    clipped: readonly LayerGradient[];
    factors?: number[];
    downloaded?: Float32Array[];
  } {
    const { clipNorm } = this.plan.options;
    if (clipNorm === undefined) {
      return { clipped: gradients };
    }
    const networks = this.members.length;
    const downloaded = download(gradients.flatMap(gradientTensors));
    const factors = this.members.map((_, i) => {
      const own = downloaded.map((all) =>
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
    return { clipped, factors, downloaded };
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

function download(tensors: readonly tf.Tensor[]): Float32Array[] {
  return tensors.map((tensor) => tensor.dataSync<"float32">());
}

function gradientTensors({ kernel, gamma, beta }: LayerGradient): tf.Tensor[] {
  return gamma && beta ? [kernel, gamma, beta] : [kernel];
}

/** For each network, the sum of all its weights. */
function weightSums(layers: readonly Layer[]): Float32Array {
  const sums = layers.flatMap(tensorsOf).map((tensor) => tensor.sum([1, 2]));
  return tf.addN(sums).dataSync<"float32">();
}
