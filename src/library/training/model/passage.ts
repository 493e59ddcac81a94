import { tf } from "../../tensorflow/tf.js";
import { scalingPlace, unknownSlopes } from "../layerStatistics.js";
import type { LayerQuantity } from "../record.js";
import type { LayerPlace, StateName, TrainingSignal } from "../trainable.js";
import { activationName, kindOf, type LayerKind } from "./layerKind.js";
import type { Layer } from "./layerTree.js";

/** What left a layer in one of its calls: a layer can be called several times, as in each time step. */
export interface Part {
  readonly activation: string;
  /** z, if it is known what entered the activation function. */
  readonly z?: tf.Tensor;
  readonly a: tf.Tensor;
  /** dL/dz, once a backward pass has come by. */
  readonly delta?: tf.Tensor;
}

/** The states of a recurrent layer after one time step, and dL/dstate once a backward pass has come by. */
export type StateStep = Map<StateName, { readonly state: tf.Tensor; readonly gradients: tf.Tensor[] }>;

/** What passed through one layer and its activation function in one forward pass. */
export class Passage {
  readonly kind: LayerKind;
  /** What entered, call by call. */
  readonly inputs: tf.Tensor[] = [];
  parts: Part[] = [];
  /** In the order in which they ran, of a layer that is called once. */
  readonly steps: StateStep[] = [];
  readonly #channelsFirst: boolean;
  readonly #goesBackwards: boolean;
  #units: number | undefined;

  constructor(
    readonly layer: Layer,
    readonly name: string,
  ) {
    this.kind = kindOf(layer);
    const { dataFormat, goBackwards, cell } = layer as Readonly<
      Layer & { dataFormat?: string; goBackwards?: boolean; cell?: { dataFormat?: string } }
    >;
    this.#channelsFirst = (dataFormat ?? cell?.dataFormat) === "channelsFirst";
    this.#goesBackwards = goBackwards === true;
  }

  /** Adds what left the layer, in place of parts that gave way to it. */
  add(part: Part, replaced: readonly Part[]): void {
    this.#units ??= this.#lastAxis(part.a);
    this.parts = [...this.parts.filter((one) => !replaced.includes(one)), part];
  }

  /** What is told of the layer, once `examples` have passed. */
  place(examples: number): LayerPlace {
    const { name, kind, parts, steps, layer } = this;
    if (kind === "scaling") {
      const isFunction = layer.getClassName() === "PReLU";
      const units = layer.weights[0]!.shape.at(-1)!;
      return scalingPlace(name, units, isFunction ? activationName(layer) : "linear");
    }
    const { activation } = parts.at(-1)!;
    const numbers = parts.reduce((sum, { a }) => sum + a.size, 0);
    const units = this.#units!;
    const states = this.#isByTime && { names: [...steps[0]!.keys()], timeSteps: steps.length };
    return {
      name,
      units,
      activation,
      positions: numbers / units / examples,
      notMeasured: this.#notMeasured(activation),
      ...(states && { states }),
    };
  }

  signal(): TrainingSignal {
    const { parts, inputs, steps, kind } = this;
    const hasZ = parts.every(({ z }) => z !== undefined);
    const names = this.#isByTime ? [...steps[0]!.keys()] : [];
    return {
      activation: parts.at(-1)!.activation,
      unitsFirst: false,
      a: this.#rows(parts.map(({ a }) => a)),
      ...(hasZ && {
        z: this.#rows(parts.map(({ z }) => z!)),
        delta: this.#rows(parts.map(({ z, delta }) => delta ?? tf.zerosLike(z!))),
      }),
      ...(kind !== "lookup" && { input: oneAfterTheOther(inputs.map(flatRows)) }),
      ...(names.length > 0 && { states: names.map((name) => this.#gradientsOf(name)) }),
    };
  }

  /** Called several times (in TimeDistributed, say), a recurrent layer has several series of steps. */
  get #isByTime(): boolean {
    return this.steps.length > 0 && this.inputs.length === 1;
  }

  #notMeasured(activation: string): Partial<Record<LayerQuantity, string>> {
    const all = (
      quantities: readonly LayerQuantity[],
      reason: string,
    ): Partial<Record<LayerQuantity, string>> =>
      Object.fromEntries(quantities.map((quantity) => [quantity, reason]));
    const ofZ = ["preActivations", "saturated", "dead", "preActivationGradient"] as const;
    const hasZ = this.parts.every(({ z }) => z !== undefined);
    return {
      ...(this.kind === "lookup" && all(["input"], "what enters are places in a table, which have no size")),
      ...(hasZ
        ? unknownSlopes(activation)
        : all(
            ofZ,
            this.kind === "recurrent"
              ? "a recurrent layer with gates has no single z: see stateGradients"
              : "it is not known what enters the activation function inside of this layer",
          )),
    };
  }

  /** dL/dstate by time step: [time steps, numbers]. */
  #gradientsOf(name: StateName): tf.Tensor {
    const rows = this.steps.map((step) => {
      const { state, gradients } = step.get(name)!;
      const sum = gradients.length > 0 ? tf.addN(gradients) : tf.zerosLike(state);
      return sum.reshape([1, -1]);
    });
    return tf.concat(this.#goesBackwards ? rows.reverse() : rows, 0);
  }

  /** [1, examples, units]. */
  #rows(tensors: readonly tf.Tensor[]): tf.Tensor {
    return oneAfterTheOther(tensors.map((tensor) => this.#unitsLast(tensor).reshape([1, -1, this.#units!])));
  }

  #unitsLast(tensor: tf.Tensor): tf.Tensor {
    const axes = Array.from(tensor.shape.keys());
    return this.#channelsFirst && axes.length > 2 ? tensor.transpose([0, ...axes.slice(2), 1]) : tensor;
  }

  #lastAxis({ shape }: tf.Tensor): number {
    return shape.at(this.#channelsFirst && shape.length > 2 ? 1 : -1)!;
  }
}

const flatRows = (tensor: tf.Tensor): tf.Tensor => tensor.reshape([1, -1, tensor.shape.at(-1)!]);

const oneAfterTheOther = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tensors.length === 1 ? tensors[0]! : tf.concat([...tensors], 1);
