import type { MlpSpec } from "../../models/mlp.js";
import { allFinite, findNotFinite } from "../finite.js";
import type { EpochRecord, Stopped, TrainingRecord } from "../record.js";
import { Recorder } from "../recorder.js";
import { type SignalSummary, summarize } from "../signal.js";
import { type ForwardPass, signalsOf } from "./backward.js";
import type { Kernels } from "./kernels.js";

/** How well each network did on some examples. */
export interface Scores {
  readonly examples: number;
  readonly ofNetwork: readonly { readonly loss: number; readonly accuracy: number }[];
}

/** One step of all networks. Weights and gradient are flat lists, one a block of kernels. */
interface EnsembleStep {
  readonly scores: Scores;
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  readonly gradient: readonly Float32Array[];
}

/** Collects the steps of all networks, and tells them apart at the end. */
export class EnsembleRecorder {
  readonly #steps: (EnsembleStep & { step: number; signals: SignalSummary[][] })[] = [];
  readonly #epochs: EpochRecord[][] = [];
  readonly #stopped = new Map<number, Stopped>();
  #epoch: Scores[] = [];

  constructor(
    private readonly spec: Required<MlpSpec>,
    private readonly kernels: Kernels,
    private readonly stepsPerEpoch: number,
  ) {}

  /** Takes in a step: in full if it is to be recorded or if numbers of a network are no longer finite. */
  add(moment: { step: number; recorded: boolean }, taken: EnsembleStep & { pass: ForwardPass }): void {
    const { pass, ...step } = taken;
    this.#epoch.push(step.scores);
    const fresh = this.#findNotFinite(moment.step, taken);
    if (moment.recorded || fresh) {
      const ofNetwork = signalsOf(this.spec, pass);
      const signals = step.scores.ofNetwork.map((_, network) => ofNetwork(network).map(summarize));
      this.#steps.push({ ...step, step: moment.step, signals });
    }
  }

  /** Mean loss and mean accuracy of all networks on the latest batch. */
  latest(): { loss: number; accuracy: number } {
    const scores = this.#epoch.at(-1)!.ofNetwork;
    const sum = scores.reduce((total, score) => ({
      loss: total.loss + score.loss,
      accuracy: total.accuracy + score.accuracy,
    }));
    return { loss: sum.loss / scores.length, accuracy: sum.accuracy / scores.length };
  }

  /** Closes an epoch, with the scores on the test set where there is one. */
  endEpoch(test: Scores | undefined): void {
    const batches = this.#epoch;
    this.#epoch = [];
    const examples = batches.reduce((sum, batch) => sum + batch.examples, 0);
    const networks = batches[0]!.ofNetwork.length;
    const weighted = (network: number, key: "loss" | "accuracy"): number =>
      batches.reduce((sum, batch) => sum + batch.ofNetwork[network]![key] * batch.examples, 0) / examples;
    this.#epochs.push(
      Array.from({ length: networks }, (_, network) => {
        const own = test?.ofNetwork[network];
        const ofTest = own ? { testLoss: own.loss, testAccuracy: own.accuracy } : {};
        return { loss: weighted(network, "loss"), accuracy: weighted(network, "accuracy"), ...ofTest };
      }),
    );
  }

  /** What one network's record holds. `interrupted`: why all of them stopped, if they did. */
  ofNetwork(
    network: number,
    interrupted: Stopped | undefined,
  ): Omit<TrainingRecord, "label" | "optimizer" | "stepsPerEpoch"> {
    const stopped = this.#stopped.get(network) ?? interrupted;
    const recorder = new Recorder(this.kernels.places());
    const last = stopped?.step ?? Infinity;
    for (const { step, scores, signals, ...lists } of this.#steps) {
      if (step <= last) {
        const [before, after, gradient] = [lists.before, lists.after, lists.gradient].map((list) =>
          this.kernels.ofNetwork(network, list),
        ) as [Float32Array, Float32Array, Float32Array];
        const { loss } = scores.ofNetwork[network]!;
        // As in recordTraining, a gradient that is not finite is not applied.
        const applied = allFinite(gradient) ? after : before;
        recorder.add(step, { before, after: applied, gradient, loss, signals: signals[network]! });
      }
    }
    const { steps, loss, layers, parameters } = recorder;
    const epochs = this.#epochs.map((epoch) => epoch[network]!);
    const whole = epochs.slice(0, Math.floor(last / this.stepsPerEpoch));
    return { steps, loss, layers, parameters, epochs: whole, ...(stopped ? { stopped } : {}) };
  }

  /** Notes the networks whose numbers are no longer finite. Whether there is a new one. */
  #findNotFinite(
    step: number,
    { scores, gradient, after, pass }: EnsembleStep & { pass: ForwardPass },
  ): boolean {
    const lossIsFinite = scores.ofNetwork.every(({ loss }) => Number.isFinite(loss));
    if (lossIsFinite && gradient.every(allFinite) && after.every(allFinite)) {
      return false;
    }
    const before = this.#stopped.size;
    const signals = signalsOf(this.spec, pass);
    scores.ofNetwork.forEach(({ loss }, network) => {
      if (!this.#stopped.has(network)) {
        const own = (list: readonly Float32Array[]): Float32Array => this.kernels.ofNetwork(network, list);
        const taken = { loss, gradient: own(gradient), signals: signals(network) };
        const stopped = findNotFinite(this.kernels.places(), step, taken, own(after));
        if (stopped) {
          this.#stopped.set(network, stopped);
        }
      }
    });
    return this.#stopped.size > before;
  }
}
