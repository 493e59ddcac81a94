import type { tf } from "../../tensorflow/tf.js";
import type { OutputLayer, TrainingRecord } from "../record.js";
import type { ParameterPlace } from "../trainable.js";

export type Layer = tf.layers.Layer;

/** What layers hold that hold layers: nested models, wrappers. */
interface Outer {
  readonly layers?: Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
}

interface NamedLayer {
  readonly layer: Layer;
  readonly name: string;
}

/**
 * All layers that compute, those inside of nested models and wrappers included, each once, with its name. Layers of two nested models
 * can have the same name: the second one is called "name_2".
 */
export function namedLayers(model: tf.LayersModel): Map<Layer, string> {
  const found = new Map(leavesOf(model.layers).map(({ layer, name }) => [layer, name]));
  const names = numbered([...found.values()]);
  return new Map([...found.keys()].map((layer, i) => [layer, names[i]!]));
}

/** The wrappers around other layers: TimeDistributed, Bidirectional. */
export function wrappersOf(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => {
    const { layers: nested, layer: wrapped } = layer as Outer;
    return nested ? wrappersOf(nested) : wrapped ? [layer, ...wrappersOf([wrapped])] : [];
  });
}

function leavesOf(layers: readonly Layer[]): NamedLayer[] {
  return layers.flatMap((layer) => {
    const { layers: nested, layer: wrapped, forwardLayer, backwardLayer } = layer as Outer;
    if (nested) {
      return leavesOf(nested);
    }
    if (forwardLayer && backwardLayer) {
      return [
        { layer: forwardLayer, name: `${layer.name}/forward` },
        { layer: backwardLayer, name: `${layer.name}/backward` },
      ];
    }
    const inner = wrapped ? leavesOf([wrapped]) : [];
    return inner.length > 1 ? inner : [{ layer: inner[0]?.layer ?? layer, name: layer.name }];
  });
}

/** The arrays of a layer that train, each under its name within the layer: of several cells, the second's is "kernel_2". */
export function trainedArrays(layer: Layer): { readonly name: string; readonly variable: tf.Variable }[] {
  const weights = layer.trainableWeights;
  const names = numbered(weights.map(({ originalName }) => originalName.split("/").at(-1)!));
  return weights.map((weight, i) => ({ name: names[i]!, variable: variableOf(weight) }));
}

/** All arrays of the layers that train, one after the other, and where each lies in all numbers of the network. */
export function trainedPlaces(
  layers: ReadonlyMap<Layer, string>,
): { readonly variable: tf.Variable; readonly place: ParameterPlace }[] {
  let size = 0;
  return [...layers].flatMap(([layer, layerName]) =>
    trainedArrays(layer).map(({ name, variable }) => {
      const start = size;
      size += variable.size;
      const end = size;
      const of = (network: Float32Array): Float32Array => network.subarray(start, end);
      return { variable, place: { name, layer: layerName, shape: [...variable.shape], of } };
    }),
  );
}

/** What a record tells of layers that are kept from training. Nothing, if there are none. */
export function frozenLayers(
  layers: ReadonlyMap<Layer, string>,
  output: OutputLayer,
): Pick<TrainingRecord, "frozen" | "output"> {
  const frozen = [...layers].filter(([layer]) => layer.weights.length > 0 && !layer.trainable);
  return frozen.length > 0 ? { frozen: frozen.map(([, name]) => name), output } : {};
}

/** Refuses a recurrent layer that goes on from where the last batch ended. */
export function refuseStateful(owner: string, layers: ReadonlyMap<Layer, string>): void {
  const stateful = [...layers].find(([layer]) => layer.stateful);
  if (stateful) {
    throw new Error(
      `${owner}(): layer "${stateful[1]}" is stateful; a recurrent layer must start from 0 in each batch to be recorded`,
    );
  }
}

/** What a LayerVariable reads is the variable itself. */
export const variableOf = (weight: tf.LayerVariable): tf.Variable => weight.read() as unknown as tf.Variable;

/** Names, of which one that has been there gets a number. */
function numbered(names: readonly string[]): string[] {
  const given = new Set<string>();
  return names.map((base) => {
    let name = base;
    for (let number = 2; given.has(name); number++) {
      name = `${base}_${number}`;
    }
    given.add(name);
    return name;
  });
}
