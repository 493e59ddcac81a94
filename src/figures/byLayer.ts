import { type ChangeUnit, gradientByLayer, type Span, weightChangeByLayer } from "../measures/byLayer.js";
import type { TrainingRecord } from "../training/record.js";
import type { Figure } from "./figure.js";
import { short } from "./format.js";
import { type LogLine, logLines, zerosNote } from "./logAxis.js";
import { namedSeries, type Series, spreadOver } from "./series.js";
import { axis, layoutOf } from "./theme.js";

/** Which recorded step to show: an index, from the end if negative; the first if not given. */
export interface GradientByLayerOptions {
  readonly step?: number;
}

/** What the weight change is measured in, and over which recorded steps. */
export interface WeightChangeByLayerOptions extends Span {
  readonly unit?: ChangeUnit;
}

/** The mean absolute gradient of each layer's kernel, of one network or several, on one log axis. */
export function gradientByLayerFigure(
  series: Series | readonly Series[],
  { step = 0 }: GradientByLayerOptions = {},
): Figure {
  const when =
    step === 0 ? "at the first step" : step === -1 ? "at the last step" : `at recorded step ${step}`;
  return byLayerFigure("gradientByLayerFigure", series, {
    title: `Gradient that reaches each layer's weights, ${when}`,
    yTitle: "mean |dL/dW|, nats per unit weight",
    measure: (record) => gradientByLayer(record, step),
  });
}

/** The mean absolute weight change of each layer's kernel, of one network or several, on one log axis. */
export function weightChangeByLayerFigure(
  series: Series | readonly Series[],
  { unit = "absolute", ...span }: WeightChangeByLayerOptions = {},
): Figure {
  const titles = {
    absolute: "mean |W after − W before|",
    relative: "mean |change| / mean |W before|",
    perLearningRate: "mean |change| / learning rate",
  };
  return byLayerFigure("weightChangeByLayerFigure", series, {
    title: "Change of each layer's weights over the training",
    yTitle: titles[unit],
    measure: (record) => weightChangeByLayer(record, { unit, ...span }),
  });
}

interface ByLayer {
  readonly title: string;
  readonly yTitle: string;
  readonly measure: (record: TrainingRecord) => number[];
}

function byLayerFigure(
  owner: string,
  series: Series | readonly Series[],
  { title, yTitle, measure }: ByLayer,
): Figure {
  const lines = namedSeries(owner, series).map((named): LogLine => {
    const values = spreadOver(named, measure);
    return { name: named.name, style: named.style, x: values.y.map((_, i) => i + 1), ...values };
  });
  const depth = Math.max(...lines.map(({ x }) => x.length));
  const { data, yaxis } = logLines(yTitle, lines, "layer %{x}: %{y:.2~e}");
  const ticks = Array.from({ length: depth }, (_, i) => i + 1);
  const tickText = (layer: number): string =>
    layer === 1 ? "1<br>first" : layer === depth ? `${layer}<br>output` : String(layer);
  const texts = lines.map(({ name, y }) => {
    const [first, last] = [y[0]!, y.at(-1)!];
    return `${name}: ${short(first)} in the first layer, ${short(last)} in the output layer.`;
  });
  const hasBands = lines.some(({ lower }) => lower);
  return {
    data,
    layout: layoutOf(title, {
      xaxis: axis("layer", { tickvals: ticks, ticktext: ticks.map(tickText), range: [0.6, depth + 0.4] }),
      yaxis,
    }),
    alt: `${title}${hasBands ? ", median over seeds with a band of quartiles" : ""}. ${texts.join(" ")}${zerosNote(lines)}`,
  };
}
