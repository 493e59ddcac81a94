import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import { gradientByTimeStep, type TimeStepOptions } from "../measures/timeSteps.js";
import { numberText, onOneLine } from "./figureText.js";
import { lineFigure } from "./lineFigure.js";
import { withLossUnit } from "./lossUnit.js";
import type { DrawnLine } from "./lineTraces.js";
import type { Figure } from "./plotlyFigure.js";
import { namedSeries, type Series } from "./series.js";
import { legendName, missingNote, spreadOver } from "./seriesSpread.js";
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
  const drawn = all.map((named) => {
    const lengths = new Set(named.records.map((record) => gradientByTimeStep(record, options).length));
    if (lengths.size > 1) {
      fail(
        owner,
        named.argument,
        `a list with ${[...lengths].join(" and ")} time steps`,
        "of series of one length",
      );
    }
    const { missing, ...values } = spreadOver(named, (record) => gradientByTimeStep(record, options));
    const line: DrawnLine = {
      ...values,
      name: legendName(named.name, missing),
      style: named.style,
      x: values.y.map((_, t) => t + 1),
    };
    return { line, notes: missingNote(named.name, missing, "time step") };
  });
  const lines = drawn.map(({ line }) => line);
  const longest = Math.max(...lines.map(({ x }) => x.length));
  const title = withLossUnit(
    `mean |dL/d${state}|, nats per unit of ${state}`,
    all.flatMap(({ records }) => records),
  );
  const ends = lines.map(
    ({ name, y }) =>
      `${onOneLine(name)}: ${numberText(y[0])} after the first time step, ${numberText(y.at(-1))} after the last`,
  );
  return lineFigure({
    title: `Gradient of the loss by the state ${state}, back through time, ${whenOf(all, at)}`,
    panels: [
      {
        lines,
        hover: { values: "time step %{x}: %{y:.2~e}" },
        x: axis("time step", { range: [1, Math.max(2, longest)] }),
        y: { title, log: true },
      },
    ],
    alt: ends.join("; "),
    notes: [...stepsNote(all, at), ...drawn.flatMap(({ notes }) => notes)],
  });
}
