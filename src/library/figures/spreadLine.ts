import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import { spread } from "../measures/statistics.js";
import { learnedInterval } from "../measures/learning.js";
import type { TrainingRecord } from "../training/record.js";
import type { Line } from "./linesFigure.js";

/** A line of medians with their quartiles. */
export type SpreadLine = Line & Required<Pick<Line, "lower" | "upper">>;

/** What else to say of a line. */
export interface SpreadLineOptions {
  /** Decides the line's color. */
  readonly activation?: string;
}

/** The same, and which layers to show. */
export interface LayerSpreadLineOptions extends SpreadLineOptions {
  /** Whether to leave out the last layer; all are shown if not given. */
  readonly hiddenOnly?: boolean;
}

const OPTIONS = keysOf<SpreadLineOptions>({ activation: true });
const LEARNED_OPTIONS = keysOf<Pick<Line, "activation" | "dash">>({ activation: true, dash: true });
const LAYER_OPTIONS = keysOf<LayerSpreadLineOptions>({ activation: true, hiddenOnly: true });

/**
 * A line of medians with their quartiles, for `linesFigure`: a point for each x, from a group of things (networks) that
 * were measured there, each by one number.
 *
 * @example
 * spreadLine("relu", [0.1, 1], [[0.9, 0.8, 1], [0.3, 0.2, 0.5]], (accuracy) => accuracy).y; // [0.9, 0.3]
 * @throws RangeError for other numbers of groups than of x, or an empty group.
 */
export function spreadLine<T>(
  label: string,
  x: readonly number[],
  groups: readonly (readonly T[])[],
  measure: (one: T) => number,
  options: SpreadLineOptions = {},
): SpreadLine {
  requireKnownKeys("spreadLine", "options", options, OPTIONS);
  return lineOf("spreadLine", { label, ...options }, x, groups, quartilesOf(measure));
}

/** What a line shows of a group, and from where to where its band goes. */
interface Banded {
  readonly middle: number;
  readonly lower: number;
  readonly upper: number;
}

const quartilesOf =
  <T>(measure: (one: T) => number) =>
  (group: readonly T[]): Banded => {
    const { median, lower, upper } = spread(group.map((one) => measure(one)));
    return { middle: median, lower, upper };
  };

function lineOf<T>(
  owner: string,
  look: Pick<Line, "label" | "activation" | "dash">,
  x: readonly number[],
  groups: readonly (readonly T[])[],
  bandedOf: (group: readonly T[]) => Banded,
): SpreadLine {
  if (x.length !== groups.length || x.length === 0) {
    fail(owner, "groups", `${groups.length} for ${x.length} x`, "one group for each x, at least one");
  }
  const banded = groups.map((group, i) =>
    group.length === 0 ? fail(owner, `groups[${i}]`, [], "a list of at least one") : bandedOf(group),
  );
  return {
    ...look,
    x: [...x],
    y: banded.map(({ middle }) => middle),
    lower: banded.map(({ lower }) => lower),
    upper: banded.map(({ upper }) => upper),
  };
}

/**
 * A line of shares with their 95 % intervals (Wilson's), for `linesFigure`: for each x, which share of a group of networks learned,
 * with a test accuracy of at least `threshold`. Its bands are intervals: say so in the figure's option `bands`.
 *
 * @throws RangeError for other numbers of groups than of x, or an empty group.
 */
export function learnedLine(
  label: string,
  x: readonly number[],
  groups: readonly (readonly TrainingRecord[])[],
  threshold: number,
  options: Pick<Line, "activation" | "dash"> = {},
): SpreadLine {
  requireKnownKeys("learnedLine", "options", options, LEARNED_OPTIONS);
  return lineOf("learnedLine", { label, ...options }, x, groups, (group) => {
    const { share, lower, upper } = learnedInterval(group, threshold);
    return { middle: share, lower, upper };
  });
}

/**
 * A line over the layers of some networks, for `linesFigure`: in each layer, counted from 1, the median and the
 * quartiles over the networks of what the measure gives for that layer.
 *
 * @param networks For each network its layers: what `inspectSignals` gives, or `records.map(({ layers }) => layers)`.
 * @throws RangeError for no network, or networks of other depths.
 */
export function layerSpreadLine<T>(
  label: string,
  networks: readonly (readonly T[])[],
  measure: (layer: T) => number,
  options: LayerSpreadLineOptions = {},
): SpreadLine {
  const owner = "layerSpreadLine";
  requireKnownKeys(owner, "options", options, LAYER_OPTIONS);
  const { hiddenOnly = false, ...look } = options;
  const depth = networks[0]?.length ?? fail(owner, "networks", networks, "a list of at least one network");
  const other = networks.findIndex((network) => network.length !== depth);
  if (other >= 0) {
    fail(
      owner,
      `networks[${other}]`,
      `one of ${networks[other]!.length} layers`,
      `one of ${depth}, as the first`,
    );
  }
  const places = Array.from({ length: depth }, (_, i) => i).slice(0, hiddenOnly ? -1 : undefined);
  return lineOf(
    owner,
    { label, ...look },
    places.map((place) => place + 1),
    places.map((place) => networks.map((network) => network[place]!)),
    quartilesOf(measure),
  );
}
