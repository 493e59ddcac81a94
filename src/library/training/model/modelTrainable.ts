import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { freeing } from "../../tensorflow/freeing.js";
import {
  type Loss,
  lossFor,
  type LossFunction,
  type LossName,
  lossScalar,
  type ModelEnd,
  weighted,
} from "../losses.js";
import type {
  BatchTensors,
  LayerPlace,
  Normalization,
  ParameterPlace,
  Pass,
  Signal,
  Trainable,
} from "../trainable.js";
import { type Cell, dropsOut } from "./cells.js";
import { Hooks, type Mode } from "./hooks.js";
import {
  frozenLayers,
  type Layer,
  namedLayers,
  refuseStateful,
  trainedPlaces,
  variableOf,
} from "./layerTree.js";

/** What a model is to be trained for. */
export interface WantedLoss {
  /** The loss, if one is asked for. */
  readonly loss: LossName | LossFunction | undefined;
  readonly classWeights: readonly number[] | undefined;
  /** Whether the targets are classes. */
  readonly hasClasses: boolean;
}

type NormalizationLayer = Layer & { momentum: number };

/** A tf.layers model as the training loop sees it: one network, whose weights are given to each pass. */
export class ModelTrainable implements Trainable {
  readonly networks = 1;
  readonly isPure = false;
  readonly parameters: readonly ParameterPlace[];
  readonly size: number;
  readonly hasNormalization: boolean;
  readonly isDeterministic: boolean;
  readonly loss: Loss;
  readonly layers: readonly LayerPlace[];
  readonly frozen?: Trainable["frozen"];
  readonly output?: Trainable["output"];
  readonly #trained: readonly tf.Variable[];
  readonly #state: readonly tf.Variable[];
  readonly #normalizations: readonly NormalizationLayer[];
  readonly #hooks: Hooks;
  /** What holds the numbers of each trained variable, as this has left them. */
  #held: readonly object[];

  /**
   * `x` are some examples: they are run to see the layers.
   *
   * @throws Error if no loss is asked for and none fits, naming the owner.
   */
  constructor(
    private readonly owner: string,
    private readonly model: tf.LayersModel,
    x: tf.Tensor,
    { loss: wanted, classWeights, hasClasses }: WantedLoss,
  ) {
    const named = namedLayers(model);
    const layers = [...named];
    const trained = trainedPlaces(named);
    this.parameters = trained.map(({ place }) => place);
    this.size = trained.reduce((sum, { variable }) => sum + variable.size, 0);
    this.#trained = trained.map(({ variable }) => variable);
    this.#state = layers.flatMap(([layer]) => layer.nonTrainableWeights.map(variableOf));
    const ofKind = (kind: RegExp): Layer[] =>
      layers.map(([layer]) => layer).filter((layer) => kind.test(layer.getClassName()));
    this.#normalizations = ofKind(/^BatchNormalization$/) as NormalizationLayer[];
    this.hasNormalization = this.#normalizations.length > 0;
    this.isDeterministic =
      ofKind(/Dropout|Noise/).length === 0 && !layers.some(([layer]) => dropsInCell(layer));
    this.#held = this.#trained.map(({ dataId }) => dataId);
    refuseStateful(owner, named);
    if (inTraining.has(model)) {
      throw new Error(`${owner}(): the model is in a training already; wait until that has ended`);
    }
    this.#hooks = new Hooks(model);
    inTraining.add(model);
    try {
      const seen = freeing(() => {
        const output = this.#hooks.forward(model, x, "inference", NO_TOOLS);
        const last = this.#last(output);
        const loss = lossFor(owner, wanted, hasClasses, last);
        const { activation, units } = last ?? { activation: "unknown", units: NaN };
        return {
          output: { name: model.outputNames[0]!, activation, units },
          loss: classWeights ? weighted(loss, classWeights) : loss,
          layers: this.#hooks.recorded().map((passage) => passage.place(x.shape[0])),
        };
      });
      this.loss = seen.loss;
      this.layers = seen.layers;
      Object.assign(this, frozenLayers(named, seen.output));
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Gives the model back as it was, with its new weights. */
  end(): void {
    this.#hooks.remove();
    inTraining.delete(this.model);
  }

  requireUntouched(): void {
    const place = this.#trained.findIndex(({ dataId }, i) => dataId !== this.#held[i]);
    if (place >= 0) {
      const { layer } = this.parameters[place]!;
      throw new Error(
        `${this.owner}(): something else changed the weights of layer "${layer}" during the training; until it ends, only the training may`,
      );
    }
  }

  initialWeights(): tf.Tensor2D {
    return tf.tidy(() =>
      tf.concat(
        this.#trained.map((variable) => variable.reshape([1, -1])),
        1,
      ),
    );
  }

  initialState(): tf.Tensor[] {
    return this.#state.map((variable) => tf.tensor(variable.dataSync(), variable.shape, variable.dtype));
  }

  pass(weights: tf.Tensor, state: readonly tf.Tensor[], { x, targets }: BatchTensors, tools: Tools): Pass {
    this.#assign(weights, state);
    let right: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const given = this.#forward(x, "training", tools);
      right = tools.keep(this.loss.right(given.expandDims(0), targets));
      const mean = lossScalar(this.loss, given, targets);
      // What regularizers add to the loss (weight decay), as model.fit does.
      return this.model.calculateLosses().reduce((sum, penalty) => sum.add(penalty), mean);
    }, [...this.#trained]);
    const gradients = this.#trained.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    const signals = this.#hooks.signals();
    return {
      loss: value.reshape([1]),
      right: () => right!,
      gradient: tf.concat(
        gradients.map((gradient) => gradient.reshape([1, -1])),
        1,
      ),
      signals,
      state: this.#state.map((variable) => variable.clone()),
    };
  }

  inspect(weights: tf.Tensor, state: readonly tf.Tensor[], x: tf.Tensor, tools: Tools): readonly Signal[] {
    this.#assign(weights, state);
    this.#forward(x, "probe", tools);
    return this.#hooks.signals();
  }

  predict(
    weights: tf.Tensor,
    state: readonly tf.Tensor[],
    x: tf.Tensor,
    normalization: Normalization,
    tools: Tools,
  ): tf.Tensor {
    this.#assign(weights, state);
    if (normalization.by === "trainingSet") {
      this.#takeStatisticsOf(normalization.x, tools);
    }
    return this.#forward(x, "inference", tools).expandDims(0);
  }

  store(weights: tf.Tensor, state: readonly tf.Tensor[]): void {
    freeing(() => {
      this.#give(weights, state);
    });
  }

  /** Has batch normalization use the mean and variance of these examples, with the weights as they are. */
  #takeStatisticsOf(x: tf.Tensor, tools: Tools): void {
    const momenta = this.#normalizations.map(({ momentum }) => momentum);
    this.#normalizations.forEach((layer) => (layer.momentum = 0));
    try {
      this.#forward(x, "probe", tools);
    } finally {
      this.#normalizations.forEach((layer, i) => (layer.momentum = momenta[i]!));
    }
  }

  /** Runs the model; gives what the loss takes. */
  #forward(x: tf.Tensor, mode: Mode, tools: Tools): tf.Tensor {
    const output = this.#hooks.forward(this.model, x, mode, tools);
    if (this.loss.takes === "outputs") {
      return output;
    }
    const last = this.#last(output);
    if (!last) {
      throw new Error(
        `${this.owner}(): a layer behind the last activation function changes what the model says while it trains (dropout, noise); it must stand before the output layer`,
      );
    }
    return last.z;
  }

  /** What passed the layer whose output is the model's. */
  #last(output: tf.Tensor): (ModelEnd & { readonly z: tf.Tensor }) | undefined {
    const part = this.#hooks.partOf(output);
    return part?.z && { activation: part.activation, units: part.z.shape.at(-1)!, z: part.z };
  }

  /** Gives the model these weights and this state, for a pass. */
  #assign(weights: tf.Tensor, state: readonly tf.Tensor[]): void {
    this.requireUntouched();
    this.#give(weights, state);
  }

  #give(weights: tf.Tensor, state: readonly tf.Tensor[]): void {
    const parts = tf.split(
      weights,
      this.#trained.map(({ size }) => size),
      1,
    );
    this.#trained.forEach((variable, i) => {
      variable.assign(parts[i]!.reshape(variable.shape));
    });
    this.#held = this.#trained.map(({ dataId }) => dataId);
    this.#state.forEach((variable, i) => {
      variable.assign(state[i]!.clone());
    });
  }
}

/** Models that are being trained: two trainings of one would undo each other's steps. */
const inTraining = new WeakSet<tf.LayersModel>();

/** To look at a model once: nothing is kept, and nothing is drawn at inference. */
const NO_TOOLS: Tools = { keep: (tensor) => tensor, draw: (_, shape) => tf.zeros([...shape]) };

/** Whether a layer is recurrent and drops numbers in its cell. */
function dropsInCell(layer: Layer): boolean {
  const { cell } = layer as Layer & { readonly cell?: Cell };
  return cell !== undefined && dropsOut(cell);
}
