import type { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { type Cell, freeMasks, hookCell, knownCell } from "./cells.js";
import type { TrainingSignal } from "../trainable.js";
import { type ActivationFunction, activationName, kindOf } from "./layerKind.js";
import { type Layer, namedLayers, wrappersOf } from "./layerTree.js";
import { type Part, Passage } from "./passage.js";
import { replaceMethod } from "./replaceMethod.js";
import { randomLayer } from "./randomLayer.js";
import { withHook } from "./withHook.js";

/**
 * How a forward pass runs: as training does; without dropout, but with batch normalization by the examples at hand; or as
 * inference does.
 */
export type Mode = "training" | "probe" | "inference";

type Tensors = tf.Tensor | tf.Tensor[];
type Call = (inputs: Tensors, kwargs: object) => Tensors;

/** The parts of tfjs-layers that are hooked. They are public in JavaScript, but not in the types. */
interface Inner {
  activation?: ActivationFunction | null;
  cell?: Cell;
  call: Call;
}

/** Where a tensor comes from: what left a layer, and whether an activation function may still follow. */
interface Origin {
  readonly passage: Passage;
  readonly parts: readonly Part[];
  readonly isOpen: boolean;
}

const LINEAR: ActivationFunction = { apply: (z) => z, getClassName: () => "linear" };

/** What may give way to an activation function that follows. */
const OPEN = ["linear", "unknown"];

/**
 * Hooks at the layers of a model, put there from outside: what passes the layers and their activation functions is noted, whoever
 * runs the model. The model does not know, and is as it was after `remove`.
 *
 * Which layer an activation function belongs to is told by the tensor that enters it, not by the order of calls: in a
 * model with branches another layer may have been called in between.
 */
export class Hooks {
  /** By layer, in order of computation: what passed in the latest forward pass, of layers with weights. */
  readonly passages = new Map<Layer, Passage>();
  readonly #undo: (() => void)[] = [];
  /** By the numbers that a tensor and its copies share. */
  #origins = new WeakMap<object, Origin>();
  #mode: Mode = "inference";
  #tools!: Tools;

  constructor(model: tf.LayersModel) {
    namedLayers(model).forEach((name, layer) => {
      this.#add(layer, name);
    });
    for (const wrapper of wrappersOf(model.layers)) {
      this.#addWrapper(wrapper);
    }
  }

  /** Readies for a forward pass, which fills `passages` with tensors that are kept as the tools keep them. */
  begin(mode: Mode, tools: Tools): void {
    this.passages.clear();
    this.#origins = new WeakMap();
    this.#mode = mode;
    this.#tools = tools;
  }

  /** Runs the model. */
  forward(model: tf.LayersModel, x: tf.Tensor, mode: Mode, tools: Tools): tf.Tensor {
    this.begin(mode, tools);
    return one(model.apply(x, { training: mode === "training" }) as Tensors);
  }

  /** What passed the layers with weights that train. */
  recorded(): Passage[] {
    return [...this.passages.values()].filter(({ layer }) => layer.trainableWeights.length > 0);
  }

  /** The same as tensors, of the layers that do not only scale. */
  signals(): TrainingSignal[] {
    return this.recorded()
      .filter(({ kind }) => kind !== "scaling")
      .map((passage) => passage.signal());
  }

  /** What a tensor is as the output of a layer, if it is one. */
  partOf(tensor: tf.Tensor): Part | undefined {
    const parts = this.#origins.get(tensor.dataId)?.parts;
    return parts?.length === 1 ? parts[0] : undefined;
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
    const kind = kindOf(layer);
    const own = kind === "linear" ? (inner.activation ?? LINEAR) : undefined;
    if (own && inner.activation) {
      inner.activation = LINEAR;
      this.#undo.push(() => (inner.activation = own));
    }
    const random = randomLayer(layer);
    const isNormalization = layer.getClassName() === "BatchNormalization";
    const isActivation = kind === "activation" || layer.getClassName() === "PReLU";
    const { cell } = inner;
    if (cell) {
      const host = {
        passage: () => this.passages.get(layer)!,
        isTraining: () => this.#mode === "training",
        tools: () => this.#tools,
      };
      this.#undo.push(hookCell(cell, host));
    }
    this.#replaceCall(layer, (call, inputs, kwargs) => {
      const x = one(inputs);
      const run = (entering: Tensors): Tensors =>
        call(entering, isNormalization && this.#mode === "probe" ? { training: true } : kwargs);
      const passage = layer.weights.length > 0 ? this.#passageOf(layer, name) : undefined;
      const origin = this.#origins.get(x.dataId);
      if (isActivation && origin?.isOpen) {
        const apply = (z: tf.Tensor): tf.Tensor => one(run(z));
        return this.#note(origin.passage, activationName(layer), x, apply, origin.parts);
      }
      if (kind === "passing" || kind === "scaling") {
        const out = random && this.#mode === "training" ? random(x, this.#tools.draw) : run(inputs);
        this.#passOn(inputs, one(out));
        return out;
      }
      if (!passage) {
        return run(inputs);
      }
      passage.inputs.push(this.#tools.keep(x));
      const out = run(inputs);
      if (kind === "linear" || kind === "lookup") {
        return this.#note(passage, own?.getClassName() ?? "linear", one(out), (z) =>
          (own ?? LINEAR).apply(z),
        );
      }
      if (cell) {
        freeMasks(cell);
      }
      if (!cell || !knownCell(cell)) {
        this.#noteOutput(passage, one(out));
      }
      return out;
    });
  }

  /** What leaves a wrapper is what left the layer in it, if that is one. */
  #addWrapper(wrapper: Layer): void {
    this.#replaceCall(wrapper, (call, inputs, kwargs) => {
      const before = new Map([...this.passages.values()].map((passage) => [passage, passage.parts]));
      const out = call(inputs, kwargs);
      const changed = [...this.passages.values()].filter((passage) => passage.parts !== before.get(passage));
      const [passage] = changed;
      if (passage && changed.length === 1) {
        const parts = passage.parts.filter((part) => !before.get(passage)?.includes(part));
        const isOpen =
          passage.kind !== "recurrent" && parts.every(({ activation }) => OPEN.includes(activation));
        this.#origins.set(one(out).dataId, { passage, parts, isOpen });
      }
      return out;
    });
  }

  #passageOf(layer: Layer, name: string): Passage {
    const passage = this.passages.get(layer) ?? new Passage(layer, name);
    this.passages.set(layer, passage);
    return passage;
  }

  /** Tensors that pass without a change of what they are: an open one, if it is the only one. */
  #passOn(inputs: Tensors, out: tf.Tensor): void {
    const origins = (Array.isArray(inputs) ? inputs : [inputs]).map(({ dataId }) =>
      this.#origins.get(dataId),
    );
    const open = origins.filter((origin) => origin?.isOpen);
    if (open.length === 1) {
      this.#origins.set(out.dataId, open[0]!);
    }
  }

  /** Notes what leaves a layer of which no more is known. */
  #noteOutput(passage: Passage, output: tf.Tensor): void {
    const part: Part = { activation: "unknown", a: this.#tools.keep(output) };
    passage.add(part, []);
    this.#origins.set(output.dataId, { passage, parts: [part], isOpen: true });
  }

  /** Notes what passes an activation function, and returns a. */
  #note(
    passage: Passage,
    activation: string,
    input: tf.Tensor,
    apply: (z: tf.Tensor) => tf.Tensor,
    replaced: readonly Part[] = [],
  ): tf.Tensor {
    const { keep } = this.#tools;
    const noted: { delta?: tf.Tensor } = {};
    const z = this.#mode === "training" ? withHook(input, (delta) => (noted.delta = keep(delta))) : input;
    const a = apply(z);
    const part: Part = Object.assign(noted, { activation, z: keep(z), a: keep(a) });
    passage.add(part, replaced);
    this.#origins.set(a.dataId, { passage, parts: [part], isOpen: OPEN.includes(activation) });
    return a;
  }

  /** Puts a function in place of a layer's `call`; it gets the layer's own. */
  #replaceCall(layer: Layer, work: (call: Call, inputs: Tensors, kwargs: object) => Tensors): void {
    const inner = layer as unknown as Inner;
    this.#undo.push(replaceMethod(inner, "call", (call) => (inputs, kwargs) => work(call, inputs, kwargs)));
  }
}

function one(tensors: Tensors): tf.Tensor {
  return (Array.isArray(tensors) ? tensors[0] : tensors)!;
}
