/** What a live figure's page and worker know of each other: which networks train, and what is drawn of them. */
import type { ActivationName } from "../library/models/activations.js";
import type { PlotlyFigure } from "./page/plotly.js";

/** Whose gradient a live figure shows: that of the weights (dL/dW), or of the pre-activations (dL/dz). */
export type LiveGradient = "weights" | "preActivations";

/** The networks of a live figure, and how they are trained. */
export interface LiveSettings {
  readonly hiddenLayers: number;
  readonly activation: ActivationName;
  /** Networks with this function are trained beside them, the same but for that. */
  readonly beside: ActivationName | "none";
  /** How kernels start: "randomNormal" has the standard deviation 1 here, so that the scale is its own. */
  readonly kernelInitializer:
    "glorotUniform" | "heUniform" | "leCunUniform" | "orthogonal" | "randomNormal" | "zeros";
  readonly kernelScale: number;
  readonly optimizer: "sgd" | "adam";
  readonly learningRate: number;
  readonly batchNormalization: boolean;
  readonly residual: boolean;
  readonly epochs: number;
}

/** A live figure as it is now. */
export interface LivePicture {
  /** Steps that are done, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  readonly isEnd: boolean;
  /** At the first step, and at the latest one that is recorded. */
  readonly gradients: Readonly<Record<"first" | "latest", Readonly<Record<LiveGradient, LiveDrawing>>>>;
  readonly loss: LiveDrawing;
  readonly kinds: readonly LiveOutcome[];
}

/** A figure, with a text that says the same. */
export type LiveDrawing = PlotlyFigure & { readonly alt: string };

/** What became of the networks of one kind so far. */
export interface LiveOutcome {
  readonly name: string;
  readonly networks: number;
  /** Those that named at least `LEARNED` of the training examples in their last epoch. */
  readonly learned: number;
  /** Those whose numbers are no longer finite. */
  readonly diverged: number;
}

/** From which training accuracy on a network of a live figure has learned. */
export const LEARNED = 0.9;
