import { percent } from "../ground/format.js";
import { fail } from "../ground/validation.js";
import type { EpochRecord, TrainingRecord } from "../training/record.js";
import { numberText } from "./figureText.js";
import { withLossUnit } from "./lossUnit.js";
import { lineFigure, type LinePanel } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import type { Figure } from "./plotlyFigure.js";
import { type NamedSeries, namedSeries, type Series } from "./series.js";
import { legendName, missingNote, type SeriesSpread, spreadOver } from "./seriesSpread.js";
import { axis } from "./theme.js";

type Measure = keyof EpochRecord;

/** One series, with what is drawn of it. */
interface Curves {
  readonly named: NamedSeries;
  readonly spreads: Readonly<Record<Measure, SeriesSpread>>;
  readonly hasTest: boolean;
}

/**
 * Loss and accuracy, epoch by epoch: on the training set (solid) and, where there is one, on the test set (dotted).
 * Of an ensemble the median is shown, in each epoch of the networks that ended it. Of trainings that are all in their first epoch:
 * the loss of each recorded batch.
 *
 * @throws RangeError for a series of which no network ended an epoch beside others that did, or what is no record.
 */
export function lossFigure(series: Series | readonly Series[]): Figure {
  const owner = "lossFigure";
  const given = namedSeries(owner, series);
  if (given.every(({ records }) => records.every(isInFirstEpoch))) {
    return batchLossFigure(given);
  }
  const all = given.map((named) => curvesOf(owner, named));
  const panel = (
    title: string,
    measure: Measure,
    test: Measure,
  ): Omit<LinePanel, "y"> & { title: string } => ({
    title,
    x: axis("epoch"),
    hover: { values: "training set, epoch %{x}: %{y:.4f}" },
    lines: [
      ...all.map((curves) => line(curves, measure)),
      ...all.filter(({ hasTest }) => hasTest).map((curves) => line(curves, test)),
    ],
  });
  const unit = withLossUnit(
    "loss, nats",
    all.map(({ named }) => named),
  );
  const [loss, accuracy] = [panel(unit, "loss", "testLoss"), panel("accuracy", "accuracy", "testAccuracy")];
  // Where numbers are told there is no right or wrong.
  const hasAccuracy = all.some(({ spreads }) => spreads.accuracy.y.some(Number.isFinite));
  const share = { title: accuracy.title, log: false, range: [0, 1.02], labels: ".0%" } as const;
  const tested = all.some(({ hasTest }) => hasTest);
  return lineFigure({
    title: `Loss${hasAccuracy ? " and accuracy" : ""}, epoch by epoch${tested ? " (dotted: test set)" : ""}`,
    panels: [
      { ...loss, y: { title: loss.title, log: false, fromZero: true } },
      ...(hasAccuracy ? [{ ...accuracy, y: share }] : []),
    ],
    gap: 0.12,
    legend: "above",
    alt: `At the end, ${all.map(endText).join("; ")}`,
    notes: all.flatMap(notes),
  });
}

const isInFirstEpoch = ({ epochs, steps }: TrainingRecord): boolean =>
  epochs.length === 0 && steps.length > 0;

/** The loss of each batch: before the first epoch has ended there is nothing else. */
function batchLossFigure(series: readonly NamedSeries[]): Figure {
  const lines = series.map((named): DrawnLine => {
    const { y, lower, upper } = spreadOver(named, ({ loss }) => loss);
    const { steps } = named.records.reduce((most, one) =>
      one.steps.length > most.steps.length ? one : most,
    );
    const bands = lower && upper ? { lower, upper } : {};
    return { name: named.name, style: named.style, x: [...steps], y, markers: "some", ...bands };
  });
  const title = withLossUnit("loss, nats", series);
  return lineFigure({
    title: "Loss of each batch, step by step, in the first epoch",
    panels: [
      {
        x: axis("step"),
        hover: { values: "step %{x}: %{y:.4f}" },
        lines,
        y: { title, log: false, fromZero: true },
      },
    ],
    alt: `So far, ${lines.map(({ name, y }) => `${name}: loss ${numberText(y.at(-1))}`).join("; ")}`,
  });
}

function curvesOf(owner: string, named: NamedSeries): Curves {
  if (named.records.every(({ epochs }) => epochs.length === 0)) {
    const label = named.records[0]!.label;
    fail(owner, named.argument, `a training of 0 whole epochs ("${label}")`, "one of at least 1");
  }
  const of = (measure: Measure): SeriesSpread =>
    spreadOver(named, ({ epochs }) => epochs.map((epoch) => epoch[measure] ?? NaN));
  return {
    named,
    spreads: {
      loss: of("loss"),
      accuracy: of("accuracy"),
      testLoss: of("testLoss"),
      testAccuracy: of("testAccuracy"),
    },
    hasTest: named.records.some(({ epochs }) => epochs[0]?.testAccuracy !== undefined),
  };
}

/** A few markers tell the networks apart without color; those of the test set would crowd them. */
function line({ named, spreads }: Curves, measure: Measure): DrawnLine {
  const { y } = spreads[measure];
  const isTest = measure.startsWith("test");
  return {
    name: legendName(named.name, spreads.loss.missing),
    style: isTest ? { ...named.style, dash: "dot" } : named.style,
    x: y.map((_, i) => i + 1),
    y,
    markers: isTest ? "none" : "some",
    ...(isTest && { hover: "test set, epoch %{x}: %{y:.4f}" }),
  };
}

function endText({ named, spreads, hasTest }: Curves): string {
  const last = (measure: Measure): number => spreads[measure].y.at(-1)!;
  const loss = `${named.name}: loss ${numberText(last("loss"))}`;
  if (Number.isNaN(last("accuracy"))) {
    return `${loss}${hasTest ? ` (test set: ${numberText(last("testLoss"))})` : ""}`;
  }
  const test = hasTest ? ` (test set: ${percent(last("testAccuracy"))})` : "";
  return `${loss}, accuracy ${percent(last("accuracy"))}${test}`;
}

/** What is missing, of the training set's curves and, where it is not the same, of the test set's. */
function notes({ named, spreads, hasTest }: Curves): string[] {
  const test = hasTest ? missingNote(`${named.name}, test set`, spreads.testLoss.missing, "epoch") : [];
  const isSame = JSON.stringify(spreads.testLoss.missing) === JSON.stringify(spreads.loss.missing);
  return [...missingNote(named.name, spreads.loss.missing, "epoch"), ...(isSame ? [] : test)];
}
