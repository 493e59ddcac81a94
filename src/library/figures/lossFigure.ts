import type { Data } from "plotly.js-dist";
import type { EpochRecord } from "../training/record.js";
import { fail } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { percent, short } from "../ground/format.js";
import { type NamedSeries, namedSeries, type Series, spreadOver } from "./series.js";
import { axis, columns, LEGEND_ABOVE, makeFigure } from "./theme.js";

/**
 * Loss and accuracy, epoch by epoch: on the training set (solid) and, where there is one, on the test set (dotted).
 * Of an ensemble the median is shown.
 *
 * @throws RangeError for a training that did not end an epoch, or what is no record.
 */
export function lossFigure(series: Series | readonly Series[]): Figure {
  const owner = "lossFigure";
  const all = namedSeries(owner, series);
  all.forEach(({ records }, i) => {
    if (records.some(({ epochs }) => epochs.length === 0)) {
      fail(owner, `series[${i}]`, "a training of 0 whole epochs", "one of at least 1");
    }
  });
  const tested = all.filter(hasTest);
  const [left, right] = columns(2, 0.12);
  const texts = all.map((named) => {
    const last = (key: keyof EpochRecord): number => valuesOf(named, key).at(-1)!;
    const test = hasTest(named) ? ` (test set: ${percent(last("testAccuracy"))})` : "";
    return `${named.name}: loss ${short(last("loss"))}, accuracy ${percent(last("accuracy"))}${test}`;
  });
  return makeFigure({
    title: `Loss and accuracy, epoch by epoch${tested.length > 0 ? " (dotted: test set)" : ""}`,
    data: [
      ...all.flatMap((named) => [curve(named, "loss"), curve(named, "accuracy")]),
      ...tested.flatMap((named) => [curve(named, "testLoss"), curve(named, "testAccuracy")]),
    ],
    layout: {
      xaxis: axis("epoch", { domain: left! }),
      xaxis2: axis("epoch", { domain: right!, anchor: "y2" }),
      yaxis: axis("loss, nats", { rangemode: "tozero" }),
      yaxis2: axis("accuracy", { anchor: "x2", range: [0, 1.02], tickformat: ".0%" }),
      ...{ showlegend: true, legend: LEGEND_ABOVE, margin: { l: 65, r: 25, t: 80, b: 60 } },
    },
    alt: `At the end, ${texts.join("; ")}.`,
  });
}

function hasTest({ records }: NamedSeries): boolean {
  return records.every(({ epochs }) => epochs[0]?.testAccuracy !== undefined);
}

function valuesOf(named: NamedSeries, key: keyof EpochRecord): number[] {
  return spreadOver(named, ({ epochs }) => epochs.map((epoch) => epoch[key] ?? NaN)).y;
}

function curve(named: NamedSeries, key: keyof EpochRecord): Data {
  const { name, style } = named;
  const y = valuesOf(named, key);
  const isTest = key.startsWith("test");
  const panel = /loss/i.test(key) ? { xaxis: "x", yaxis: "y" } : { xaxis: "x2", yaxis: "y2" };
  return {
    ...{ type: "scatter", name, legendgroup: name, showlegend: key === "loss", ...panel },
    ...{ x: y.map((_, i) => i + 1), y },
    line: { color: style.color, dash: isTest ? "dot" : "solid", width: 2 },
    // A few markers tell the networks apart without color; those of the test set would crowd them.
    ...(isTest
      ? { mode: "lines" }
      : {
          mode: "lines+markers",
          marker: { color: style.color, symbol: style.symbol, size: 7, maxdisplayed: 8 },
        }),
    hovertemplate: `${name}, ${isTest ? "test set" : "training set"}, epoch %{x}: %{y:.4f}<extra></extra>`,
  } as Data;
}
