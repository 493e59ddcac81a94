import {
  fail,
  keysOf,
  requireBoolean,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
  requirePositive,
} from "../ground/validation.js";
import type { InitializerSpec } from "./initializers.js";

/** Small transformers that read a sequence of tokens and tell one class of it, from what stands at the first token. */
export interface TransformerSpec {
  /** How many different tokens there are: 0 to vocabulary - 1. */
  readonly vocabulary: number;
  /** Length of a sequence. */
  readonly tokens: number;
  /** Number of classes. */
  readonly outputs: number;
  /** Blocks of attention and a feed-forward network. */
  readonly blocks: number;
  readonly width: number;
  /** Attention heads, of width / heads numbers each; 1 if not given. */
  readonly heads?: number;
  /** Hidden units of the feed-forward networks; twice the width if not given. */
  readonly hidden?: number;
  /**
   * Where a block normalizes: "post", what comes out of each sum (Vaswani et al. 2017); "pre", what enters each branch, and
   * once more before the output; "none".
   */
  readonly normalization: "post" | "pre" | "none";
  /** By mean and standard deviation ("layer", Ba et al. 2016; if not given), or by the root mean square alone ("rms", Zhang and Sennrich 2019). */
  readonly norm?: "layer" | "rms";
  /** A constant that multiplies each branch before it is added; 1 if not given. */
  readonly branchScale?: number;
  /** A learned number for each unit multiplies each branch, and starts at this (LayerScale, Touvron et al. 2021). None if not given. */
  readonly branchGain?: number;
  /** Whether the last matrix of each branch starts at zero, as in Fixup (Zhang et al. 2019); false if not given. */
  readonly zeroBranches?: boolean;
}

/** The same with all defaults filled in. */
export type ResolvedTransformerSpec = Required<Omit<TransformerSpec, "branchGain">> &
  Pick<TransformerSpec, "branchGain">;

const KEYS = keysOf<TransformerSpec>({
  vocabulary: true,
  tokens: true,
  outputs: true,
  blocks: true,
  width: true,
  heads: true,
  hidden: true,
  normalization: true,
  norm: true,
  branchScale: true,
  branchGain: true,
  zeroBranches: true,
});

/** Checks a spec for the function, the owner, that was given it. */
export function checkTransformerSpec(owner: string, spec: TransformerSpec): ResolvedTransformerSpec {
  requireKnownKeys(owner, "spec", spec, KEYS);
  const whole = (name: string, value: unknown, min = 1): number =>
    requireInteger(owner, name, value, { min });
  const width = whole("width", spec.width);
  const heads = whole("heads", spec.heads ?? 1);
  if (width % heads !== 0) {
    fail(owner, "heads", heads, `a divisor of the width, ${width}`);
  }
  return {
    vocabulary: whole("vocabulary", spec.vocabulary, 2),
    tokens: whole("tokens", spec.tokens),
    outputs: whole("outputs", spec.outputs, 2),
    blocks: whole("blocks", spec.blocks),
    width,
    heads,
    hidden: whole("hidden", spec.hidden ?? 2 * width),
    normalization: requireOneOf(owner, "normalization", spec.normalization, ["post", "pre", "none"]),
    norm: requireOneOf(owner, "norm", spec.norm ?? "layer", ["layer", "rms"]),
    branchScale: requirePositive(owner, "branchScale", spec.branchScale ?? 1),
    zeroBranches: requireBoolean(owner, "zeroBranches", spec.zeroBranches ?? false),
    ...(spec.branchGain !== undefined && {
      branchGain: requireNumber(owner, "branchGain", spec.branchGain),
    }),
  };
}

/** One trainable array of a transformer. */
export interface TransformerArray {
  readonly layer: string;
  readonly name: "kernel" | "positions" | "gamma" | "beta";
  /** A kernel is [inputs, units]. */
  readonly shape: readonly number[];
  /** What it starts from: an initializer, or one number everywhere. */
  readonly start: InitializerSpec | number;
  /** Whether it scales number by number. */
  readonly isScaling: boolean;
}

/** Tokens and positions together start with variance 1. */
const HALF: InitializerSpec = { name: "randomNormal", mean: 0, stddev: Math.SQRT1_2 };

/** All trainable arrays, in order of computation. Kernels start by Glorot's (Xavier's) rule; there are no biases. */
export function transformerArrays(spec: ResolvedTransformerSpec): TransformerArray[] {
  const { vocabulary, tokens, outputs, blocks, width, hidden, normalization, zeroBranches } = spec;
  const array = (
    layer: string,
    name: TransformerArray["name"],
    shape: number[],
    start: TransformerArray["start"] = "glorotUniform",
  ): TransformerArray => ({ layer, name, shape, start, isScaling: name === "gamma" || name === "beta" });
  const last = zeroBranches ? 0 : "glorotUniform";
  const norm = (layer: string): TransformerArray[] => [
    array(layer, "gamma", [width], 1),
    ...(spec.norm === "layer" ? [array(layer, "beta", [width], 0)] : []),
  ];
  const branch = (prefix: string, matrices: TransformerArray[]): TransformerArray[] => [
    ...(normalization === "pre" ? norm(`${prefix}Norm`) : []),
    ...matrices,
    ...(spec.branchGain === undefined ? [] : [array(`${prefix}Gain`, "gamma", [width], spec.branchGain)]),
    ...(normalization === "post" ? norm(`${prefix}Norm`) : []),
  ];
  return [
    array("embedding", "kernel", [vocabulary, width], HALF),
    array("embedding", "positions", [tokens, width], HALF),
    ...Array.from({ length: blocks }, (_, b) => `block${b + 1}_`).flatMap((block) => [
      ...branch(`${block}attention`, [
        ...["query", "key", "value"].map((part) => array(`${block}${part}`, "kernel", [width, width])),
        array(`${block}attentionOut`, "kernel", [width, width], last),
      ]),
      ...branch(`${block}feedForward`, [
        array(`${block}hidden`, "kernel", [width, hidden]),
        array(`${block}feedForwardOut`, "kernel", [hidden, width], last),
      ]),
    ]),
    ...(normalization === "pre" ? norm("outputNorm") : []),
    array("output", "kernel", [width, outputs]),
  ];
}
