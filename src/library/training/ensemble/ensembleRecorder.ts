import { type MlpLayer, mlpLayers, type ResolvedMlpSpec } from "../../models/mlp.js";
import { allFinite, findNotFinite } from "../finite.js";
import type {
  EpochRecord,
  LayerRecord,
  OptimizerRecord,
  ParameterRecord,
  Stopped,
  TrainingRecord,
} from "../record.js";
import { type Statistics, statisticsOf } from "../signal.js";
import { type ArrayPlace, arrayPlaces } from "./layout.js";
import type { MemberSettings } from "./members.js";

/** How well each network did on some examples. */
export interface Scores {
  readonly examples: number;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
}

/** All there is to know of a step of all networks: arrays as in `arrayPlaces`, signals by layer. */
export interface StepDetails {
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  readonly gradient: readonly Float32Array[];
  /**
   * What entered the activation functions and what left them: [networks, units, examples], of the output layer
   * [networks, examples, units].
   */
  readonly signals: readonly { readonly z: Float32Array; readonly a: Float32Array }[];
}

/** A step of all networks. */
export interface EnsembleStep {
  readonly step: number;
  readonly isRecorded: boolean;
  readonly scores: Scores;
  /** What each network's gradient was multiplied by. */
  readonly clipFactors: readonly number[] | undefined;
  /** For each network, a number that is finite only if all its weights are, after the step. */
  readonly weightSums: Float32Array;
  /** Fetches the rest, when it is needed. */
  readonly details: () => StepDetails;
}

/** What is kept of a step. */
interface KeptStep extends Omit<StepDetails, "signals">, Pick<EnsembleStep, "step" | "isRecorded"> {
  readonly loss: Float64Array;
  readonly clipFactors: readonly number[] | undefined;
  /** The statistics of each layer of each network: [networks, layers, statistics]. */
  readonly statistics: Float64Array;
}

/** What all records have in common. */
export interface CommonRecord {
  readonly label: string;
  readonly optimizer: OptimizerRecord;
  readonly stepsPerEpoch: number;
}

/** The end of a network whose numbers are no longer finite. */
interface Failure {
  readonly stopped: Stopped;
  /** As in `recordTraining`, a gradient that is not finite is not applied. */
  readonly isApplied: boolean;
}

const STATISTICS = 6;

/** Collects the steps of all networks. Each network's record is sorted out of them when it is looked at. */
export class EnsembleRecorder {
  readonly #steps: KeptStep[] = [];
  readonly #epochs: EpochRecord[][] = [];
  readonly #failed = new Map<number, Failure>();
  readonly #places: readonly ArrayPlace[];
  readonly #layers: readonly MlpLayer[];
  #epoch: Scores[] = [];

  constructor(
    spec: ResolvedMlpSpec,
    private readonly members: readonly Required<MemberSettings>[],
    private readonly common: CommonRecord,
  ) {
    this.#places = arrayPlaces(spec);
    this.#layers = mlpLayers(spec);
  }

  /** Whether no network is left whose numbers are finite. */
  get allStopped(): boolean {
    return this.#failed.size === this.members.length;
  }

  /** Takes in a step: in full if it is to be recorded or if numbers of a network are no longer finite. */
  add(taken: EnsembleStep): void {
    const { step, isRecorded, scores, clipFactors, weightSums } = taken;
    this.#epoch.push(scores);
    const suspects = this.members
      .map((_, network) => network)
      .filter((i) => !(Number.isFinite(weightSums[i]) && Number.isFinite(scores.loss[i])))
      .filter((i) => !this.#failed.has(i));
    if (!isRecorded && suspects.length === 0) {
      return;
    }
    const { signals, ...arrays } = taken.details();
    for (const network of suspects) {
      const failure = this.#findFailure(network, step, scores.loss[network]!, { signals, ...arrays });
      if (failure) {
        this.#failed.set(network, failure);
      }
    }
    const statistics = this.#statisticsOf(signals, scores.examples);
    this.#steps.push({ step, isRecorded, loss: scores.loss, clipFactors, statistics, ...arrays });
  }

  /** The weights after the latest step, if that was recorded. */
  weightsAfter(step: number): readonly Float32Array[] | undefined {
    const last = this.#steps.at(-1);
    return last?.step === step ? last.after : undefined;
  }

  /** Mean loss and mean accuracy of the networks that have not stopped, on the latest batch. */
  latest(): { loss: number; accuracy: number } {
    const { loss, accuracy } = this.#epoch.at(-1)!;
    const running = [...this.members.keys()].filter((network) => !this.#failed.has(network));
    const mean = (values: Float64Array): number =>
      running.reduce((sum, network) => sum + values[network]!, 0) / running.length;
    return { loss: mean(loss), accuracy: mean(accuracy) };
  }

  /** Closes an epoch, with the scores on the test set where there is one. */
  endEpoch(test: Scores | undefined): void {
    const batches = this.#epoch;
    this.#epoch = [];
    const examples = batches.reduce((sum, batch) => sum + batch.examples, 0);
    const weighted = (network: number, key: "loss" | "accuracy"): number =>
      batches.reduce((sum, batch) => sum + batch[key][network]! * batch.examples, 0) / examples;
    this.#epochs.push(
      this.members.map((_, i) => ({
        ...{ loss: weighted(i, "loss"), accuracy: weighted(i, "accuracy") },
        ...(test ? { testLoss: test.loss[i]!, testAccuracy: test.accuracy[i]! } : {}),
      })),
    );
  }

  /** The records of all networks. `interrupted`: why all of them stopped, if they did. */
  records(interrupted: Stopped | undefined): TrainingRecord[] {
    return this.members.map((member, network) => {
      const failure = this.#failed.get(network);
      const stopped = failure?.stopped ?? interrupted;
      const last = stopped?.step ?? Infinity;
      const steps = this.#steps
        .filter(({ step, isRecorded }) => (isRecorded && step <= last) || step === failure?.stopped.step)
        .map((step) =>
          failure && !failure.isApplied && step.step === last ? { ...step, after: step.before } : step,
        );
      const whole = Math.floor(last / this.common.stepsPerEpoch);
      const parameters = this.#places.map((place) => parameterRecord(place, network, steps));
      return {
        ...this.common,
        optimizer: { ...this.common.optimizer, learningRate: member.learningRate },
        member,
        ...{ probeExamples: 0, engine: { mode: "eager" as const } },
        layers: this.#layerRecords(network, steps, parameters),
        parameters,
        steps: steps.map(({ step }) => step),
        loss: steps.map(({ loss }) => loss[network]!),
        ...(steps[0]?.clipFactors ? { clipFactor: steps.map((step) => step.clipFactors![network]!) } : {}),
        epochs: this.#epochs.slice(0, whole).map((epoch) => epoch[network]!),
        ...(stopped ? { stopped } : {}),
      };
    });
  }

  #layerRecords(
    network: number,
    steps: readonly KeptStep[],
    parameters: readonly ParameterRecord[],
  ): LayerRecord[] {
    const layers = this.#layers;
    return layers.map(({ name, units, activation }, l) => {
      const own = (parameter: string): ParameterRecord =>
        parameters.find((record) => record.layer === name && record.name === parameter)!;
      const start = (network * layers.length + l) * STATISTICS;
      const list = (which: number): number[] => steps.map(({ statistics }) => statistics[start + which]!);
      return lazily(
        { name, units, activation, kernel: own("kernel"), bias: own("bias") },
        {
          preActivations: () => ({ mean: list(0), std: list(1) }),
          activations: () => ({ mean: list(2), std: list(3) }),
          input: () => ({ meanAbs: [], rms: [] }),
          preActivationGradient: () => ({ meanAbs: [], rms: [] }),
          saturated: () => list(4),
          dead: () => list(5),
        },
      );
    });
  }

  #statisticsOf(signals: StepDetails["signals"], examples: number): Float64Array {
    const layers = this.#layers;
    const all = new Float64Array(this.members.length * layers.length * STATISTICS);
    layers.forEach(({ units, activation }, l) => {
      const { z, a } = signals[l]!;
      const unitByUnit = l < layers.length - 1;
      for (let network = 0; network < this.members.length; network++) {
        const place = { start: network * units * examples, units, examples, unitByUnit };
        const statistics: Statistics = statisticsOf(activation, z, a, place);
        all.set(statistics, (network * layers.length + l) * STATISTICS);
      }
    });
    return all;
  }

  /** How a network's training ended in this step, if it did. */
  #findFailure(
    network: number,
    step: number,
    loss: number,
    { gradient, after, signals }: Pick<StepDetails, "gradient" | "after" | "signals">,
  ): Failure | undefined {
    const flat = (arrays: readonly Float32Array[]): Float32Array =>
      Float32Array.from(this.#places.flatMap(({ of }) => [...of(network, arrays)]));
    const own = this.#layers.map(({ name, units, activation }, l) => {
      const part = (values: Float32Array): Float32Array => {
        const size = values.length / this.members.length;
        return values.subarray(network * size, (network + 1) * size);
      };
      return { layer: name, units, activation, z: part(signals[l]!.z), a: part(signals[l]!.a) };
    });
    const pass = { loss, gradient: flat(gradient), signals: own };
    const stopped = findNotFinite(this.#places, step, pass, flat(after));
    return stopped && { stopped, isApplied: allFinite(pass.gradient) };
  }
}

/** One array of one network, at each of the steps. */
function parameterRecord(
  { layer, name, shape, of }: ArrayPlace,
  network: number,
  steps: readonly KeptStep[],
): ParameterRecord {
  const record: ParameterRecord = lazily(
    { name, layer, shape },
    {
      before: () =>
        steps.map(({ before }, i) =>
          steps[i - 1]?.after === before ? record.after[i - 1]! : of(network, before),
        ),
      after: () => steps.map(({ after }) => of(network, after)),
      gradient: () => steps.map(({ gradient }) => of(network, gradient)),
      update: () => record.after.map((after, i) => after.map((value, w) => value - record.before[i]![w]!)),
    },
  );
  return record;
}

/** An object some of whose properties are made when they are first looked at. */
function lazily<Known extends object, Late extends object>(
  known: Known,
  late: { readonly [Key in keyof Late]: () => Late[Key] },
): Known & Late {
  for (const key of Object.keys(late) as (keyof Late)[]) {
    Object.defineProperty(known, key, {
      ...{ enumerable: true, configurable: true },
      get: () => {
        const value = late[key]();
        Object.defineProperty(known, key, { value, enumerable: true });
        return value;
      },
    });
  }
  return known as Known & Late;
}
