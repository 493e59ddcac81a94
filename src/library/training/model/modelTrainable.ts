import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { freeing } from "../../tensorflow/freeing.js";
import { type Loss, lossFor, lossScalar } from "../losses.js";
import type {
  BatchTensors,
  LayerPlace,
  Normalization,
  ParameterPlace,
  Pass,
  Signal,
  Trainable,
} from "../trainable.js";
import { Hooks, type Mode, namedLayers, parameterName, type Passage } from "./hooks.js";

type NormalizationLayer = tf.layers.Layer & { momentum: number };

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
  readonly #trained: readonly tf.Variable[];
  readonly #state: readonly tf.Variable[];
  readonly #normalizations: readonly NormalizationLayer[];
  readonly #hooks: Hooks;
  /** Layers with a kernel that trains. */
  readonly #recorded: ReadonlySet<string>;

  /**
   * `x` are some examples: they are run to see the layers.
   *
   * @throws Error if the model is no classifier, naming the owner.
   */
  constructor(
    owner: string,
    private readonly model: tf.LayersModel,
    x: tf.Tensor,
  ) {
    const layers = [...namedLayers(model)];
    let size = 0;
    const trained = layers.flatMap(([layer, layerName]) =>
      layer.trainableWeights.map((weight) => {
        const variable = variableOf(weight);
        const start = size;
        size += variable.size;
        const end = size;
        const of = (network: Float32Array): Float32Array => network.subarray(start, end);
        const place = { name: parameterName(weight), layer: layerName, shape: [...variable.shape], of };
        return { variable, place };
      }),
    );
    this.parameters = trained.map(({ place }) => place);
    this.size = size;
    this.#trained = trained.map(({ variable }) => variable);
    this.#state = layers.flatMap(([layer]) => layer.nonTrainableWeights.map(variableOf));
    const ofKind = (kind: RegExp): tf.layers.Layer[] =>
      layers.map(([layer]) => layer).filter((layer) => kind.test(layer.getClassName()));
    this.#normalizations = ofKind(/^BatchNormalization$/) as NormalizationLayer[];
    this.hasNormalization = this.#normalizations.length > 0;
    this.isDeterministic = ofKind(/Dropout|Noise/).length === 0;
    this.#recorded = new Set(
      this.parameters.filter(({ name }) => name === "kernel").map(({ layer }) => layer),
    );
    this.#hooks = new Hooks(model);
    try {
      const seen = freeing(() => {
        const output = this.#hooks.forward(model, x, "inference", NO_TOOLS);
        const passages = [...this.#hooks.passages.values()];
        const last = passages.at(-1);
        const loss = lossFor(owner, last?.isOutput(output) ? last : undefined);
        return {
          loss,
          layers: passages.map(({ layer, units, activation }) => ({ name: layer, units, activation })),
        };
      });
      this.loss = seen.loss;
      this.layers = seen.layers.filter(({ name }) => this.#recorded.has(name));
    } catch (error) {
      this.#hooks.remove();
      throw error;
    }
  }

  /** Gives the model back as it was, with its new weights. */
  end(): void {
    this.#hooks.remove();
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
      const passages = this.#forward(x, "training", tools);
      const { z } = passages.at(-1)!;
      right = tools.keep(this.loss.of(z.expandDims(0), targets).right());
      const mean = lossScalar(this.loss, z, targets);
      // What regularizers add to the loss (weight decay), as model.fit does.
      return this.model.calculateLosses().reduce((sum, penalty) => sum.add(penalty), mean);
    }, [...this.#trained]);
    const gradients = this.#trained.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    const signals = this.#signals().map((signal) => ({
      ...signal,
      input: rows(signal.passage.input),
      delta: rows(signal.passage.delta ?? tf.zerosLike(signal.passage.z)),
    }));
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
    return this.#signals();
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
    return this.#forward(x, "inference", tools).at(-1)!.z.expandDims(0);
  }

  store(weights: tf.Tensor, state: readonly tf.Tensor[]): void {
    freeing(() => {
      this.#assign(weights, state);
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

  #forward(x: tf.Tensor, mode: Mode, tools: Tools): Passage[] {
    this.#hooks.forward(this.model, x, mode, tools);
    return [...this.#hooks.passages.values()];
  }

  #signals(): (Signal & { readonly passage: Passage })[] {
    return [...this.#hooks.passages.values()]
      .filter(({ layer }) => this.#recorded.has(layer))
      .map((passage) => {
        const { layer, units, activation, z, a } = passage;
        return { name: layer, units, activation, unitsFirst: false, z: rows(z), a: rows(a), passage };
      });
  }

  /** Gives the model these weights and this state. */
  #assign(weights: tf.Tensor, state: readonly tf.Tensor[]): void {
    const parts = tf.split(
      weights,
      this.#trained.map(({ size }) => size),
      1,
    );
    this.#trained.forEach((variable, i) => {
      variable.assign(parts[i]!.reshape(variable.shape));
    });
    this.#state.forEach((variable, i) => {
      variable.assign(state[i]!.clone());
    });
  }
}

/** To look at a model once: nothing is kept, and nothing is drawn at inference. */
const NO_TOOLS: Tools = { keep: (tensor) => tensor, draw: (_, shape) => tf.zeros([...shape]) };

/** A tensor with units last as [1, examples, units]. */
const rows = (tensor: tf.Tensor): tf.Tensor => tensor.reshape([1, -1, tensor.shape.at(-1)!]);

/** What a LayerVariable reads is the variable itself. */
const variableOf = (weight: tf.LayerVariable): tf.Variable => weight.read() as unknown as tf.Variable;
