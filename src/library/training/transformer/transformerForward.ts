import { tf } from "../../tensorflow/tf.js";
import type { ResolvedTransformerSpec, TransformerArray } from "../../models/transformerSpec.js";
import type { TrainingSignal } from "../trainable.js";

/** Added to a variance before its root is taken: Keras' value for layer normalization is 1e-3, PyTorch's and this is 1e-5. */
const EPSILON = 1e-5;

/** The arrays of a layer by name. */
export type ArraysOf = (layer: string) => LayerArrays;

/** Those that a layer has, each [networks, ...shape]. */
export type LayerArrays = Readonly<Partial<Record<TransformerArray["name"], tf.Tensor>>>;

/** What is added to a layer's z; its gradient is dL/dz. */
export type Nudge = (layer: string, z: tf.Tensor) => tf.Tensor;

/** What passes the layers with weights: signals in order of computation. */
export interface TransformerPass {
  /** [networks, examples, outputs] */
  readonly logits: tf.Tensor;
  readonly signals: readonly (TrainingSignal & { readonly z: tf.Tensor })[];
}

/**
 * softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017): each token takes from all tokens of its sequence, and most from those
 * whose key is alike its query. All are [..., tokens, d].
 */
export function attention(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): tf.Tensor {
  return attentionWeights(query, key).matMul(value);
}

/** softmax(Q K^T / sqrt(d)): how much each token takes from each, [..., tokens, tokens]; rows add up to 1. */
export function attentionWeights(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
  const scores = tf.matMul(query, key, false, true).div(Math.sqrt(query.shape.at(-1)!));
  // Written out: as a graph, the ready-made operation takes two axes only.
  const exponentials = scores.sub(scores.max(-1, true)).exp();
  return exponentials.div(exponentials.sum(-1, true));
}

/** The forward pass of many transformers. x holds tokens, [examples, tokens]. */
export function transformerForward(
  spec: ResolvedTransformerSpec,
  arraysOf: ArraysOf,
  x: tf.Tensor,
  nudge: Nudge = (_, z) => z,
): TransformerPass {
  const { tokens, width, heads, normalization, blocks } = spec;
  const examples = x.shape[0];
  const signals: TransformerPass["signals"][number][] = [];
  const note = (layer: string, z: tf.Tensor, activation: string, input?: tf.Tensor): tf.Tensor => {
    const nudged = nudge(layer, z);
    const a = activation === "relu" ? nudged.relu() : activation === "softmax" ? nudged.softmax() : nudged;
    signals.push({ activation, unitsFirst: false, z: nudged, a, ...(input && { input }) });
    return a;
  };
  const dense = (layer: string, input: tf.Tensor, activation = "linear"): tf.Tensor =>
    note(layer, input.matMul(arraysOf(layer).kernel!), activation, input);
  const norm = (layer: string, stream: tf.Tensor): tf.Tensor => {
    const { gamma, beta } = arraysOf(layer);
    const centered = beta ? stream.sub(stream.mean(-1, true)) : stream;
    const scaled = centered
      .div(centered.square().mean(-1, true).add(EPSILON).sqrt())
      .mul(gamma!.expandDims(1));
    return beta ? scaled.add(beta.expandDims(1)) : scaled;
  };
  /** [networks, examples * tokens, width] to one matrix for each network, example and head, and back. */
  const parted = (stream: tf.Tensor): tf.Tensor =>
    stream.reshape([-1, tokens, heads, width / heads]).transpose([0, 2, 1, 3]);
  const joined = (taken: tf.Tensor): tf.Tensor =>
    taken.transpose([0, 2, 1, 3]).reshape([-1, examples * tokens, width]);
  const attend = (block: string, input: tf.Tensor): tf.Tensor => {
    const [q, k, v] = ["query", "key", "value"].map((part) => parted(dense(`${block}${part}`, input)));
    return dense(`${block}attentionOut`, joined(attention(q!, k!, v!)));
  };
  const feedForward = (block: string, input: tf.Tensor): tf.Tensor =>
    dense(`${block}feedForwardOut`, dense(`${block}hidden`, input, "relu"));
  const add = (prefix: string, stream: tf.Tensor, branch: (input: tf.Tensor) => tf.Tensor): tf.Tensor => {
    const out = branch(normalization === "pre" ? norm(`${prefix}Norm`, stream) : stream);
    const gained =
      spec.branchGain === undefined ? out : out.mul(arraysOf(`${prefix}Gain`).gamma!.expandDims(1));
    const sum = stream.add(spec.branchScale === 1 ? gained : gained.mul(spec.branchScale));
    return normalization === "post" ? norm(`${prefix}Norm`, sum) : sum;
  };

  let stream = note("embedding", embedded(spec, arraysOf("embedding"), x), "linear");
  for (let b = 1; b <= blocks; b++) {
    const block = `block${b}_`;
    stream = add(`${block}attention`, stream, (input) => attend(block, input));
    stream = add(`${block}feedForward`, stream, (input) => feedForward(block, input));
  }
  const ended = normalization === "pre" ? norm("outputNorm", stream) : stream;
  const networks = ended.shape[0];
  const first = ended
    .reshape([networks, examples, tokens * width])
    .slice([0, 0, 0], [networks, examples, width]);
  dense("output", first, "softmax");
  return { logits: signals.at(-1)!.z, signals };
}

/** What stands for each token: a row for what it is and one for where it stands, [networks, examples * tokens, width]. */
function embedded(
  { vocabulary, tokens, width }: ResolvedTransformerSpec,
  { kernel, positions }: LayerArrays,
  x: tf.Tensor,
): tf.Tensor {
  const [networks, examples] = [kernel!.shape[0], x.shape[0]];
  const oneHot = x.reshape([-1, 1]).equal(tf.range(0, vocabulary)).toFloat();
  const table = kernel!.transpose([1, 0, 2]).reshape([vocabulary, networks * width]);
  const looked = oneHot.matMul(table).reshape([examples, tokens, networks, width]).transpose([2, 0, 1, 3]);
  return looked.add(positions!.expandDims(1)).reshape([networks, examples * tokens, width]);
}
