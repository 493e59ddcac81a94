import type { Network, Parameter, Pass } from "./network.js";
import type { LayerRecord, ParameterRecord } from "./record.js";
import type { Passage } from "./watch.js";
import { saturationAndDeath, signalStatistics } from "./signal.js";

/** Weights around one step, flat over all parameters. */
export interface Step {
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly pass: Pass;
}

type Lists<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Collects steps, and sorts them by layer and parameter. */
export class Recorder {
  readonly steps: number[] = [];
  readonly loss: number[] = [];
  readonly parameters: ParameterRecord[];
  readonly #lists: { parameter: Parameter; record: Lists<ParameterRecord> }[];
  readonly #layers = new Map<string, ReturnType<typeof emptyLayer>>();

  constructor(network: Network) {
    this.#lists = network.parameters.map((parameter) => ({
      parameter,
      record: {
        name: parameter.name,
        layer: parameter.layer.name,
        shape: [...parameter.variable.shape],
        before: [],
        after: [],
        gradient: [],
        update: [],
      },
    }));
    this.parameters = this.#lists.map(({ record }) => record);
  }

  /** The layers that have a kernel, with what was recorded of them. */
  get layers(): LayerRecord[] {
    return [...this.#layers.values()];
  }

  add(step: number, { before, after, pass }: Step): void {
    this.steps.push(step);
    this.loss.push(pass.loss);
    const update = after.map((value, i) => value - before[i]!);
    for (const { parameter, record } of this.#lists) {
      const part = (flat: Float32Array): Float32Array => flat.subarray(parameter.start, parameter.end);
      record.before.push(part(before));
      record.after.push(part(after));
      record.gradient.push(part(pass.gradient));
      record.update.push(part(update));
    }
    pass.signals.forEach((signal) => {
      this.#addSignal(signal);
    });
  }

  #addSignal(signal: Passage): void {
    const name = signal.layer.name;
    let layer = this.#layers.get(name);
    if (!layer) {
      layer = emptyLayer(signal, this.parameters);
      this.#layers.set(name, layer);
    }
    push(layer.preActivations, signalStatistics(signal.z));
    push(layer.activations, signalStatistics(signal.a));
    const { saturated, dead } = saturationAndDeath(signal.activation, signal.z, signal.input.shape.at(-1)!);
    layer.saturated.push(saturated);
    layer.dead.push(dead);
  }
}

interface SignalLists {
  mean: number[];
  std: number[];
}

function push(lists: SignalLists, { mean, std }: { mean: number; std: number }): void {
  lists.mean.push(mean);
  lists.std.push(std);
}

function emptyLayer({ layer, activation, input }: Passage, parameters: readonly ParameterRecord[]) {
  const own = (name: string): ParameterRecord | undefined =>
    parameters.find((parameter) => parameter.layer === layer.name && parameter.name === name);
  const bias = own("bias");
  return {
    name: layer.name,
    units: input.shape.at(-1)!,
    kernel: own("kernel")!,
    ...(bias ? { bias } : {}),
    activation,
    preActivations: { mean: [], std: [] } as SignalLists,
    activations: { mean: [], std: [] } as SignalLists,
    saturated: [] as number[],
    dead: [] as number[],
  };
}
