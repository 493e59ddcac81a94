import type { Data } from "plotly.js-dist";
import type { EpochRecord, TrainingRecord } from "../training/record.js";
import type { Figure } from "./figure.js";
import { percent, short } from "./format.js";
import { type NamedSeries, namedSeries, type Series, spreadOver } from "./series.js";
import { axis, layoutOf } from "./theme.js";

/** Loss and accuracy, epoch by epoch: on the training set (solid) and, where there is one, on the test set (dotted). */
export function lossFigure(series: Series | readonly Series[]): Figure {
  const all = namedSeries("lossFigure", series);
  const data = all.flatMap((named) => [
    curve(named, "loss", { yaxis: "y", dotted: false }),
    curve(named, "accuracy", { yaxis: "y2", dotted: false }),
    ...(hasTest(named)
      ? [
          curve(named, "testLoss", { yaxis: "y", dotted: true }),
          curve(named, "testAccuracy", { yaxis: "y2", dotted: true }),
        ]
      : []),
  ]);
  const anyTest = all.some(hasTest);
  const texts = all.map((named) => {
    const last = (key: keyof EpochRecord): number => valuesOf(named, key).at(-1) ?? NaN;
    const test = hasTest(named) ? `, on the test set ${percent(last("testAccuracy"))}` : "";
    return `${named.name}: loss ${short(last("loss"))}, accuracy ${percent(last("accuracy"))}${test}.`;
  });
  const title = "Loss and accuracy, epoch by epoch";
  return {
    data,
    layout: layoutOf(anyTest ? `${title} (dotted: test set)` : title, {
      xaxis: axis("epoch", { domain: [0, 0.45] }),
      xaxis2: axis("epoch", { domain: [0.57, 1], anchor: "y2" }),
      yaxis: axis("loss, nats", { rangemode: "tozero" }),
      yaxis2: axis("accuracy", { anchor: "x2", range: [0, 1.02], tickformat: ".0%" }),
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      margin: { l: 65, r: 25, t: 80, b: 60 },
    }),
    alt: `${title}. At the end: ${texts.join(" ")}`,
  };
}

function hasTest({ records }: NamedSeries): boolean {
  return records.every(({ epochs }) => epochs[0]?.testAccuracy !== undefined);
}

function valuesOf(named: NamedSeries, key: keyof EpochRecord): number[] {
  return spreadOver(named, (record: TrainingRecord) => record.epochs.map((epoch) => epoch[key] ?? NaN)).y;
}

function curve(
  named: NamedSeries,
  key: keyof EpochRecord,
  { yaxis, dotted }: { yaxis: "y" | "y2"; dotted: boolean },
): Data {
  const { name, style } = named;
  const y = valuesOf(named, key);
  return {
    ...{ type: "scatter", mode: "lines", name, legendgroup: name, showlegend: key === "loss" },
    ...{ x: y.map((_, i) => i + 1), y, yaxis, xaxis: yaxis === "y" ? "x" : "x2" },
    line: { color: style.color, dash: dotted ? "dot" : style.dash, width: 2 },
    hovertemplate: `${name}, epoch %{x}: %{y:.4f}<extra></extra>`,
  };
}
