import * as tf from "@tensorflow/tfjs-node";
import { LEAKY_SLOPE } from "../../models/activations.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { randomLayer } from "./randomLayer.js";

type Layer = tf.layers.Layer;

/** What passed through one layer and its activation function in one forward pass: tensors of the model's own shapes. */
export interface Passage {
  /** Name of the layer with the kernel. */
  readonly layer: string;
  readonly activation: string;
  readonly units: number;
  /** What entered the layer. */
  readonly input: tf.Tensor;
  readonly z: tf.Tensor;
  readonly a: tf.Tensor;
  /** dL/dz, once a backward pass has come by. */
  delta?: tf.Tensor;
  /** Whether this tensor is a. */
  readonly isOutput: (tensor: tf.Tensor) => boolean;
}

/**
 * How a forward pass runs: as training does; without dropout, but with batch normalization by the examples at hand; or as
 * inference does.
 */
export type Mode = "training" | "probe" | "inference";

/** The parts of tfjs-layers that are hooked. They are public in JavaScript, but not in the types. */
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
 * Hooks at the layers of a model, put there from outside: what passes the activation functions is noted, whoever runs the
 * model. The model does not know, and is as it was after `remove`.
 */
export class Hooks {
  /** By layer, in order of computation: what passed in the latest forward pass. */
  readonly passages = new Map<Layer, Passage>();
  readonly #undo: (() => void)[] = [];
  #current: { readonly layer: Layer; readonly name: string; readonly input: tf.Tensor } | undefined;
  #mode: Mode = "inference";
  #tools!: Tools;

  constructor(model: tf.LayersModel) {
    namedLayers(model).forEach((name, layer) => {
      this.#add(layer, name);
    });
  }

  /** Runs the model and fills `passages` with tensors that are kept as the tools keep them. */
  forward(model: tf.LayersModel, x: tf.Tensor, mode: Mode, tools: Tools): tf.Tensor {
    this.passages.clear();
    this.#current = undefined;
    this.#mode = mode;
    this.#tools = tools;
    return one(model.apply(x, { training: mode === "training" }) as tf.Tensor | tf.Tensor[]);
  }

  /** Takes the hooks away. */
  remove(): void {
    this.passages.clear();
    this.#undo.forEach((undo) => {
      undo();
    });
  }

  /** A layer's own activation function is taken out and applied here, after the layer: so z comes to light. */
  #add(layer: Layer, name: string): void {
    const inner = layer as unknown as Inner;
    const own = Object.hasOwn(inner, "activation") ? inner.activation : undefined;
    if (own) {
      inner.activation = LINEAR;
    }
    const { call } = inner;
    const hadOwnCall = Object.hasOwn(inner, "call");
    const isKernelLayer = hasKernel(layer);
    const isNormalization = layer.getClassName() === "BatchNormalization";
    const activation = activationOfLayer(layer);
    const random = randomLayer(layer);
    inner.call = (inputs, kwargs) => {
      if (isKernelLayer) {
        this.#current = { layer, name, input: this.#tools.keep(one(inputs)) };
      }
      const run = (entering: typeof inputs) =>
        call.call(layer, entering, isNormalization && this.#mode === "probe" ? { training: true } : kwargs);
      if (random && this.#mode === "training") {
        return random(one(inputs), this.#tools.draw);
      }
      if (own) {
        return this.#note(own.getClassName(), one(run(inputs)), (z) => own.apply(z));
      }
      return activation === undefined ? run(inputs) : this.#note(activation, one(inputs), (z) => one(run(z)));
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

  /** Notes what passes, and returns a. A layer's linear activation gives way to the function that follows it. */
  #note(activation: string, input: tf.Tensor, apply: (z: tf.Tensor) => tf.Tensor): tf.Tensor {
    const current = this.#current;
    if (!current || (activation === "linear" && this.passages.has(current.layer))) {
      return apply(input);
    }
    const { keep } = this.#tools;
    const noted: { delta?: tf.Tensor } = {};
    const z = this.#mode === "training" ? withHook(input, (delta) => (noted.delta = keep(delta))) : input;
    const output = apply(z);
    this.passages.set(
      current.layer,
      Object.assign(noted, {
        layer: current.name,
        activation,
        units: input.shape.at(-1)!,
        input: current.input,
        z: keep(z),
        a: keep(output),
        isOutput: (tensor: tf.Tensor) => tensor.id === output.id,
      }),
    );
    return output;
  }
}

/** The same tensor; the gradient that comes back to it is shown to `look`. */
function withHook(tensor: tf.Tensor, look: (gradient: tf.Tensor) => void): tf.Tensor {
  const hooked = tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (gradient: tf.Tensor) => {
      look(gradient);
      return gradient.clone();
    },
  }));
  return hooked(tensor);
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
