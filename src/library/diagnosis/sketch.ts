/** A model before its training, as something that can be changed: its layers' settings, and the weights it starts from. */
import { tf } from "../tensorflow/tf.js";

/** A layer's settings as Keras writes them. */
interface LayerSettings {
  name: string;
  activation?: string;
  kernel_initializer?: unknown;
  units?: number;
  filters?: number;
  [setting: string]: unknown;
}

interface LayerSketch {
  class_name: string;
  config: LayerSettings;
}

interface Topology {
  readonly config: { readonly layers: LayerSketch[] };
}

type ModelText = Exclude<Parameters<typeof tf.models.modelFromJSON>[0], string>;

interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** How a model is built, and where its weights start: by layer; what is not there is drawn as the layer's settings say. */
export interface ModelPlan {
  readonly topology: Topology;
  readonly weights: ReadonlyMap<string, readonly (Weight | undefined)[]>;
}

const copyOf = (topology: Topology): Topology => JSON.parse(JSON.stringify(topology)) as Topology;

/** A model as it is. */
export function planOf(model: tf.LayersModel): ModelPlan {
  const weights = model.layers.map(
    (layer) =>
      [
        layer.name,
        layer
          .getWeights()
          .map((weight) => ({ shape: weight.shape, values: Float32Array.from(weight.dataSync()) })),
      ] as const,
  );
  return { topology: copyOf(model.toJSON(null, false) as unknown as Topology), weights: new Map(weights) };
}

/** The model of a plan. The caller disposes of it. */
export async function buildPlan(owner: string, { topology, weights }: ModelPlan): Promise<tf.LayersModel> {
  const modelTopology = copyOf(topology);
  let model: tf.LayersModel;
  try {
    model = await tf.models.modelFromJSON({ modelTopology } as unknown as ModelText);
  } catch (cause) {
    throw new Error(
      `${owner}(): the model can't be copied; a layer class of one's own is made known with tf.serialization.registerClass`,
      { cause },
    );
  }
  for (const layer of model.layers) {
    const drawn = layer.getWeights();
    const kept = weights.get(layer.name) ?? [];
    tf.tidy(() => {
      layer.setWeights(
        drawn.map((weight, i) => {
          const own = kept[i];
          return own ? tf.tensor(own.values, [...own.shape]) : weight;
        }),
      );
    });
  }
  return model;
}

/** Layers that are nothing but an activation function. */
const FUNCTIONS = ["Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax"];

const known = new Set(Object.keys(tf.layers).map((name) => name.toLowerCase()));

/** A plan's model while it is changed. */
export class Sketch {
  readonly #topology: Topology;
  readonly #weights: Map<string, readonly (Weight | undefined)[]>;

  constructor({ topology, weights }: ModelPlan) {
    this.#topology = copyOf(topology);
    this.#weights = new Map(weights);
  }

  plan(): ModelPlan {
    return { topology: this.#topology, weights: this.#weights };
  }

  get #layers(): readonly LayerSketch[] {
    return this.#topology.config.layers;
  }

  get hasHidden(): boolean {
    return this.#hidden.length > 0;
  }

  /** Layers that have a kernel and an activation function of their own, but for the last. */
  get #hidden(): readonly LayerSketch[] {
    return this.#withKernel.slice(0, -1);
  }

  get #withKernel(): LayerSketch[] {
    return this.#layers.filter(({ config }) => "kernel_initializer" in config && "activation" in config);
  }

  get #last(): LayerSketch {
    return this.#withKernel.at(-1)!;
  }

  get units(): number {
    return this.#last.config.units ?? this.#last.config.filters ?? 1;
  }

  /** The functions behind a layer that are layers of their own, up to the next layer with a kernel. */
  #functionsAfter(layer: LayerSketch): LayerSketch[] {
    const rest = this.#layers.slice(this.#layers.indexOf(layer) + 1);
    const next = rest.findIndex(({ config }) => "kernel_initializer" in config);
    const isFunction = ({ class_name, config }: LayerSketch): boolean =>
      FUNCTIONS.includes(class_name) ||
      // A layer of one's own without weights.
      (!known.has(class_name.toLowerCase()) &&
        class_name !== "InputLayer" &&
        this.#weights.get(config.name)?.length === 0);
    return rest.slice(0, next < 0 ? undefined : next).filter(isFunction);
  }

  get endsIn(): string {
    const [after] = this.#functionsAfter(this.#last);
    return after
      ? (after.config.activation ?? after.class_name.toLowerCase())
      : this.#last.config.activation!;
  }

  /** Gives a layer an activation function, in place of its own and of those that follow it as layers. */
  #activate(layer: LayerSketch, activation: string): void {
    layer.config.activation = activation;
    for (const after of this.#functionsAfter(layer)) {
      after.class_name = "Activation";
      after.config = { name: after.config.name, activation: "linear" };
    }
  }

  /** Draws the kernels of hidden layers anew. */
  restartHidden(start: object): void {
    for (const layer of this.#hidden) {
      const { config } = layer;
      const seed = 1 + this.#layers.indexOf(layer);
      config.kernel_initializer = { class_name: "VarianceScaling", config: { ...start, seed } };
      const [, ...others] = this.#weights.get(config.name) ?? [];
      this.#weights.set(config.name, [undefined, ...others]);
    }
  }

  activateHidden(activation: string): void {
    this.#hidden.forEach((layer) => {
      this.#activate(layer, activation);
    });
  }

  endIn(activation: string): void {
    this.#activate(this.#last, activation);
  }

  /** Takes penalties on weights out; says whether there were any. */
  freeOfPenalties(): boolean {
    let had = false;
    for (const { config } of this.#layers) {
      for (const key of Object.keys(config).filter((name) => name.endsWith("_regularizer"))) {
        had ||= config[key] !== null;
        config[key] = null;
      }
    }
    return had;
  }
}
