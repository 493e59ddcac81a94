import type { LayerRecord, ParameterRecord } from "./record.js";
import type { Moments, SignalSummary } from "./signal.js";

/** One trainable array, and where it lies in the flat list of all weights. */
export interface ParameterPlace {
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** One step: weights and gradient are flat over all parameters. */
export interface Step {
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly gradient: Float32Array;
  readonly clipFactor: number;
  readonly loss: number;
  readonly signals: readonly SignalSummary[];
}

type Lists<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Collects steps, and sorts what they hold by layer and parameter. */
export class Recorder {
  readonly steps: number[] = [];
  readonly loss: number[] = [];
  readonly clipFactor: number[] = [];
  readonly parameters: ParameterRecord[];
  readonly #lists: { place: ParameterPlace; record: Lists<ParameterRecord> }[];
  readonly #layers = new Map<string, NonNullable<ReturnType<typeof emptyLayer>>>();

  constructor(places: readonly ParameterPlace[]) {
    this.#lists = places.map((place) => {
      const { name, layer } = place;
      const shape = [...place.shape];
      return { place, record: { name, layer, shape, before: [], after: [], gradient: [], update: [] } };
    });
    this.parameters = this.#lists.map(({ record }) => record);
  }

  /** The layers that have a kernel, with what was recorded of them. */
  get layers(): LayerRecord[] {
    return [...this.#layers.values()];
  }

  add(step: number, { before, after, gradient, clipFactor, loss, signals }: Step): void {
    this.steps.push(step);
    this.loss.push(loss);
    this.clipFactor.push(clipFactor);
    const update = after.map((value, i) => value - before[i]!);
    for (const { place, record } of this.#lists) {
      const part = (flat: Float32Array): Float32Array => flat.subarray(place.start, place.end);
      record.before.push(part(before));
      record.after.push(part(after));
      record.gradient.push(part(gradient));
      record.update.push(part(update));
    }
    signals.forEach((signal) => {
      this.#addSignal(signal);
    });
  }

  #addSignal(signal: SignalSummary): void {
    const layer = this.#layers.get(signal.layer) ?? emptyLayer(signal, this.parameters);
    if (!layer) {
      return;
    }
    this.#layers.set(signal.layer, layer);
    push(layer.preActivations, signal.preActivations);
    push(layer.activations, signal.activations);
    layer.saturated.push(signal.saturated);
    layer.dead.push(signal.dead);
  }
}

interface MomentLists {
  mean: number[];
  std: number[];
}

function push(lists: MomentLists, { mean, std }: Moments): void {
  lists.mean.push(mean);
  lists.std.push(std);
}

/** A layer without recorded steps, or undefined for one whose kernel does not train. */
function emptyLayer({ layer, activation, units }: SignalSummary, parameters: readonly ParameterRecord[]) {
  const own = (name: string): ParameterRecord | undefined =>
    parameters.find((parameter) => parameter.layer === layer && parameter.name === name);
  const [kernel, bias] = [own("kernel"), own("bias")];
  return (
    kernel && {
      ...{ name: layer, units, activation },
      kernel,
      ...(bias ? { bias } : {}),
      preActivations: { mean: [], std: [] } as MomentLists,
      activations: { mean: [], std: [] } as MomentLists,
      input: { meanAbs: [], rms: [] },
      preActivationGradient: { meanAbs: [], rms: [] },
      saturated: [] as number[],
      dead: [] as number[],
    }
  );
}
