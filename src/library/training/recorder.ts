import { allFinite, findNotFinite } from "./finite.js";
import { ArrayKeeper, type KeptArrays, type RecordedArrays, type StepArrays } from "./keptArrays.js";
import { lazily } from "./lazily.js";
import type {
  Baseline,
  Engine,
  EpochRecord,
  LayerMeasurements,
  LayerQuantity,
  LayerRecord,
  OptimizerRecord,
  ParameterQuantity,
  ParameterRecord,
  ParameterSizes,
  StateGradients,
  Stopped,
  TestNormalization,
  TimeSizeRecord,
  TrainingRecord,
} from "./record.js";
import type { FloatFormatName } from "../models/floatFormats.js";
import type { DataSummary } from "./dataSummary.js";
import { ACTIVATION_STATISTICS, FACTOR_STATISTICS } from "./layerStatistics.js";
import type { LayerPlace, ParameterPlace, StateName } from "./trainable.js";

/** How well each network did on some examples. */
export interface Scores {
  readonly examples: number;
  readonly loss: Float32Array | Float64Array;
  readonly accuracy: Float64Array;
}

/** All there is to know of a step of n networks: its arrays are [n, parameters]. */
export interface StepDetails extends StepArrays {
  /** [7, n, layers but those that only scale]: see `activationStatistics`. */
  readonly activations: Float32Array;
  /** [4, n, layers but those that only scale]: see `factorStatistics`. */
  readonly factors: Float32Array;
  /** Of each state of each recurrent layer: see `timeStatistics`. */
  readonly times: readonly Float32Array[];
}

/** A step of all networks. */
export interface TakenStep {
  readonly step: number;
  readonly isRecorded: boolean;
  readonly scores: Scores;
  /** What each network's gradient was multiplied by, with clipping. */
  readonly clipFactors: Float32Array | undefined;
  /** Each network's loss scale, where it is dynamic. */
  readonly lossScales?: Float32Array | undefined;
  /** What the schedule multiplied the learning rate by, where there is one. */
  readonly rateFactor: number | undefined;
  /** For each network, a number that is finite only if all its weights are, after the step. */
  readonly weightSums: Float32Array;
  /** Fetches the rest, when it is needed. */
  readonly details: () => StepDetails;
  /** For each network and layer but those that only scale, 1 if all that passed it is finite: [n, layers]. */
  readonly finiteLayers: () => Float32Array;
}

/** What is kept of a step. */
interface KeptStep
  extends
    Pick<TakenStep, "step" | "isRecorded" | "clipFactors" | "lossScales" | "rateFactor">,
    Pick<StepDetails, "activations" | "factors" | "times">,
    KeptArrays {
  readonly loss: Float32Array | Float64Array;
}

/** What makes each of a layer's measurements. */
type Measuring = { readonly [Name in LayerQuantity]: () => LayerMeasurements[Name] };

/** What all records have in common. */
export interface CommonRecord {
  readonly label: string;
  readonly optimizer: OptimizerRecord;
  readonly lossName: TrainingRecord["lossName"];
  readonly baseline: Baseline | undefined;
  readonly data: DataSummary | undefined;
  readonly probeExamples: number;
  readonly stepsPerEpoch: number;
  readonly testNormalization: TestNormalization | undefined;
  readonly format?: FloatFormatName | undefined;
  readonly frozen?: TrainingRecord["frozen"] | undefined;
  readonly output?: TrainingRecord["output"] | undefined;
}

/** Which network of an ensemble it is, if it is of one. */
export type MemberOfRecord = NonNullable<TrainingRecord["member"]>;

/** The end of a network whose numbers are no longer finite. */
interface Failure {
  readonly stopped: Stopped;
  /** A gradient that is not finite is not applied. */
  readonly isApplied: boolean;
}

/** Collects the steps of all networks. Each network's record is sorted out of them when it is looked at. */
export class Recorder {
  readonly #steps: KeptStep[] = [];
  readonly #epochs: EpochRecord[][] = [];
  readonly #failed = new Map<number, Failure>();
  /** The layers that signals are of. */
  readonly #signals: readonly LayerPlace[];
  readonly #keeper: ArrayKeeper;
  /** Of the steps of the epoch at work, and of the latest step. */
  #epoch: Scores[] = [];
  #scores: Scores | undefined;
  #latest: { readonly step: number; readonly after: Float32Array } | undefined;

  constructor(
    private readonly networks: number,
    private readonly layers: readonly LayerPlace[],
    private readonly parameters: readonly ParameterPlace[],
    recordedArrays: RecordedArrays,
  ) {
    this.#signals = layers.filter(({ isScaling }) => !isScaling);
    this.#keeper = new ArrayKeeper(networks, parameters, recordedArrays);
  }

  /** Whether no network is left whose numbers are finite. */
  get allStopped(): boolean {
    return this.#failed.size === this.networks;
  }

  /** Why a network stopped, if it did. */
  failureOf(network: number): Failure | undefined {
    return this.#failed.get(network);
  }

  /** Takes in a step: in full if it is to be recorded or if numbers of a network are no longer finite. */
  add({
    step,
    isRecorded,
    scores,
    clipFactors,
    lossScales,
    rateFactor,
    weightSums,
    details,
    finiteLayers,
  }: TakenStep): void {
    this.#epoch.push(scores);
    this.#scores = scores;
    const suspects = Array.from({ length: this.networks }, (_, network) => network)
      .filter((i) => !(Number.isFinite(weightSums[i]) && Number.isFinite(scores.loss[i])))
      .filter((i) => !this.#failed.has(i));
    if (!isRecorded && suspects.length === 0) {
      return;
    }
    const { before, after, gradient, ...known } = details();
    const finite = suspects.length > 0 ? finiteLayers() : undefined;
    for (const network of suspects) {
      const arrays = { before, after, gradient };
      const failure = this.#findFailure(network, step, scores.loss[network]!, arrays, finite!);
      if (failure) {
        this.#failed.set(network, failure);
        if (!failure.isApplied) {
          this.#part(after, network).set(this.#part(before, network));
        }
      }
    }
    this.#latest = { step, after };
    const kept = this.#keeper.keep({ before, after, gradient });
    this.#steps.push({
      ...known,
      ...kept,
      step,
      isRecorded,
      loss: scores.loss,
      clipFactors,
      lossScales,
      rateFactor,
    });
  }

  /** The weights after the latest step, if that was recorded. */
  weightsAfter(step: number): Float32Array | undefined {
    return this.#latest?.step === step ? this.#latest.after : undefined;
  }

  /** Mean loss and mean accuracy of the networks that have not stopped, on the latest batch; of all, if all have. */
  latest(): { loss: number; accuracy: number } {
    const { loss, accuracy } = this.#scores!;
    const all = Array.from(loss.keys());
    const running = this.allStopped ? all : all.filter((network) => !this.#failed.has(network));
    const mean = (values: ArrayLike<number>): number =>
      running.reduce((sum, network) => sum + values[network]!, 0) / running.length;
    return { loss: mean(loss), accuracy: mean(accuracy) };
  }

  /** Closes an epoch, with the scores on the test set where there is one. */
  endEpoch(test: Scores | undefined): void {
    const batches = this.#epoch;
    const examples = batches.reduce((sum, batch) => sum + batch.examples, 0);
    const weighted = (network: number, key: "loss" | "accuracy"): number =>
      batches.reduce((sum, batch) => sum + batch[key][network]! * batch.examples, 0) / examples;
    this.addEpoch(
      Array.from({ length: this.networks }, (_, i): EpochRecord => {
        const epoch = { loss: weighted(i, "loss"), accuracy: weighted(i, "accuracy") };
        return test ? { ...epoch, testLoss: test.loss[i]!, testAccuracy: test.accuracy[i]! } : epoch;
      }),
    );
  }

  /** Closes an epoch of which it is known how each network did. */
  addEpoch(epoch: readonly EpochRecord[]): void {
    this.#epoch = [];
    this.#epochs.push([...epoch]);
  }

  /**
   * The records of all networks. `interrupted`: why all of them stopped, if they did. `members`: which networks of an
   * ensemble they are.
   */
  records(
    common: CommonRecord,
    engine: Engine,
    interrupted: Stopped | undefined,
    members: readonly MemberOfRecord[] | undefined,
  ): TrainingRecord[] {
    return Array.from({ length: this.networks }, (_, network) => {
      const failure = this.#failed.get(network);
      const stopped = failure?.stopped ?? interrupted;
      const steps = this.#stepsOf(network, stopped);
      const member = members?.[network];
      const { optimizer, baseline, data, frozen, output, testNormalization, format, ...rest } = common;
      const parameters = this.parameters.map((place) => this.#parameterRecord(place, network, steps));
      const record: TrainingRecord = {
        ...rest,
        engine,
        optimizer: member ? { ...optimizer, learningRate: member.learningRate } : optimizer,
        layers: this.#layerRecords(network, steps, parameters),
        parameters,
        steps: steps.map(({ step }) => step),
        loss: steps.map(({ loss }) => loss[network]!),
        epochs: this.#epochs
          .slice(0, Math.floor((stopped?.step ?? Infinity) / common.stepsPerEpoch))
          .map((epoch) => epoch[network]!),
      };
      // What there is not is no property: records are compared and stored.
      const optional = {
        member,
        baseline,
        data,
        frozen,
        output,
        testNormalization,
        format,
        clipFactor: steps[0]?.clipFactors && steps.map(({ clipFactors }) => clipFactors![network]!),
        lossScale: steps[0]?.lossScales && steps.map(({ lossScales }) => lossScales![network]!),
        rateFactor:
          steps[0]?.rateFactor !== undefined ? steps.map(({ rateFactor }) => rateFactor!) : undefined,
        stopped,
      };
      const present = Object.entries(optional).filter(([, value]) => value !== undefined);
      return { ...record, ...(Object.fromEntries(present) as Partial<TrainingRecord>) };
    });
  }

  /** The steps of a network's record: up to its end. */
  #stepsOf(network: number, stopped: Stopped | undefined): KeptStep[] {
    const failure = this.#failed.get(network);
    const last = stopped?.step ?? Infinity;
    return this.#steps.filter(
      ({ step, isRecorded }) => (isRecorded && step <= last) || step === failure?.stopped.step,
    );
  }

  #layerRecords(
    network: number,
    steps: readonly KeptStep[],
    parameters: readonly ParameterRecord[],
  ): LayerRecord[] {
    return this.layers.map((place): LayerRecord => {
      const { states, ...known } = place;
      const own = parameters.filter(({ layer }) => layer === place.name);
      const bias = own.find(({ name }) => name === "bias");
      const record = { ...known, parameters: own, kernel: own[0]!, ...(bias && { bias }) };
      const measured = this.#measured(place, network, steps);
      return lazily(record, {
        ...measured,
        ...(states && { stateGradients: () => this.#stateGradients(place, network, steps) }),
      });
    });
  }

  /** What is measured of a layer beside its weights, each when it is looked at; NaN what cannot be. */
  #measured(place: LayerPlace, network: number, steps: readonly KeptStep[]): Measuring {
    const l = this.#signals.indexOf(place);
    const lists =
      <Name extends string>(names: readonly Name[], of: (step: KeptStep) => Float32Array) =>
      (quantity: LayerQuantity, which: Name): number[] => {
        if (Object.hasOwn(place.notMeasured, quantity)) {
          return steps.map(() => NaN);
        }
        const start = (names.indexOf(which) * this.networks + network) * this.#signals.length + l;
        return steps.map((step) => of(step)[start]!);
      };
    const activations = lists(ACTIVATION_STATISTICS, (step) => step.activations);
    const factors = lists(FACTOR_STATISTICS, (step) => step.factors);
    return {
      preActivations: () => ({
        mean: activations("preActivations", "zMean"),
        std: activations("preActivations", "zStd"),
      }),
      activations: () => ({
        mean: activations("activations", "aMean"),
        std: activations("activations", "aStd"),
      }),
      saturated: () => {
        const sizes = activations("saturated", "size");
        return activations("saturated", "saturated").map((count, i) => count / sizes[i]!);
      },
      dead: () => activations("dead", "dead").map((count) => count / place.units),
      input: () => ({ meanAbs: factors("input", "inputMeanAbs"), rms: factors("input", "inputRms") }),
      preActivationGradient: () => ({
        meanAbs: factors("preActivationGradient", "deltaMeanAbs"),
        rms: factors("preActivationGradient", "deltaRms"),
      }),
    };
  }

  #stateGradients(place: LayerPlace, network: number, steps: readonly KeptStep[]): StateGradients {
    const places = this.layers.flatMap((layer) =>
      (layer.states?.names ?? []).map((name) => ({ layer, name })),
    );
    const { names, timeSteps } = place.states!;
    const sizesOf = (name: StateName): TimeSizeRecord => {
      const index = places.findIndex((one) => one.layer === place && one.name === name);
      const list = (part: number): Float32Array[] =>
        steps.map(({ times }) => {
          const start = (part * this.networks + network) * timeSteps;
          return times[index]!.subarray(start, start + timeSteps);
        });
      return { meanAbs: list(0), rms: list(1) };
    };
    const [h, c] = [sizesOf("h"), names.includes("c") ? sizesOf("c") : undefined];
    return c ? { h, c } : { h };
  }

  /** One array of one network, at each of the steps; or if that is not kept, its sizes. */
  #parameterRecord(place: ParameterPlace, network: number, steps: readonly KeptStep[]): ParameterRecord {
    const { layer, name, shape } = place;
    const of = this.#keeper.placeOf(place);
    if (!of) {
      const none = { before: [], after: [], gradient: [], update: [] };
      const sizesOf = (quantity: ParameterQuantity) => () =>
        this.#keeper.sizes(place, network, quantity, steps);
      const sizes: ParameterSizes = lazily(
        {},
        {
          weights: sizesOf("weights"),
          gradient: sizesOf("gradient"),
          update: sizesOf("update"),
          change: sizesOf("change"),
        },
      );
      return { name, layer, shape, ...none, sizes };
    }
    const own = (all: Float32Array): Float32Array => of(this.#part(all, network));
    const record: ParameterRecord = lazily(
      { name, layer, shape },
      {
        before: () =>
          steps.map(({ arrays: { before } }, i) =>
            steps[i - 1]?.arrays.after === before ? record.after[i - 1]! : own(before),
          ),
        after: () => steps.map(({ arrays: { after } }) => own(after)),
        gradient: () => steps.map(({ arrays: { gradient } }) => own(gradient)),
        update: () => record.after.map((after, i) => after.map((value, w) => value - record.before[i]![w]!)),
      },
    );
    return record;
  }

  /** How a network's training ended in this step, if it did. */
  #findFailure(
    network: number,
    step: number,
    loss: number,
    arrays: StepArrays,
    finiteLayers: Float32Array,
  ): Failure | undefined {
    const gradient = this.#part(arrays.gradient, network);
    const stopped = findNotFinite(this.#signals, this.parameters, step, {
      loss,
      gradient,
      after: this.#part(arrays.after, network),
      finiteLayers: this.#signals.map((_, l) => finiteLayers[network * this.#signals.length + l] === 1),
    });
    return stopped && { stopped, isApplied: allFinite(gradient) };
  }

  /** One network's numbers of all networks'. */
  #part(all: Float32Array, network: number): Float32Array {
    const size = all.length / this.networks;
    return all.subarray(network * size, (network + 1) * size);
  }
}
