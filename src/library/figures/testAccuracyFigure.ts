import type { Data, Shape } from "plotly.js-dist";
import { percent } from "../ground/format.js";
import { fail, keysOf, requireKnownKeys, requireNumber } from "../ground/validation.js";
import { testAccuracy } from "../measures/learning.js";
import { spread } from "../measures/statistics.js";
import { onOneLine } from "./figureText.js";
import type { Figure } from "./plotlyFigure.js";
import { type NamedSeries, namedSeries, type Series } from "./series.js";
import { axis, makeFigure } from "./theme.js";

/** From which test accuracy on a network counts as one that learned; not told if not given. */
export interface AccuracyFigureOptions {
  readonly threshold?: number;
}

const OPTIONS = keysOf<AccuracyFigureOptions>({ threshold: true });

/** One series, and where its networks stand. */
interface Accuracies {
  readonly named: NamedSeries;
  readonly values: readonly number[];
  /** Which share learned, in words; empty without a threshold. */
  readonly learned: string;
}

/**
 * Test accuracy after the last epoch: a box (quartiles, median) for each ensemble, and a point for each of its
 * networks. With a threshold, the labels tell which share learned. A network whose numbers were no longer finite has
 * an accuracy of 0; one that was stopped before its last epoch has that of the last it ended. The text counts both.
 *
 * @throws RangeError for a record without a test accuracy, naming it, or what is no record.
 */
export function testAccuracyFigure(
  series: Series | readonly Series[],
  options: AccuracyFigureOptions = {},
): Figure {
  const owner = "testAccuracyFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const { threshold } = options;
  if (threshold !== undefined) {
    requireNumber(owner, "threshold", threshold, { min: 0, max: 1 });
  }
  const all = namedSeries(owner, series).map((named): Accuracies => {
    const values = named.records.map((record) => accuracyOf(owner, named, record));
    return { named, values, learned: learnedText(values, threshold) };
  });
  const told =
    threshold === undefined ? [] : [`A network learned if it names ${percent(threshold)} rightly.`];
  return makeFigure({
    title: "Test accuracy after the last epoch, network by network",
    data: all.map(box),
    layout: {
      xaxis: axis("networks", {
        showline: false,
        ticks: "",
        tickvals: all.map((_, i) => i),
        ticktext: all.map(({ named, learned }) => `${named.name}${learned === "" ? "" : `<br>${learned}`}`),
        range: [-0.5, all.length - 0.5],
      }),
      yaxis: axis("test accuracy", accuracyRange([...all.flatMap(({ values }) => values), threshold ?? 1])),
      ...(threshold !== undefined && { shapes: [limit(threshold)] }),
      showlegend: false,
    },
    alt: [`${all.map(describe).join("; ")}.`, ...told, ...endedEarly(all)].join(" "),
  });
}

/** From 0 to 1; or from a tenth below the least accuracy, where all networks are good: what differs is to be seen. */
function accuracyRange(accuracies: readonly number[]): Record<string, unknown> {
  const least = Math.floor(10 * Math.min(...accuracies) - 0.5) / 10;
  const isGood = least >= 0.4;
  return { range: [isGood ? least : -0.02, 1.02], dtick: isGood ? 0.05 : 0.1, tickformat: ".0%" };
}

function accuracyOf(
  owner: string,
  { argument }: NamedSeries,
  record: NamedSeries["records"][number],
): number {
  const { label, epochs, stopped } = record;
  if (stopped?.reason !== "not finite" && epochs.at(-1)?.testAccuracy === undefined) {
    const why = epochs.length === 0 ? "of no whole epoch" : "without the option test";
    fail(
      owner,
      argument,
      `a training ${why} ("${label}")`,
      "one with the option test, of at least one epoch",
    );
  }
  return testAccuracy(record);
}

function learnedText(values: readonly number[], threshold: number | undefined): string {
  if (threshold === undefined) {
    return "";
  }
  return `${percent(values.filter((value) => value >= threshold).length / values.length)} learned`;
}

function describe({ named, values, learned }: Accuracies): string {
  const { lower, median, upper } = spread(values);
  const rest = learned === "" ? "" : `, ${learned}`;
  return `${onOneLine(named.name)}: median ${percent(median)}, quartiles ${percent(lower)} and ${percent(upper)}${rest}`;
}

/** What stands for networks that did not get to their last epoch. */
function endedEarly(all: readonly Accuracies[]): string[] {
  const texts = all.flatMap(({ named: { name, records } }) => {
    const count = (reason: string): number =>
      records.filter(({ stopped }) => stopped?.reason === reason).length;
    const [diverged, interrupted] = [count("not finite"), count("interrupt")];
    return [
      ...(diverged > 0 ? [`${diverged} of ${name} diverged and count as 0`] : []),
      ...(interrupted > 0 ? [`${interrupted} of ${name} stopped before the last epoch`] : []),
    ];
  });
  return texts.length > 0 ? [`Of the networks, ${texts.join(", ")}.`] : [];
}

/** Points that would lie on each other stand side by side, in an order that does not change. */
function box({ named: { name, style }, values }: Accuracies, place: number): Data {
  return {
    type: "box",
    name,
    x0: place,
    y: [...values],
    boxpoints: "all",
    pointpos: 0,
    jitter: 0.7,
    width: 0.5,
    quartilemethod: "linear",
    line: { color: style.color, width: 2 },
    fillcolor: `${style.color}22`,
    marker: { color: style.color, symbol: style.symbol, size: 5, opacity: 0.6 },
    hovertemplate: `${name}: %{y:.1%}<extra></extra>`,
  };
}

function limit(threshold: number): Partial<Shape> {
  return {
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: threshold,
    y1: threshold,
    line: { color: "#555555", dash: "dot", width: 1.5 },
  };
}
