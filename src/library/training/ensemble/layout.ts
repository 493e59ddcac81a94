import { mlpLayers, type ResolvedMlpSpec } from "../../models/mlp.js";
import type { ParameterPlace } from "../recorder.js";

/** One trainable array of one network, and how to find it among the arrays of all networks. */
export interface ArrayPlace extends ParameterPlace {
  /** This array of one network, in the shape that Keras and tfjs give it, from all arrays of all networks. */
  readonly of: (network: number, arrays: readonly Float32Array[]) => Float32Array;
}

/**
 * The trainable arrays of a network in the order of `tf.LayersModel`: kernel, bias, and gamma and beta where there is
 * batch normalisation. Of all networks they are kept as `EnsembleWeights` has them: [networks, units, inputs + 1] with
 * kernel and bias, then gamma and beta.
 */
export function arrayPlaces(spec: ResolvedMlpSpec): ArrayPlace[] {
  let end = 0;
  let array = 0;
  const place = (layer: string, name: string, shape: number[], of: ArrayPlace["of"]): ArrayPlace => {
    const start = end;
    end += shape.reduce((product, length) => product * length);
    return { layer, name, shape, start, end, of };
  };
  return mlpLayers(spec).flatMap(({ name: layer, inputs, units }, index) => {
    const own = array++;
    const places = [
      place(layer, "kernel", [inputs, units], (network, arrays) =>
        kernelOf(arrays[own]!, network, inputs, units),
      ),
      place(layer, "bias", [units], (network, arrays) => biasOf(arrays[own]!, network, inputs, units)),
    ];
    const isHidden = index < spec.hiddenLayers;
    const ofNormalization = (spec.batchNormalization && isHidden ? ["gamma", "beta"] : []).map((name) => {
      const perUnit = array++;
      return place(`${layer}_batchNormalization`, name, [units], (network, arrays) =>
        arrays[perUnit]!.slice(network * units, (network + 1) * units),
      );
    });
    return [...places, ...ofNormalization];
  });
}

/** [inputs, units] from [networks, units, inputs + 1]. */
function kernelOf(values: Float32Array, network: number, inputs: number, units: number): Float32Array {
  const kernel = new Float32Array(inputs * units);
  const start = network * units * (inputs + 1);
  for (let unit = 0; unit < units; unit++) {
    for (let input = 0; input < inputs; input++) {
      kernel[input * units + unit] = values[start + unit * (inputs + 1) + input]!;
    }
  }
  return kernel;
}

function biasOf(values: Float32Array, network: number, inputs: number, units: number): Float32Array {
  const start = network * units * (inputs + 1) + inputs;
  return Float32Array.from({ length: units }, (_, unit) => values[start + unit * (inputs + 1)]!);
}
