import { type ChangeUnit, gradientByLayer, weightChangeByLayer } from "../measures/layerMeasures.js";
import type { Span } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import { requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { Figure } from "./figure.js";
import { short } from "../ground/format.js";
import { type LogLine, logLines, zerosNote } from "./logAxis.js";
import { stylesOf } from "./palette.js";
import { namedSeries, type Series, spreadOver } from "./series.js";
import { axis, LEGEND_BESIDE, makeFigure } from "./theme.js";

/** Which recorded step to show: an index, from the end if negative; the first if not given. */
export interface GradientByLayerOptions {
  readonly step?: number;
  /** What theory expects, as lines over what was measured. */
  readonly theory?: readonly TheoryLine[];
}

/** What is expected of each layer, from the first to the output. */
export interface TheoryLine {
  readonly label: string;
  readonly values: readonly number[];
}

/** What the weight change is measured in, and over which recorded steps. */
export interface WeightChangeByLayerOptions extends Span {
  readonly unit?: ChangeUnit;
}

/** Axis titles. The loss is in nats, and a weight has no unit. */
const UNITS = {
  absolute: "mean |W after − W before|",
  relative: "mean |change| / mean |W before|",
  perLearningRate: "mean |change| / learning rate",
} as const satisfies Record<ChangeUnit, string>;

/**
 * The mean absolute gradient of each layer's kernel, of one network or several, on one log axis.
 *
 * @throws RangeError for a step that was not recorded, or what is no record.
 */
export function gradientByLayerFigure(
  series: Series | readonly Series[],
  options: GradientByLayerOptions = {},
): Figure {
  const owner = "gradientByLayerFigure";
  requireKnownKeys(owner, "options", options, ["step", "theory"]);
  const { step = 0, theory = [] } = options;
  const when =
    step === 0 ? "at the first step" : step === -1 ? "at the last step" : `at recorded step ${step}`;
  return byLayerFigure(owner, series, {
    title: `Gradient that reaches each layer's weights, ${when}`,
    yTitle: "mean |dL/dW|, nats per unit weight",
    measure: (record) => gradientByLayer(record, { at: step }),
    theory,
  });
}

/**
 * The mean absolute weight change of each layer's kernel, of one network or several, on one log axis.
 *
 * @throws RangeError for an unknown unit, a span that was not recorded, or what is no record.
 */
export function weightChangeByLayerFigure(
  series: Series | readonly Series[],
  options: WeightChangeByLayerOptions = {},
): Figure {
  const owner = "weightChangeByLayerFigure";
  requireKnownKeys(owner, "options", options, ["unit", "from", "to"]);
  const { unit = "absolute", ...span } = options;
  const yTitle = UNITS[requireOneOf(owner, "unit", unit, Object.keys(UNITS) as ChangeUnit[])];
  const { from = 0, to } = span;
  const when =
    from === 0 && to === undefined
      ? "over the training"
      : `from recorded step ${from} to ${to ?? "the last"}`;
  return byLayerFigure(owner, series, {
    title: `Change of each layer's weights ${when}`,
    yTitle,
    measure: (record) => weightChangeByLayer(record, { unit, ...span }),
  });
}

interface ByLayer {
  readonly title: string;
  readonly yTitle: string;
  readonly measure: (record: TrainingRecord) => number[];
  readonly theory?: readonly TheoryLine[];
}

function byLayerFigure(
  owner: string,
  series: Series | readonly Series[],
  { title, yTitle, measure, theory = [] }: ByLayer,
): Figure {
  const measured = namedSeries(owner, series).map((named): LogLine => {
    const values = spreadOver(named, measure);
    return { name: named.name, style: named.style, x: values.y.map((_, i) => i + 1), ...values };
  });
  const lines = [...measured, ...theory.map(theoryLine)];
  const depth = Math.max(...lines.map(({ x }) => x.length));
  const { data, yaxis } = logLines(yTitle, lines, { before: "", values: "layer %{x}: %{y:.2~e}" });
  const ticks = labelledLayers(depth);
  const tickText = (layer: number): string =>
    layer === 1 ? "1<br>first" : layer === depth ? `${layer}<br>output` : String(layer);
  const texts = lines.map(
    ({ name, y }) => `${name}: ${short(y[0]!)} in the first layer, ${short(y.at(-1)!)} in the output layer`,
  );
  const bands = lines.some(({ lower }) => lower)
    ? "The lines are medians over seeds, the bands quartiles. "
    : "";
  return makeFigure({
    title,
    data,
    layout: {
      xaxis: axis("layer", {
        tickvals: ticks,
        ticktext: ticks.map(tickText),
        range: [0.6, depth + 0.4],
        tickangle: 0,
      }),
      yaxis,
      ...{ showlegend: true, legend: LEGEND_BESIDE },
    },
    alt: `${bands}${texts.join("; ")}.${zerosNote(lines)}`,
  });
}

/** Thin grey lines without markers, told apart by their dashes. */
function theoryLine({ label, values }: TheoryLine, i: number): LogLine {
  const style = { ...stylesOf(["linear"])[0]!, dash: (["dash", "dot", "dashdot"] as const)[i % 3]! };
  return { name: label, style, x: values.map((_, layer) => layer + 1), y: values, markers: false };
}

/** The first and the last layer, and those between: every second, third, ... where there are too many for a label each. */
function labelledLayers(depth: number): number[] {
  const every = Math.ceil(depth / 13);
  const between = Array.from({ length: depth - 1 }, (_, i) => i + 1).filter(
    (layer) => layer === 1 || (layer % every === 0 && layer > 1 && depth - layer >= every),
  );
  return every === 1 ? Array.from({ length: depth }, (_, i) => i + 1) : [...between, depth];
}
