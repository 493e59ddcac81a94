import { fail, keysOf, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { GradientFactor } from "../measures/layerMeasures.js";
import { type RecordedStep, weightLayers } from "../measures/recordedSteps.js";
import { listText } from "./figureText.js";
import { gradientFactorNames, gradientFactors } from "./gradientFactors.js";
import { layerAxis } from "./layerAxis.js";
import { layerLines } from "./layerLines.js";
import { lineFigure, type LinePanel } from "./lineFigure.js";
import { withLossUnit } from "./lossUnit.js";
import type { DrawnLine } from "./lineTraces.js";
import { stylesOf } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { endsText, longest } from "./seriesLines.js";
import { type NamedSeries, namedSeries, type Series } from "./series.js";
import { stepOf, stepsNote, whenOf } from "./stepText.js";

/** When, of what, and what theory says. */
export interface GradientByLayerOptions extends RecordedStep {
  /**
   * The gradient by the weights (dL/dW; if not given), by the pre-activations (dL/dz), or what entered the layers; or
   * several of them, side by side: dL/dW = (what entered) x (dL/dz).
   */
  readonly of?: GradientFactor | readonly GradientFactor[];
  /** What theory expects of the first that is shown, as lines over what was measured. */
  readonly theory?: readonly TheoryLine[];
}

const OPTIONS = keysOf<GradientByLayerOptions>({ at: true, of: true, theory: true });

/** What is expected of each layer, from the first to the output. */
export interface TheoryLine {
  readonly label: string;
  readonly values: readonly number[];
  /** Whether the values are shares of what the first series shows in its output layer. */
  readonly relativeToOutput?: boolean;
}

const THEORY = keysOf<TheoryLine>({ label: true, values: true, relativeToOutput: true });

/**
 * The mean absolute gradient of each layer's kernel, of one network or several, on a log axis; or of the factors that
 * it is the product of. Several stand side by side, with as many decades on each axis: slopes can be compared.
 *
 * @throws RangeError for a step that no network recorded, a series of networks of other depths, or what is no record.
 */
export function gradientByLayerFigure(
  series: Series | readonly Series[],
  options: GradientByLayerOptions = {},
): Figure {
  const owner = "gradientByLayerFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const { at = 0, theory = [] } = options;
  theory.forEach((line, i) => {
    requireKnownKeys(owner, `theory[${i}]`, line, THEORY);
  });
  const names = factorNames(owner, options.of ?? "weights");
  const all = namedSeries(owner, series);
  const measured = names.map((name) => layerLines(owner, all, measureAt(owner, all, name, at)));
  const drawn = measured.map(({ lines }, i) => (i === 0 ? [...lines, ...theoryLines(lines, theory)] : lines));
  const depth = Math.max(...drawn.map(longest));
  const factors = names.map((name) => gradientFactors[name]);
  const several = names.length > 1;
  const title = several ? `Each layer's ${listText(factors.map(({ symbol }) => symbol))}` : factors[0]!.title;
  return lineFigure({
    title: `${title}, ${whenOf(all, at)}`,
    panels: factors.map(({ axis, symbol }, i): LinePanel => ({
      lines: drawn[i]!,
      hover: { values: `layer %{x}: ${several ? `${symbol} ` : ""}%{y:.2~e}` },
      x: layerAxis(depth, several ? 14 / names.length : 13),
      y: {
        ...axis,
        title: withLossUnit(axis.title, all),
      },
      ...(several && { heading: symbol }),
    })),
    gap: names.length === 3 ? 0.13 : 0.14,
    share: "decades",
    legend: several ? "below" : "beside",
    alt: factors.map(({ symbol }, i) => endsText(drawn[i]!, several ? `${symbol} of ` : "")).join("; "),
    notes: [...stepsNote(all, at), ...new Set(measured.flatMap(({ notes }) => notes))],
  });
}

function factorNames(
  owner: string,
  of: GradientFactor | readonly GradientFactor[],
): readonly GradientFactor[] {
  const names = typeof of === "string" ? [of] : of;
  if (!Array.isArray(names) || names.length === 0 || new Set(names).size < names.length) {
    fail(owner, "of", of, "a name or a list of different ones");
  }
  return names.map((name) => requireOneOf(owner, "of", name, gradientFactorNames));
}

/** Networks that stopped before the step lack it in every layer. */
function measureAt(owner: string, series: readonly NamedSeries[], name: GradientFactor, at: number) {
  stepOf(owner, series, at);
  const { of } = gradientFactors[name];
  return (record: NamedSeries["records"][number]): number[] =>
    weightLayers(record).map((layer) => of(layer).at(at) ?? NaN);
}

/** Thin gray lines without markers, told apart by their dashes. */
function theoryLines(measured: readonly DrawnLine[], theory: readonly TheoryLine[]): DrawnLine[] {
  const output = measured[0]!.y.at(-1)!;
  return theory.map(({ label, values, relativeToOutput = false }, i): DrawnLine => ({
    name: label,
    style: { color: stylesOf(["linear"])[0]!.color, dash: (["dash", "dot", "dashdot"] as const)[i % 3]! },
    x: values.map((_, layer) => layer + 1),
    y: relativeToOutput ? values.map((value) => value * output) : values,
    markers: "none",
  }));
}
