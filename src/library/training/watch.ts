import * as tf from "@tensorflow/tfjs-node";
import { LEAKY_SLOPE } from "../models/activations.js";
import type { Signal } from "./signal.js";

type Layer = tf.layers.Layer;

/** A signal of the watched model. */
export interface Passage extends Signal {
  /** z as a tensor: what the loss of the last layer is computed from. */
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

const LINEAR: ActivationFunction = { apply: (z) => z, getClassName: () => "linear" };

/**
 * Watches the activation functions of a model from outside while it is used, whoever uses it. The model does not
 * know, and is as it was after `end`.
 */
export class Watch {
  /** By layer, in order of computation: what passed in the latest forward pass. */
  readonly passages = new Map<Layer, Passage>();
  readonly #undo: (() => void)[] = [];
  readonly #kept: tf.Tensor[] = [];
  #current: { readonly layer: Layer; readonly name: string } | undefined;
  #training = false;

  constructor(model: tf.LayersModel) {
    namedLayers(model).forEach((name, layer) => {
      this.#watch(layer, name);
    });
  }

  /** Runs the model and fills `passages`, whose tensors live until the next `forward` or `release`. */
  forward(model: tf.LayersModel, x: tf.Tensor, training: boolean): tf.Tensor {
    this.release();
    this.#training = training;
    return one(model.apply(x, { training }) as tf.Tensor | tf.Tensor[]);
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
    this.release();
    this.#undo.forEach((undo) => {
      undo();
    });
  }

  /** A layer's own activation function is taken out and applied here, after the layer: so z comes to light. */
  #watch(layer: Layer, name: string): void {
    const inner = layer as unknown as Inner;
    const own = Object.hasOwn(inner, "activation") ? inner.activation : undefined;
    if (own) {
      inner.activation = LINEAR;
    }
    const { call } = inner;
    const hadOwnCall = Object.hasOwn(inner, "call");
    const isKernelLayer = hasKernel(layer);
    const activation = activationOfLayer(layer);
    inner.call = (inputs, kwargs) => {
      if (isKernelLayer) {
        this.#current = { layer, name };
      }
      const output = call.call(layer, inputs, kwargs);
      if (own) {
        const z = one(output);
        return this.#note(own.getClassName(), z, own.apply(z));
      }
      return activation === undefined ? output : this.#note(activation, one(inputs), one(output));
    };
    this.#undo.push(() => {
      if (own) {
        inner.activation = own;
      }
      if (hadOwnCall) {
        inner.call = call;
      } else {
        // The method of the class comes to light again.
        delete (inner as Partial<Inner>).call;
      }
    });
  }

  /** Notes what passed, and returns a. A layer's linear activation gives way to the function that follows it. */
  #note(activation: string, input: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const current = this.#current;
    if (current && !(activation === "linear" && this.passages.has(current.layer))) {
      // A model frees what it does not return: once it is done, or at inference as soon as it can.
      const kept = tf.keep(this.#training ? input : input.clone());
      this.#kept.push(kept);
      this.passages.set(current.layer, {
        ...{ layer: current.name, activation, units: input.shape.at(-1)!, input: kept },
        isOutput: (tensor) => tensor.id === output.id,
        z: input.dataSync<"float32">(),
        a: output.dataSync<"float32">(),
      });
    }
    return output;
  }
}

/** What function a layer is, if it is nothing but one: its name in the table of activations where it has one. */
function activationOfLayer(layer: Layer): string | undefined {
  const { alpha, maxValue } = layer.getConfig();
  switch (layer.getClassName()) {
    case "ReLU":
      return maxValue === 6 ? "relu6" : maxValue == null ? "relu" : `relu up to ${Number(maxValue)}`;
    case "LeakyReLU":
      return alpha === LEAKY_SLOPE ? "leakyRelu" : `leakyRelu with slope ${Number(alpha)}`;
    case "ELU":
      return alpha === 1 ? "elu" : `elu with alpha ${Number(alpha)}`;
    case "Softmax":
      return "softmax";
    default:
      return undefined;
  }
}

/** Whether a layer has a kernel, if only one that does not train. */
function hasKernel(layer: Layer): boolean {
  return layer.weights.some((weight) => parameterName(weight) === "kernel");
}

/** A parameter's name within its layer: the last part of its full name. */
export function parameterName(weight: tf.LayerVariable): string {
  return weight.originalName.split("/").at(-1) ?? weight.originalName;
}

/**
 * All layers, those inside of nested models included, each once, with its name. Layers of two nested models can have
 * the same name: the second one is called "name_2".
 */
export function namedLayers(model: tf.LayersModel): Map<Layer, string> {
  const names = new Map<string, Layer>();
  for (const layer of new Set(allLayers(model.layers))) {
    let name = layer.name;
    for (let number = 2; names.has(name); number++) {
      name = `${layer.name}_${number}`;
    }
    names.set(name, layer);
  }
  return new Map([...names].map(([name, layer]) => [layer, name]));
}

function allLayers(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => {
    const nested = (layer as unknown as Inner).layers;
    return nested ? allLayers(nested) : [layer];
  });
}

function one(tensors: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return (Array.isArray(tensors) ? tensors[0] : tensors)!;
}
