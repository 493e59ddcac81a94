import { loadIris } from "../../library/data/iris.js";
import { splitTrainTest, standardize } from "../../library/data/split.js";
import { nextDrawing } from "../../library/display/drawingPause.js";
import type { EnsembleSpec } from "../../library/models/mlpSpec.js";
import { trainEnsemble } from "../../library/training/ensemble/trainEnsemble.js";
import type { TrainingOptions } from "../../library/training/options.js";
import type { Progress } from "../../library/training/progress.js";
import type { TrainingRecord } from "../../library/training/record.js";
import type { LiveSettings } from "../live.js";
import type { Message, Request } from "../protocol.js";
import { picture } from "./livePicture.js";

type LiveRequest = Extract<Request, { type: "live" }>;

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const WIDTH = 10;
const BATCH = 20;
/** Milliseconds between two pictures at least. */
const INTERVAL = 250;

/** Trains the networks of a live figure, and has them drawn: what was asked for last. */
export class LiveTrainings {
  readonly #post: (message: Message) => void;
  readonly #dataset = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 })).train;
  #wanted: LiveRequest | undefined;
  #current: AbortController | undefined;

  constructor(post: (message: Message) => void) {
    this.#post = post;
  }

  /** Ends what trains, and trains this. */
  train(request: LiveRequest): void {
    this.#wanted = request;
    if (this.#current) {
      this.#current.abort();
    } else {
      void this.#work();
    }
  }

  /** Ends what trains. */
  stop(): void {
    this.#wanted = undefined;
    this.#current?.abort();
  }

  /** What was asked for while a training came to its end is left out, but for the last. */
  async #work(): Promise<void> {
    for (let next = this.#wanted; next; next = this.#wanted) {
      this.#wanted = undefined;
      const current = new AbortController();
      this.#current = current;
      try {
        await this.#trainOne(next, current);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#post({ type: "liveFailed", request: next.request, reason });
      }
    }
    this.#current = undefined;
  }

  async #trainOne({ request, settings }: LiveRequest, current: AbortController): Promise<void> {
    const specs = specsOf(settings);
    const latest: (Progress | undefined)[] = specs.map(() => undefined);
    let due = 0;
    const send = (groups: readonly (readonly TrainingRecord[])[], isEnd: boolean): void => {
      const { step, steps } = latest.reduce((most, one) => (one!.step > most!.step ? one : most))!;
      const start = performance.now();
      this.#post({ type: "live", request, picture: { ...picture(groups), step, steps, isEnd } });
      due = nextDrawing(start, performance.now(), INTERVAL);
    };
    // They take turns, step by step: after the last one's turn all of them have done as many steps.
    const isLast = (kind: number): boolean =>
      latest.every((one, i) => one && (i <= kind || one.stopped !== undefined));
    const trainings = specs.map((spec, kind) =>
      trainEnsemble(spec, SEEDS, this.#dataset, {
        ...optionsOf(settings),
        signal: current.signal,
        onProgress: (progress) => {
          latest[kind] = progress;
          const isDue = performance.now() >= due && progress.step < progress.steps && isLast(kind);
          if (isDue && !progress.stopped && !current.signal.aborted) {
            send(
              latest.map((one) => one!.records!()),
              false,
            );
          }
        },
      }),
    );
    try {
      const groups = await Promise.all(trainings);
      if (!current.signal.aborted) {
        send(groups, true);
      }
    } finally {
      current.abort();
      await Promise.allSettled(trainings);
    }
  }
}

/** Of each kind of networks. */
function specsOf(settings: LiveSettings): EnsembleSpec[] {
  const { activation, beside, hiddenLayers, kernelInitializer: start, kernelScale } = settings;
  const { batchNormalization, residual } = settings;
  const functions = beside === "none" || beside === activation ? [activation] : [activation, beside];
  return functions.map((one) => ({
    inputs: 4,
    outputs: 3,
    width: WIDTH,
    hiddenLayers,
    activation: one,
    kernelInitializer: start === "randomNormal" ? { name: start, stddev: 1 } : start,
    kernelScale,
    batchNormalization,
    residual,
  }));
}

const optionsOf = ({ optimizer, learningRate, epochs }: LiveSettings): TrainingOptions => ({
  optimizer,
  learningRate,
  epochs,
  batchSize: BATCH,
  seed: 1,
  recordArrays: false,
  recordEvery: 5,
  // Activations are not shown: as little as can be is measured of them.
  probeExamples: 1,
});
