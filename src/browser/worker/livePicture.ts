import { gradientByLayerFigure } from "../../library/figures/gradientByLayerFigure.js";
import { type Line, linesFigure } from "../../library/figures/linesFigure.js";
import { lossFigure } from "../../library/figures/lossFigure.js";
import type { Figure } from "../../library/figures/plotlyFigure.js";
import { spread } from "../../library/measures/statistics.js";
import type { TrainingRecord } from "../../library/training/record.js";
import { LEARNED, type LiveDrawing, type LiveGradient, type LiveOutcome, type LivePicture } from "../live.js";

type Networks = readonly TrainingRecord[];

/** What is drawn of networks that train, one group for each kind. */
export function picture(groups: readonly Networks[]): Omit<LivePicture, "step" | "steps" | "isEnd"> {
  const drawn = groups
    .map((networks) => networks.filter(({ steps }) => steps.length > 0))
    .filter((networks) => networks.length > 0);
  if (drawn.length === 0) {
    throw new Error("the numbers of all networks are not finite from the first step on");
  }
  const all = drawn.flat();
  const latest = all.some(({ stopped }) => stopped)
    ? -1
    : Math.max(...all.map(({ steps }) => steps.length)) - 1;
  const gradientsAt = (at: number): Record<LiveGradient, LiveDrawing> => ({
    weights: drawing(gradientByLayerFigure(drawn, { at, of: "weights" })),
    preActivations: drawing(gradientByLayerFigure(drawn, { at, of: "preActivations" })),
  });
  return {
    gradients: { first: gradientsAt(0), latest: gradientsAt(latest) },
    loss: drawing(lossOf(drawn)),
    kinds: groups.map(outcomeOf),
  };
}

const drawing = (figure: Figure): LiveDrawing => figure as unknown as LiveDrawing;

/** In the first epoch of each batch, then of each epoch: medians, and quartiles as bands. */
function lossOf(groups: readonly Networks[]): Figure {
  const lines = groups.map(lossLine).filter(({ x }) => x.length > 0);
  return lines.length === 0
    ? lossFigure(groups)
    : linesFigure(lines, { title: "Loss on the training set, epoch by epoch", x: "epoch", y: "loss, nats" });
}

function lossLine(networks: Networks): Line {
  const lossesOf = (epoch: number): number[] =>
    networks.map(({ epochs }) => epochs[epoch]?.loss ?? NaN).filter((loss) => Number.isFinite(loss));
  const epochs = Math.max(...networks.map((one) => one.epochs.length));
  const losses = Array.from({ length: epochs }, (_, epoch) => lossesOf(epoch)).filter(
    ({ length }) => length > 0,
  );
  const spreads = losses.map((list) => spread(list));
  const { label } = networks[0]!;
  return {
    label: `${label}, ${networks.length} seeds`,
    activation: label,
    x: spreads.map((_, i) => i + 1),
    y: spreads.map(({ median }) => median),
    lower: spreads.map(({ lower }) => lower),
    upper: spreads.map(({ upper }) => upper),
  };
}

function outcomeOf(networks: Networks): LiveOutcome {
  const diverged = networks.filter(({ stopped }) => stopped?.reason === "not finite");
  const learned = networks.filter(
    (one) => !diverged.includes(one) && (one.epochs.at(-1)?.accuracy ?? 0) >= LEARNED,
  );
  return {
    name: networks[0]!.label,
    networks: networks.length,
    learned: learned.length,
    diverged: diverged.length,
  };
}
