import type { LiveGradient, LiveOutcome, LivePicture, LiveSettings } from "../live.js";

/** What a live figure is set to: its networks, and what is shown of them. */
export interface LiveState extends LiveSettings {
  readonly at: "first" | "latest";
  readonly of: LiveGradient;
}

/** What it is set to at the start, unless the page says something else. */
export const START: LiveState = {
  hiddenLayers: 8,
  activation: "sigmoid",
  beside: "relu",
  kernelInitializer: "glorotUniform",
  kernelScale: 1,
  optimizer: "sgd",
  learningRate: 0.1,
  batchNormalization: false,
  residual: false,
  epochs: 60,
  at: "latest",
  of: "weights",
};

export type SliderKey = "hiddenLayers" | "learningRate" | "kernelScale";

/** 1, 1.5, 2, 3, 5, 7 of each decade. */
const decades = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)
    .flatMap((exponent) => [1, 1.5, 2, 3, 5, 7].map((digit) => Number(`${digit}e${exponent}`)))
    .concat(10 ** to);

/** What each slider goes over, and how its values are said. */
export const SLIDERS: Readonly<
  Record<SliderKey, { readonly values: readonly number[]; readonly say: (value: number) => string }>
> = {
  hiddenLayers: { values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50], say: String },
  learningRate: { values: decades(-4, 1), say: String },
  kernelScale: { values: decades(-2, 1), say: (value) => `× ${value}` },
};

/** The place of the value that is nearest. */
export function nearest(values: readonly number[], value: number): number {
  const distances = values.map((one) => Math.abs(Math.log(one / value)));
  return distances.indexOf(Math.min(...distances));
}

/** Whether other networks have to be trained for it. */
export const isOfNetworks = (change: Partial<LiveState>): boolean =>
  Object.keys(change).some((key) => key !== "at" && key !== "of");

/** What became of all networks, in words. */
export function outcomeText({ kinds, step, steps, isEnd }: LivePicture, { epochs }: LiveState): string {
  const each = kinds.map((kind) => `${kind.name}: ${learnedText(kind)}`).join("; ");
  if (isEnd && step < steps) {
    return `Ended at step ${Math.round(step)}: no network has finite numbers any more.`;
  }
  const when = isEnd ? `After ${epochs} epochs` : `Stopped at step ${Math.round(step)}`;
  return `${when}, networks that learned: ${each}.`;
}

function learnedText({ learned, networks, diverged }: LiveOutcome): string {
  const lost = diverged > 0 ? ` (the numbers of ${diverged} are no longer finite)` : "";
  return `${learned} of ${networks}${lost}`;
}
