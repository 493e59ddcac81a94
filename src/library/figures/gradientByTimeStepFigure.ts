import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import type { TrainingRecord } from "../training/record.js";
import { gradientByTimeStep, type TimeStepOptions } from "../measures/timeSteps.js";
import { lineFigure } from "./lineFigure.js";
import { withLossUnit } from "./lossUnit.js";
import type { Figure } from "./plotlyFigure.js";
import { namedSeries, type Series } from "./series.js";
import { endsText, longest, seriesLines } from "./seriesLines.js";
import { stepsNote, whenOf } from "./stepText.js";
import { axis } from "./theme.js";

const OPTIONS = keysOf<TimeStepOptions>({ at: true, layer: true, state: true });

/**
 * How large the gradient of the loss by a recurrent layer's state is, time step by time step, on a log axis: of one network or
 * several; of an ensemble median and quartiles. See `gradientByTimeStep`.
 *
 * @throws RangeError for a network without such a layer, or series of other lengths in one.
 */
export function gradientByTimeStepFigure(
  series: Series | readonly Series[],
  options: TimeStepOptions = {},
): Figure {
  const owner = "gradientByTimeStepFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const { at = 0, state = "h" } = options;
  const all = namedSeries(owner, series);
  const measure = (record: TrainingRecord): number[] => gradientByTimeStep(record, options);
  all.forEach(({ argument, records }) => {
    const lengths = new Set(records.map((record) => measure(record).length));
    if (lengths.size > 1) {
      fail(
        owner,
        argument,
        `a list with ${[...lengths].join(" and ")} time steps`,
        "of series of one length",
      );
    }
  });
  const { lines, notes } = seriesLines(all, measure, "time step");
  return lineFigure({
    title: `Gradient of the loss by the state ${state}, back through time, ${whenOf(all, at)}`,
    panels: [
      {
        lines,
        hover: { values: "time step %{x}: %{y:.2~e}" },
        x: axis("time step", { range: [1, Math.max(2, longest(lines))] }),
        y: { title: withLossUnit(`mean |dL/d${state}|, nats per unit of ${state}`, all), log: true },
      },
    ],
    alt: endsText(lines, "", { first: "after the first time step", last: "after the last" }),
    notes: [...stepsNote(all, at), ...notes],
  });
}
