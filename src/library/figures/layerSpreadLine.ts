import { fail, requireKnownKeys } from "../ground/validation.js";
import { spread } from "../measures/statistics.js";
import type { Line } from "./linesFigure.js";

/** Which layers to show. */
export interface LayerSpreadOptions {
  /** Whether to leave out the last layer; all are shown if not given. */
  readonly hiddenOnly?: boolean;
}

const OPTIONS = { hiddenOnly: true } satisfies Record<keyof LayerSpreadOptions, true>;

/**
 * The numbers of a line over the layers of some networks, for `linesFigure`: in each layer, counted from 1, the median
 * and the quartiles over the networks of what the measure gives for that layer.
 *
 * @example
 * const networks = [[1, 2, 9], [3, 4, 9], [5, 9, 9]];
 * layerSpreadLine(networks, (size) => size, { hiddenOnly: true }).y; // [3, 4]
 * @param networks For each network its layers: what `inspectSignals` gives, or `records.map(({ layers }) => layers)`.
 * @throws RangeError for no network, or networks of other depths.
 */
export function layerSpreadLine<Layer>(
  networks: readonly (readonly Layer[])[],
  measure: (layer: Layer) => number,
  options: LayerSpreadOptions = {},
): Required<Pick<Line, "x" | "y" | "lower" | "upper">> {
  const owner = "layerSpreadLine";
  requireKnownKeys(owner, "options", options, Object.keys(OPTIONS));
  const depth = networks[0]?.length ?? fail(owner, "networks", networks, "a list of at least one network");
  const other = networks.findIndex((network) => network.length !== depth);
  if (other >= 0) {
    const held = `a network of ${networks[other]!.length} layers`;
    fail(owner, `networks[${other}]`, held, `one of ${depth}, as the first`);
  }
  const layers = Array.from({ length: depth - (options.hiddenOnly === true ? 1 : 0) }, (_, l) => l);
  const spreads = layers.map((l) => spread(networks.map((network) => measure(network[l]!))));
  return {
    x: layers.map((l) => l + 1),
    y: spreads.map(({ median }) => median),
    lower: spreads.map(({ lower }) => lower),
    upper: spreads.map(({ upper }) => upper),
  };
}
