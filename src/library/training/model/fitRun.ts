import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { keeping } from "../../tensorflow/graphVariant.js";
import { type AnyDataset, hasTargets } from "../../data/dataset.js";
import { baselineOf } from "../baseline.js";
import { Batches } from "../batches.js";
import { activationStatistics, factorStatistics, finiteLayers, timeStatistics } from "../layerStatistics.js";
import { lossFor } from "../losses.js";
import {
  checkDataset,
  inputShape,
  labelOf,
  requireRecordedArrays,
  requireTrained,
  sizeOf,
} from "../options.js";
import type { EpochRecord, Stopped, TrainingRecord } from "../record.js";
import type { GradientRecorderOptions } from "../recordGradients.js";
import { type CommonRecord, Recorder, type StepDetails } from "../recorder.js";
import type { LayerPlace, ParameterPlace } from "../trainable.js";
import { learningRateOf, lossNameOf, optimizerOf } from "./compiled.js";
import { Hooks } from "./hooks.js";
import { replaceMethod } from "./replaceMethod.js";
import { frozenLayers, namedLayers, refuseStateful, trainedPlaces, variableOf } from "./layerTree.js";

type Minimize = tf.Optimizer["minimize"];
type Variables = Parameters<Minimize>[2];

/** What `fit` tells its callbacks of itself. */
interface FitParams {
  readonly epochs?: number | null;
  readonly initialEpoch?: number | null;
  readonly samples?: number | null;
  readonly batchSize?: number | null;
  readonly steps?: number | null;
}

/** Who listens to an optimizer: `history` is that of the training in which it does. */
interface Listener {
  readonly history: unknown;
  readonly end: () => void;
}

const listeners = new WeakMap<tf.Optimizer, Listener>();

/** What is known once the first step has passed the layers. */
interface Known {
  readonly recorder: Recorder;
  readonly layers: readonly LayerPlace[];
  readonly batchSize: number;
}

/**
 * One training by `model.fit`, looked at from outside: `fit` has its optimizer minimize a function, and in this call the layers are
 * hooked and the gradients heard.
 */
export class FitRun {
  readonly #parameters: readonly ParameterPlace[];
  readonly #variables: readonly tf.Variable[];
  readonly #state: readonly tf.Variable[];
  readonly #probe: tf.Tensor | undefined;
  readonly #common: Omit<CommonRecord, "label" | "probeExamples" | "stepsPerEpoch">;
  readonly #params: FitParams;
  #known: Known | undefined;
  #step = 0;
  #epochs = 0;
  #stepsPerEpoch: number | undefined;
  #stopped: Stopped | undefined;
  /** Whether the end has been told. */
  #isTold = false;

  /** @throws Error for a model that can't be recorded; RangeError for options that do not fit it. */
  constructor(
    private readonly owner: string,
    private readonly model: tf.LayersModel,
    private readonly options: GradientRecorderOptions,
    params: Parameters<tf.Callback["setParams"]>[0],
  ) {
    this.#params = params;
    const layers = namedLayers(model);
    refuseStateful(owner, layers);
    requireTrained(owner, model);
    const trained = trainedPlaces(layers);
    this.#parameters = trained.map(({ place }) => place);
    this.#variables = trained.map(({ variable }) => variable);
    this.#state = [...layers.keys()].flatMap((layer) => layer.nonTrainableWeights.map(variableOf));
    requireRecordedArrays(owner, this.#parameters, options.recordArrays ?? true);
    const { dataset, probeExamples = Infinity } = options;
    const batches = dataset && this.#batchesOf(dataset);
    this.#probe = batches?.first(Math.min(probeExamples, batches.examples));
    batches?.dispose();
    const isNormalized = [...layers.keys()].some((layer) => layer.getClassName() === "BatchNormalization");
    this.#common = {
      optimizer: optimizerOf(model.optimizer),
      lossName: lossNameOf(model),
      baseline: dataset && this.#baselineOf(dataset),
      data: batches?.summary,
      testNormalization: isNormalized ? "movingAverages" : undefined,
      ...frozenLayers(layers, { name: model.outputNames[0]!, activation: "unknown", units: NaN }),
    };
  }

  /** Listens to the optimizer from now on. */
  begin(): void {
    const { model } = this;
    const { optimizer, history } = model;
    const other = listeners.get(optimizer);
    if (other?.history === history) {
      throw new Error(`${this.owner}(): two recorders listen to one training; hand one to model.fit`);
    }
    // Left over from a training that ended in an error.
    other?.end();
    const undo = replaceMethod(optimizer, "minimize", (minimize) => (f, returnCost, variables) => {
      const isOurs = model.history === history && isTraining(model);
      if (!isOurs) {
        end();
      }
      return isOurs && !this.#isFailed
        ? this.#minimize(minimize, f, returnCost, variables)
        : minimize(f, returnCost, variables);
    });
    const end = (): void => {
      listeners.delete(optimizer);
      undo();
      this.#probe?.dispose();
    };
    listeners.set(optimizer, { history, end });
  }

  /** Tells how far the training has come; of the last step once its epoch is known. */
  async report(isLast = this.#isFailed): Promise<void> {
    const { onProgress } = this.options;
    const isDue = isLast || this.#step < this.#steps;
    if (!onProgress || !this.#known || this.#isTold || !isDue) {
      return;
    }
    this.#isTold = isLast;
    const { recorder } = this.#known;
    const stopped = this.#stopped?.message ?? recorder.failureOf(0)?.stopped.message;
    const progress = {
      step: this.#step,
      steps: this.#steps,
      epoch: Math.min(this.#epochs + 1, this.#plannedEpochs),
      epochs: this.#plannedEpochs,
      ...recorder.latest(),
      records: () => [this.record()!],
    };
    await onProgress(stopped === undefined ? progress : { ...progress, stopped });
  }

  /** Takes over what `fit` tells of an epoch. */
  endEpoch(logs: tf.Logs): void {
    const of = (...names: string[]): number | undefined => {
      const value = names.map((name) => logs[name] as unknown).find((one) => one !== undefined);
      return value instanceof tf.Tensor ? value.dataSync()[0] : (value as number | undefined);
    };
    this.#epochs++;
    this.#stepsPerEpoch ??= this.#step;
    const testLoss = of("val_loss");
    const epoch: EpochRecord = { loss: of("loss") ?? NaN, accuracy: of("acc", "accuracy") ?? NaN };
    const test = { testLoss: testLoss!, testAccuracy: of("val_acc", "val_accuracy") ?? NaN };
    this.#known?.recorder.addEpoch([testLoss === undefined ? epoch : { ...epoch, ...test }]);
  }

  /** Listens no more. */
  async end(): Promise<void> {
    listeners.get(this.model.optimizer)?.end();
    if (this.model.stopTraining && !this.#isFailed) {
      const message = `model.fit was told to stop before step ${this.#step} of ${this.#steps}`;
      this.#stopped = { reason: "early stopping", step: this.#step, message };
    }
    await this.report(true);
  }

  /** What has been recorded so far; undefined before the first step. */
  record(): TrainingRecord | undefined {
    if (!this.#known) {
      return undefined;
    }
    const { recorder, layers, batchSize } = this.#known;
    const [record] = recorder.records(
      {
        ...this.#common,
        label: this.options.label ?? labelOf(this.model, layers),
        probeExamples: this.#probe?.shape[0] ?? batchSize,
        stepsPerEpoch: this.#expectedSteps,
      },
      { mode: "eager", reason: "model.fit runs operation by operation" },
      this.#stopped,
      undefined,
    );
    const { rateFactor, ...rest } = record!;
    // A rate that stays the same is no schedule.
    return rateFactor?.some((factor) => factor !== 1) ? record : rest;
  }

  get #isFailed(): boolean {
    return this.#known?.recorder.allStopped ?? false;
  }

  get #plannedEpochs(): number {
    const { epochs, initialEpoch } = this.#params;
    return (epochs ?? 1) - (initialEpoch ?? 0);
  }

  /** Steps an epoch: as counted, or until then as `fit` tells; of a dataset of unknown length, those so far and one more. */
  get #expectedSteps(): number {
    const { samples, batchSize, steps } = this.#params;
    const told = samples && batchSize ? Math.ceil(samples / batchSize) : undefined;
    return this.#stepsPerEpoch ?? steps ?? told ?? this.#step + 1;
  }

  get #steps(): number {
    return this.#expectedSteps * this.#plannedEpochs;
  }

  #batchesOf(dataset: AnyDataset): Batches {
    const { owner, model } = this;
    const size = sizeOf(model);
    if (model.inputs.length > 1 || model.outputs.length > 1) {
      const why = `a model of ${model.inputs.length} inputs and ${model.outputs.length} outputs`;
      throw new RangeError(`${owner}(): dataset is for models of one input and one output; this is ${why}`);
    }
    checkDataset(owner, "dataset", dataset, size);
    return new Batches(dataset, inputShape(model), size.outputs, dataset.features.length);
  }

  #baselineOf(dataset: AnyDataset): TrainingRecord["baseline"] {
    const name = lossNameOf(this.model);
    const loss = name === "custom" ? undefined : lossFor(this.owner, name, !hasTargets(dataset), undefined);
    return loss && baselineOf(dataset, loss);
  }

  /** Has the optimizer minimize, and records the step. */
  #minimize(
    minimize: Minimize,
    f: () => tf.Scalar,
    returnCost: boolean | undefined,
    variables: Variables,
  ): tf.Scalar | null {
    const cost = tf.tidy(() => keeping((keep) => this.#look(minimize, f, variables, { keep, draw })));
    this.#step++;
    if (returnCost === true) {
      return cost;
    }
    cost.dispose();
    return null;
  }

  #look(minimize: Minimize, f: () => tf.Scalar, variables: Variables, tools: Tools): tf.Scalar {
    const { optimizer } = this.model;
    const { recordEvery = 1 } = this.options;
    const isRecorded = this.#step % recordEvery === 0 || this.#step === this.#steps - 1;
    const rateFactor = learningRateOf(optimizer) / this.#common.optimizer.learningRate;
    const hooks = new Hooks(this.model);
    const heard = new Map<string, tf.Tensor>();
    const undo = replaceMethod(optimizer, "applyGradients", (apply) => (gradients) => {
      const list = Array.isArray(gradients)
        ? gradients.map(({ name, tensor }) => [name, tensor] as const)
        : Object.entries(gradients);
      list.forEach(([name, tensor]) => heard.set(name, tools.keep(tensor)));
      apply(gradients);
    });
    try {
      const inspected = isRecorded ? this.#inspect(hooks, tools) : undefined;
      const before = tools.keep(flat(this.#variables));
      const watched = (): tf.Scalar => {
        hooks.begin("training", tools);
        return f();
      };
      const cost = minimize(watched, true, variables)!;
      this.#requireHeard(heard);
      const signals = hooks.signals();
      const known = (this.#known ??= this.#meet(hooks));
      const [after, gradient] = [
        flat(this.#variables),
        flat(this.#variables.map(({ name }) => heard.get(name)!)),
      ];
      const loss = Float32Array.from(cost.dataSync<"float32">());
      known.recorder.add({
        step: this.#step,
        isRecorded,
        scores: { examples: known.batchSize, loss, accuracy: Float64Array.of(NaN) },
        clipFactors: undefined,
        rateFactor,
        weightSums: after.sum().dataSync<"float32">(),
        details: (): StepDetails => ({
          before: before.dataSync<"float32">(),
          after: after.dataSync<"float32">(),
          gradient: gradient.dataSync<"float32">(),
          activations: inspected ?? activationStatistics(signals).dataSync<"float32">(),
          factors: factorStatistics(signals).dataSync<"float32">(),
          times: signals
            .flatMap(({ states = [] }) => states)
            .map((states) => timeStatistics(states).dataSync<"float32">()),
        }),
        finiteLayers: () => finiteLayers(signals).dataSync<"float32">(),
      });
      return cost;
    } finally {
      undo();
      hooks.remove();
    }
  }

  /** Statistics of activations on the probe, with the weights before the step: batch normalization by the probe's own mean. */
  #inspect(hooks: Hooks, tools: Tools): Float32Array | undefined {
    if (!this.#probe) {
      return undefined;
    }
    const state = this.#state.map((variable) => tools.keep(variable.clone()));
    hooks.forward(this.model, this.#probe, "probe", tools);
    const statistics = activationStatistics(hooks.signals()).dataSync<"float32">();
    this.#state.forEach((variable, i) => {
      variable.assign(state[i]!.clone());
    });
    return statistics;
  }

  /** What the layers are, as the first batch has shown. */
  #meet(hooks: Hooks): Known {
    const passages = hooks.recorded();
    // What only scales notes no inputs.
    const batchSize = passages.flatMap(({ inputs }) => inputs)[0]?.shape[0] ?? 1;
    const layers = passages.map((passage) => passage.place(batchSize));
    const { recordArrays = true } = this.options;
    return { recorder: new Recorder(1, layers, this.#parameters, recordArrays), layers, batchSize };
  }

  /** Of an array whose gradient the optimizer was not given, there would be a wrong number. */
  #requireHeard(heard: ReadonlyMap<string, tf.Tensor>): void {
    const missing = this.#variables.findIndex(({ name }) => !heard.has(name));
    if (missing >= 0) {
      const { layer } = this.#parameters[missing]!;
      throw new Error(
        `${this.owner}(): model.fit does not train layer "${layer}", though it is trainable; compile the model again after a change of trainable`,
      );
    }
  }
}

/** Whether `fit` is at work. Public in JavaScript, but not in the types. */
const isTraining = (model: tf.LayersModel): boolean =>
  (model as unknown as { readonly isTraining: boolean }).isTraining;

/** What fit draws at random, dropout draws anew at each step. */
const draw: Tools["draw"] = (kind, shape) =>
  kind === "uniform" ? tf.randomUniform([...shape]) : tf.randomNormal([...shape]);

/** All numbers of all tensors, [numbers]. */
const flat = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tf.concat(tensors.map((tensor) => tensor.reshape([-1])));
