import * as tf from "@tensorflow/tfjs-node";
import type { Signal } from "./signal.js";

type Layer = tf.layers.Layer;

/** A signal of the watched model. */
export interface Passage extends Signal {
  /** z as the tensor that the backward pass knows. Of a there are only the numbers: the model may free the tensor. */
  readonly input: tf.Tensor;
  /** Whether this tensor is a. */
  readonly isOutput: (tensor: tf.Tensor) => boolean;
}

/** The parts of tfjs-layers that are watched. They are public in JavaScript, but not in the types. */
interface ActivationFunction {
  apply(z: tf.Tensor): tf.Tensor;
  getClassName(): string;
}
interface Inner {
  activation?: ActivationFunction | null;
  layers?: Layer[];
  call: (inputs: tf.Tensor | tf.Tensor[], kwargs: object) => tf.Tensor | tf.Tensor[];
}

/** Layers that are nothing but an activation function, and its name in the table of activations. */
const ACTIVATION_LAYERS: Readonly<Record<string, string>> = {
  ReLU: "relu",
  LeakyReLU: "leakyRelu",
  ELU: "elu",
  Softmax: "softmax",
};

/**
 * Watches the activation functions of a model from outside while it is used, whoever uses it. The model does not
 * know, and is as it was after `end`.
 */
export class Watch {
  /** By layer, in order of computation: what passed in the latest forward pass. */
  readonly passages = new Map<Layer, Passage>();
  readonly #layers: readonly Layer[];
  readonly #undo: (() => void)[] = [];
  readonly #kept: tf.Tensor[] = [];
  #current: Layer | undefined;
  #training = false;

  constructor(model: tf.LayersModel) {
    this.#layers = allLayers(model.layers);
    for (const layer of this.#layers) {
      this.#watch(layer);
    }
  }

  /** Runs the model and fills `passages`, whose tensors live until the next `forward` or `release`. */
  forward(model: tf.LayersModel, x: tf.Tensor, training: boolean): tf.Tensor {
    this.release();
    this.#training = training;
    const output = model.apply(x, { training });
    return (Array.isArray(output) ? output[0] : output) as tf.Tensor;
  }

  /** Frees the tensors of the latest forward pass. */
  release(): void {
    this.#kept.forEach((tensor) => {
      tensor.dispose();
    });
    this.#kept.length = 0;
    this.passages.clear();
  }

  /** Stops watching. */
  end(): void {
    this.#undo.forEach((undo) => {
      undo();
    });
    this.release();
  }

  #watch(layer: Layer): void {
    const inner = layer as unknown as Inner;
    const original = inner.activation;
    if (original) {
      inner.activation = this.#wrap(original);
      this.#undo.push(() => {
        inner.activation = original;
      });
    }
    const call = inner.call;
    inner.call = (inputs, kwargs) => {
      if (hasKernel(layer)) {
        this.#current = layer;
      }
      const output = call.call(layer, inputs, kwargs);
      const name = ACTIVATION_LAYERS[layer.getClassName()];
      if (name !== undefined) {
        this.#note(name, one(inputs), one(output));
      }
      return output;
    };
    this.#undo.push(() => {
      // The method of the class comes to light again.
      delete (inner as Partial<Inner>).call;
    });
  }

  /** The same function, which also notes what passes. Under another class name, so that no layer fuses it away. */
  #wrap(original: ActivationFunction): ActivationFunction {
    return Object.assign(Object.create(original) as ActivationFunction, {
      getClassName: () => "watched",
      apply: (z: tf.Tensor): tf.Tensor => {
        const a = original.apply(z);
        this.#note(original.getClassName(), z, a);
        return a;
      },
    });
  }

  /** A layer's own linear activation gives way to the function that follows it. */
  #note(activation: string, input: tf.Tensor, output: tf.Tensor): void {
    const layer = this.#current;
    if (!layer || (activation === "linear" && this.passages.has(layer))) {
      return;
    }
    // A layer frees what it does not return as soon as it is done, a model at inference even what layers return.
    const kept = tf.keep(this.#training ? input : input.clone());
    this.#kept.push(kept);
    this.passages.set(layer, {
      ...{ layer: layer.name, activation, units: input.shape.at(-1)!, input: kept },
      z: input.dataSync<"float32">(),
      a: output.dataSync<"float32">(),
      isOutput: (tensor) => tensor.id === output.id,
    });
  }
}

/** Whether a layer has a trainable kernel. */
export function hasKernel(layer: Layer): boolean {
  return !("layers" in layer) && layer.trainableWeights.some((weight) => parameterName(weight) === "kernel");
}

/** A parameter's name within its layer: the last part of its full name. */
export function parameterName(weight: tf.LayerVariable): string {
  return weight.originalName.split("/").at(-1) ?? weight.originalName;
}

/** All layers, those inside of nested models included. */
export function allLayers(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => {
    const nested = (layer as unknown as Inner).layers;
    return nested ? allLayers(nested) : [layer];
  });
}

function one(tensors: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return (Array.isArray(tensors) ? tensors[0] : tensors)!;
}
