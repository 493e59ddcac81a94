import { keysOf, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import { type ChangeUnit, weightChangeByLayer } from "../measures/layerMeasures.js";
import { type RecordedSpan, requireSpan } from "../measures/recordedSteps.js";
import type { TrainingRecord } from "../training/record.js";
import { layerAxis } from "./layerAxis.js";
import { layerLines } from "./layerLines.js";
import { lineFigure } from "./lineFigure.js";
import type { Figure } from "./plotlyFigure.js";
import { endsText, longest } from "./seriesLines.js";
import { namedSeries, type Series } from "./series.js";
import { stepsNote } from "./stepText.js";

/** What the weight change is measured in, and over which recorded steps. */
export interface WeightChangeByLayerOptions extends RecordedSpan {
  readonly unit?: ChangeUnit;
}

const OPTIONS = keysOf<WeightChangeByLayerOptions>({ unit: true, from: true, to: true });

/** Axis titles. The loss is in nats, and a weight has no unit. */
const UNITS = {
  absolute: "mean |W after − W before|",
  relative: "mean |change| / mean |W before|",
  perLearningRate: "mean |change| / learning rate",
} as const satisfies Record<ChangeUnit, string>;

/**
 * The mean absolute weight change of each layer's kernel, of one network or several, on one log axis.
 *
 * @throws RangeError for an unknown unit, a span that a network has not recorded, a series of networks of other
 * depths, or what is no record.
 */
export function weightChangeByLayerFigure(
  series: Series | readonly Series[],
  options: WeightChangeByLayerOptions = {},
): Figure {
  const owner = "weightChangeByLayerFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const { unit = "absolute", from = 0, to = -1 } = options;
  requireOneOf(owner, "unit", unit, Object.keys(UNITS) as ChangeUnit[]);
  const all = namedSeries(owner, series);
  const measure = (record: TrainingRecord): number[] =>
    weightChangeByLayer(record, { unit, ...requireSpan(owner, record, { from, to }) });
  const { lines, notes } = layerLines(owner, all, measure);
  const { records } = all[0]!;
  const span = requireSpan(owner, records[0]!, { from, to });
  const whole = span.from === 0 && span.to === records[0]!.steps.length - 1;
  const [first, last] = [records[0]!.steps[span.from]!, records[0]!.steps[span.to]!];
  const when = whole
    ? "over the training"
    : first === last
      ? `in step ${first}`
      : `from step ${first} to ${last}`;
  return lineFigure({
    title: `Change of each layer's weights ${when}`,
    panels: [
      {
        lines,
        hover: { values: "layer %{x}: %{y:.2~e}" },
        x: layerAxis(longest(lines)),
        y: { title: UNITS[unit], log: true },
      },
    ],
    alt: endsText(lines),
    notes: [...notes, ...stepsNote(all, to).map((text) => text.replace("The step", "The last step"))],
  });
}
