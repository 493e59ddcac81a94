import { mlpLayers, type ResolvedEnsembleSpec } from "../../models/mlpSpec.js";
import { scalingPlace } from "../layerStatistics.js";
import type { LayerPlace, ParameterPlace } from "../trainable.js";

/** An array of one layer of many networks, [networks, ...shape], and how many numbers it has for each. */
export interface Block {
  readonly layer: number;
  /** The kernel has the bias as its last column: [units, inputs + 1]. */
  readonly kind: "kernel" | "gamma" | "beta";
  readonly shape: readonly [rows: number, columns: number];
}

/** How the numbers of a network lie one after the other: kernel with bias, and gamma and beta where there are any. */
export function blocksOf(spec: ResolvedEnsembleSpec): Block[] {
  return mlpLayers(spec).flatMap(({ inputs, units }, layer): Block[] => {
    const kernel: Block = { layer, kind: "kernel", shape: [units, inputs + 1] };
    const isNormalized = spec.batchNormalization && layer < spec.hiddenLayers;
    return isNormalized
      ? [kernel, { layer, kind: "gamma", shape: [units, 1] }, { layer, kind: "beta", shape: [units, 1] }]
      : [kernel];
  });
}

/** How many numbers each block has. */
export const blockSizes = (spec: ResolvedEnsembleSpec): number[] =>
  blocksOf(spec).map(({ shape: [rows, columns] }) => rows * columns);

/** How many numbers a network has. */
export const networkSize = (spec: ResolvedEnsembleSpec): number =>
  blockSizes(spec).reduce((sum, size) => sum + size, 0);

/** The trainable arrays of a network in the order and the shapes of `tf.LayersModel`. */
export function placesOf(spec: ResolvedEnsembleSpec): ParameterPlace[] {
  const layers = mlpLayers(spec);
  let start = 0;
  return blocksOf(spec).flatMap(({ layer, kind, shape: [rows, columns] }): ParameterPlace[] => {
    const { name, inputs, units } = layers[layer]!;
    const first = start;
    start += rows * columns;
    const block = (network: Float32Array): Float32Array => network.subarray(first, first + rows * columns);
    return kind === "kernel"
      ? [
          {
            layer: name,
            name: "kernel",
            shape: [inputs, units],
            of: (network) => kernelOf(block(network), inputs, units),
          },
          {
            layer: name,
            name: "bias",
            shape: [units],
            of: (network) => biasOf(block(network), inputs, units),
          },
        ]
      : [{ layer: normalizationName(name), name: kind, shape: [units], of: block }];
  });
}

/** What the batch normalization after a layer is called. */
const normalizationName = (layer: string): string => `${layer}_batchNormalization`;

/** The batch normalization after a layer, as a record tells of it. */
export const normalizationPlace = (layer: string, units: number): LayerPlace =>
  scalingPlace(normalizationName(layer), units, "linear");

/** [inputs, units] from [units, inputs + 1]. */
function kernelOf(values: Float32Array, inputs: number, units: number): Float32Array {
  const kernel = new Float32Array(inputs * units);
  for (let unit = 0; unit < units; unit++) {
    for (let input = 0; input < inputs; input++) {
      kernel[input * units + unit] = values[unit * (inputs + 1) + input]!;
    }
  }
  return kernel;
}

function biasOf(values: Float32Array, inputs: number, units: number): Float32Array {
  return Float32Array.from({ length: units }, (_, unit) => values[unit * (inputs + 1) + inputs]!);
}
