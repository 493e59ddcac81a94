import type { Data, Shape } from "plotly.js-dist";
import { shareThatLearned, testAccuracy } from "../measures/learning.js";
import { spread } from "../measures/statistics.js";
import { requireKnownKeys, requireNumber } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { percent } from "../ground/format.js";
import { type NamedSeries, namedSeries, type Series } from "./series.js";
import { axis, makeFigure } from "./theme.js";

/** From which test accuracy on a network counts as one that learned; not told if not given. */
export interface AccuracyFigureOptions {
  readonly threshold?: number;
}

/**
 * Test accuracy after the last epoch: a box (quartiles, median) for each ensemble, and a point for each of its
 * networks. With a threshold, the labels tell which share learned.
 *
 * @throws RangeError for a record without a test accuracy, or what is no record.
 */
export function testAccuracyFigure(
  series: Series | readonly Series[],
  options: AccuracyFigureOptions = {},
): Figure {
  const owner = "testAccuracyFigure";
  requireKnownKeys(owner, "options", options, ["threshold"]);
  const { threshold } = options;
  if (threshold !== undefined) {
    requireNumber(owner, "threshold", threshold, { min: 0, max: 1 });
  }
  const all = namedSeries(owner, series);
  const texts = all.map(({ name, records }) => {
    const { lower, median, upper } = spread(records.map(testAccuracy));
    const learned =
      threshold === undefined ? "" : `, ${percent(shareThatLearned(records, threshold))} learned`;
    return `${name}: median ${percent(median)}, quartiles ${percent(lower)} and ${percent(upper)}${learned}`;
  });
  const labels = all.map(({ name, records }) =>
    threshold === undefined ? name : `${name}<br>${percent(shareThatLearned(records, threshold))} learned`,
  );
  return makeFigure({
    title: "Test accuracy after the last epoch, network by network",
    data: all.map((named, i) => box(named, i)),
    layout: {
      xaxis: axis("", {
        ...{ showline: false, ticks: "", tickvals: all.map((_, i) => i), ticktext: labels },
        title: { text: "networks" },
        range: [-0.5, all.length - 0.5],
      }),
      yaxis: axis("test accuracy", { range: [-0.02, 1.04], dtick: 0.1, tickformat: ".0%" }),
      ...(threshold === undefined ? {} : { shapes: [limit(threshold)] }),
      showlegend: false,
    },
    alt: `${texts.join("; ")}.${threshold === undefined ? "" : ` A network learned if it names ${percent(threshold)} rightly.`}`,
  });
}

/** Points that would lie on each other stand side by side, in an order that does not change. */
function box({ name, style, records }: NamedSeries, place: number): Data {
  return {
    ...{ type: "box", name, x0: place, y: records.map(testAccuracy) },
    ...{ boxpoints: "all", pointpos: 0, jitter: 0.7, width: 0.5, quartilemethod: "linear" },
    ...{ line: { color: style.color, width: 2 }, fillcolor: `${style.color}22` },
    marker: { color: style.color, symbol: style.symbol, size: 5, opacity: 0.6 },
    hovertemplate: `${name}: %{y:.1%}<extra></extra>`,
  };
}

function limit(threshold: number): Partial<Shape> {
  return {
    ...{ type: "line", xref: "paper", x0: 0, x1: 1, y0: threshold, y1: threshold },
    line: { color: "#555555", dash: "dot", width: 1.5 },
  };
}
