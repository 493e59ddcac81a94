import type { tf } from "../../tensorflow/tf.js";
import { activationOfLayer } from "../../models/activationOfLayer.js";
import type { Layer } from "./layerTree.js";

/** An activation function of tfjs-layers. */
export interface ActivationFunction {
  apply(z: tf.Tensor): tf.Tensor;
  getClassName(): string;
}

/**
 * What a layer does with what passes it:
 * - "linear": weights, then an activation function of its own: dense layers, convolutions.
 * - "recurrent": cells that are run step by step.
 * - "lookup": words into vectors.
 * - "scaling": weights that scale number by number; what was linear before stays so.
 * - "ownWeights": weights of which nothing is known: a class of one's own.
 * - "activation": an activation function and nothing else.
 * - "passing": no weights; what enters an activation function afterwards is still the layer's before.
 * - "other": no weights; what comes out is no single layer's.
 */
export type LayerKind =
  "linear" | "recurrent" | "lookup" | "scaling" | "ownWeights" | "activation" | "passing" | "other";

const LINEAR = /^(Dense|Conv[123]D|Conv[23]DTranspose|SeparableConv2D|DepthwiseConv2D)$/;
const SCALING = /^(BatchNormalization|LayerNormalization|PReLU)$/;
const PASSING =
  /Dropout|Noise|Normalization|Pooling|Padding|Cropping|^(Flatten|Reshape|RepeatVector|UpSampling2D|Masking|Rescaling|Add|Average)$/;
const OTHER =
  /^(InputLayer|Permute|Concatenate|Dot|Multiply|Maximum|Minimum|CategoryEncoding|CenterCrop|Resizing|RandomWidth|RandomHeight)$/;

/** What a layer is, by its class; one of an unknown class that has no weights is taken for an activation function. */
export function kindOf(layer: Layer): LayerKind {
  const name = layer.getClassName();
  if ("cell" in layer) {
    return "recurrent";
  }
  const known = [
    [LINEAR, "linear"],
    [SCALING, "scaling"],
    [/^Embedding$/, "lookup"],
    [PASSING, "passing"],
    [OTHER, "other"],
  ] as const;
  const found = known.find(([pattern]) => pattern.test(name));
  return found?.[1] ?? (layer.weights.length > 0 ? "ownWeights" : "activation");
}

/** The activation function that a layer is or has, by its name. */
export function activationName(layer: Layer): string {
  const { activation } = layer as { readonly activation?: ActivationFunction | null };
  const className = layer.getClassName();
  const name = className === "PReLU" ? "prelu" : `${className[0]!.toLowerCase()}${className.slice(1)}`;
  return activation?.getClassName() ?? activationOfLayer(layer) ?? name;
}
