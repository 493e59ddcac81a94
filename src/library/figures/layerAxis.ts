import type { LayoutAxis } from "plotly.js-dist";
import { axis } from "./theme.js";

/** An axis of layers 1 to `depth`, with at most so many labels. */
export function layerAxis(depth: number, labels = 13): Partial<LayoutAxis> {
  const ticks = labeledLayers(depth, labels);
  return axis("layer", {
    tickvals: ticks,
    ticktext: ticks.map((layer) =>
      layer === 1 ? "1<br>first" : layer === depth ? `${layer}<br>output` : String(layer),
    ),
    range: [0.6, depth + 0.4],
    tickangle: 0,
  });
}

/** The first and the last layer, and those between: every second, third, ... where there are too many for a label each. */
function labeledLayers(depth: number, labels: number): number[] {
  const every = Math.ceil(depth / labels);
  const between = Array.from({ length: depth - 1 }, (_, i) => i + 1).filter(
    (layer) => layer === 1 || (layer % every === 0 && layer > 1 && depth - layer >= every),
  );
  return every === 1 ? Array.from({ length: depth }, (_, i) => i + 1) : [...between, depth];
}
