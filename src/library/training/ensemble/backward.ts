import { tf } from "../../tensorflow/tf.js";
import { type ActivationName, activations } from "../../models/activations.js";
import { BATCH_NORMALIZATION } from "../../models/mlp.js";
import type { MlpSpec } from "../../models/mlpSpec.js";

/** What decides the passes. */
export interface PassSpec extends Pick<MlpSpec, "activation" | "residual"> {
  /** What is done to each number that a layer is given or gives, forward and backward; nothing in float32. */
  readonly round?: (tensor: tf.Tensor) => tf.Tensor;
}

const asItIs = (tensor: tf.Tensor): tf.Tensor => tensor;

/** One layer of all networks; n networks. */
export interface Layer {
  /** Weights W with the bias as their last column, [n, units, inputs + 1]. */
  readonly kernel: tf.Tensor;
  /** Batch normalization between kernel and activation function, [n, units, 1] each. */
  readonly normalization?: {
    readonly gamma: tf.Tensor;
    readonly beta: tf.Tensor;
    /** What to normalize by, at inference; the batch's own mean and variance if absent. */
    readonly moving?: Moments;
  };
}

/** Mean and variance over examples, [n, units, 1]. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** What a forward pass leaves behind for the backward pass. Layer l is list entry l; n networks, m examples. */
export interface ForwardPass {
  /** What enters layer l: [n, inputs, m]; layer 0's is [1, features, m]. */
  readonly streams: tf.Tensor[];
  /** The same with a row of ones for the bias: [n, inputs + 1, m]. */
  readonly inputs: tf.Tensor[];
  /** What enters the activation functions of the hidden layers, [n, units, m]. */
  readonly z: tf.Tensor[];
  /** What leaves them: a = f(z). */
  readonly a: tf.Tensor[];
  /** Where there is batch normalization: what it left before gamma and beta, what it divided by, and its moments. */
  readonly normalized: { readonly value: tf.Tensor; readonly std: tf.Tensor; readonly moments: Moments }[];
  /** z of the output layer, [n, m, outputs]. */
  readonly logits: tf.Tensor;
}

/** Gradients of one layer: by each parameter, in its shape, and by what entered the activation function. */
export interface LayerGradient {
  /** delta = dL/dz, as z is: [n, units, m]; of the output layer [n, m, outputs]. */
  readonly delta: tf.Tensor;
  readonly kernel: tf.Tensor;
  readonly gamma?: tf.Tensor;
  readonly beta?: tf.Tensor;
}

/** The examples' axis. */
const EXAMPLES = 2;

/** The forward pass of many networks at once. `x` is [m, features]. */
export function forwardPass(x: tf.Tensor, layers: readonly Layer[], spec: PassSpec): ForwardPass {
  const { tensorOutput } = activations[spec.activation];
  const { round = asItIs } = spec;
  const [examples] = x.shape as [number];
  const columns = round(x.transpose().expandDims(0));
  const withOnes = tf.concat([columns, tf.ones([1, 1, examples])], 1);
  const pass: Omit<ForwardPass, "logits"> = {
    streams: [columns],
    inputs: [withOnes],
    z: [],
    a: [],
    normalized: [],
  };
  const ones = tf.ones([layers[0]!.kernel.shape[0], 1, examples]);
  let stream: tf.Tensor | undefined;
  layers.slice(0, -1).forEach((layer, l) => {
    const sum = tf.matMul(layer.kernel, pass.inputs[l]!);
    const z = round(layer.normalization ? normalize(sum, layer.normalization, pass) : sum);
    const a = round(tensorOutput(z));
    pass.z.push(z);
    pass.a.push(a);
    stream = stream && spec.residual ? round(stream.add(a)) : a;
    pass.streams.push(stream);
    pass.inputs.push(tf.concat([stream, ones], 1));
  });
  // Transposed, so that the outputs of an example stand together.
  const logits = round(tf.matMul(pass.inputs.at(-1)!, layers.at(-1)!.kernel, true, true));
  return { ...pass, logits };
}

/**
 * The backward pass: the gradient of the loss by every parameter.
 *
 * It starts from delta = dL/dz of the output layer and goes back layer by layer:
 *
 *     dL/dK[l]   = delta[l] [a[l-1]; 1]^T
 *     delta[l-1] = (W[l]^T delta[l]) * f'(z[l-1])
 *
 * The second line is where gradients vanish or explode: each layer multiplies what comes back by its weights and
 * by the slope of its activation function. A residual connection adds a way around both: what came back to a layer's
 * output also goes on, unchanged, to the layer before it.
 *
 * `outputDelta` is [n, m, outputs], as `logits` is.
 */
export function backwardPass(
  pass: ForwardPass,
  outputDelta: tf.Tensor,
  layers: readonly Layer[],
  spec: PassSpec,
): LayerGradient[] {
  const { round = asItIs } = spec;
  const gradients: LayerGradient[] = [];
  let delta = round(outputDelta);
  let shortcut: tf.Tensor | undefined;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { kernel, normalization } = layers[l]!;
    const ofZ = delta;
    let ofNormalization = {};
    if (normalization) {
      const back = throughNormalization(delta, normalization.gamma, pass.normalized[l]!);
      delta = round(back.delta);
      ofNormalization = { gamma: round(back.gamma), beta: round(back.beta) };
    }
    // As the logits do, the output layer's delta comes transposed.
    const transposed = l === layers.length - 1;
    const kernelGradient = round(tf.matMul(delta, pass.inputs[l]!, transposed, true));
    gradients[l] = { delta: ofZ, kernel: kernelGradient, ...ofNormalization };
    if (l > 0) {
      const [n, units, columns] = kernel.shape as [number, number, number];
      const weights = kernel.slice([0, 0, 0], [n, units, columns - 1]);
      const back = round(tf.matMul(weights, delta, true, transposed));
      const upstream = shortcut ? round(back.add(shortcut)) : back;
      shortcut = spec.residual ? upstream : undefined;
      delta = round(timesSlope(spec.activation, upstream, pass.z[l - 1]!, pass.a[l - 1]!));
    }
  }
  return gradients;
}

function normalize(
  sum: tf.Tensor,
  { gamma, beta, moving }: NonNullable<Layer["normalization"]>,
  pass: Pick<ForwardPass, "normalized">,
): tf.Tensor {
  const moments = moving ?? tf.moments(sum, EXAMPLES, true);
  const std = moments.variance.add(BATCH_NORMALIZATION.epsilon).sqrt();
  const value = sum.sub(moments.mean).div(std);
  pass.normalized.push({ value, std, moments });
  return value.mul(gamma).add(beta);
}

/** Back through batch normalization (Ioffe and Szegedy 2015): mean and variance depend on every example too. */
function throughNormalization(
  delta: tf.Tensor,
  gamma: tf.Tensor,
  { value, std }: ForwardPass["normalized"][number],
): Required<Omit<LayerGradient, "kernel">> {
  const examples = value.shape[EXAMPLES]!;
  const ofBeta = delta.sum(EXAMPLES, true);
  const ofGamma = delta.mul(value).sum(EXAMPLES, true);
  const common = ofBeta.add(value.mul(ofGamma)).div(examples);
  return { delta: delta.sub(common).mul(gamma.div(std)), gamma: ofGamma, beta: ofBeta };
}

/** upstream * f'(z) */
function timesSlope(name: ActivationName, upstream: tf.Tensor, z: tf.Tensor, a: tf.Tensor): tf.Tensor {
  return activations[name].tensorBackward(upstream, z, a);
}
