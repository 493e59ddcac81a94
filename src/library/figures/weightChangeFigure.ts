import type { Data, Layout, LayoutAxis } from "plotly.js-dist";
import { weightChange } from "../measures/layerMeasures.js";
import { requireArrays } from "../measures/parameterSizes.js";
import { type RecordedSpan, requireRecord, requireSpan, weightLayers } from "../measures/recordedSteps.js";
import { maxAbs, meanAbs, type Numbers } from "../measures/statistics.js";
import type { ParameterRecord, TrainingRecord } from "../training/record.js";
import { fail, keysOf, requireInteger, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { short } from "../ground/format.js";
import { heading, makeFigure, nth } from "./theme.js";
import { drawWeights } from "./weightPanel.js";

/** Which layer (counted from 0; the first if not given), which of its arrays, and over which recorded steps. */
export interface WeightChangeOptions extends RecordedSpan {
  readonly layer?: number;
  readonly parameter?: "kernel" | "bias";
}

const OPTIONS = keysOf<WeightChangeOptions>({
  layer: true,
  parameter: true,
  from: true,
  to: true,
});

/** The part of the width of each panel: room for a color bar after the second and the third. */
const DOMAINS = [
  [0, 0.26],
  [0.3, 0.56],
  [0.74, 1],
] as const;

/**
 * The weights of one layer before and after training, and their change, side by side: a row for each input, a column
 * for each unit; bars where there is one row or one column. Before and after share one scale; the change has its own.
 *
 * @throws RangeError for a layer, a parameter or a span that the record has not.
 */
export function weightChangeFigure(record: TrainingRecord, options: WeightChangeOptions = {}): Figure {
  const owner = "weightChangeFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  requireRecord(owner, "record", record);
  const { parameter: name = "kernel" } = options;
  const { from, to } = requireSpan(owner, record, options);
  requireOneOf(owner, "parameter", name, ["kernel", "bias"]);
  const layers = weightLayers(record);
  const index = requireInteger(owner, "layer", options.layer ?? 0, { min: 0, max: layers.length - 1 });
  const layer = layers[index]!;
  const parameter = layer[name] ?? fail(owner, "parameter", name, `"kernel", as layer ${index} has no bias`);
  requireArrays(owner, parameter);
  const change = weightChange(parameter, { from, to });
  const [before, after] = [parameter.before[from]!, parameter.after[to]!];
  const whole = from === 0 && to === record.steps.length - 1;
  const [first, last] = [record.steps[from]!, record.steps[to]!];
  const when = whole ? "training" : first === last ? `step ${first}` : `steps ${first} to ${last}`;
  return makeFigure({
    title: `${record.label}: the ${name} of layer ${index + 1}, before and after ${when}`,
    ...drawThree(parameter, before, after, change),
    alt:
      `The mean size of a weight is ${short(meanAbs(before))} before and ${short(meanAbs(after))} after; ` +
      `the mean size of the change is ${short(meanAbs(change))}, and the largest is ${short(maxAbs(change))}.`,
  });
}

function drawThree(
  parameter: ParameterRecord,
  before: Numbers,
  after: Numbers,
  change: Numbers,
): { data: Data[]; layout: Partial<Layout> } {
  // Of nothing but zeros, any scale will do.
  const limit = Math.max(maxAbs(before), maxAbs(after)) || 1;
  const panels = [
    { values: before, limit, quantity: "weight", place: 1 },
    { values: after, limit, quantity: "", place: 2, colorbar: 0.57 },
    { values: change, limit: maxAbs(change) || 1, quantity: "change", place: 3, colorbar: 1.01 },
  ].map((panel) => ({ ...drawWeights(parameter, panel), place: panel.place }));
  const axes = panels.flatMap(({ xaxis, yaxis, place }): [string, Partial<LayoutAxis>][] => [
    [nth("xaxis", place), { ...xaxis, domain: [...DOMAINS[place - 1]!], anchor: nth("y", place) }],
    [nth("yaxis", place), { ...yaxis, anchor: nth("x", place) }],
  ]);
  return {
    data: panels.map(({ trace, place }) => ({ ...trace, xaxis: nth("x", place), yaxis: nth("y", place) })),
    layout: {
      ...(Object.fromEntries(axes) as Partial<Layout>),
      annotations: ["before", "after", "change"].map((text, i) => heading(text, DOMAINS[i]!)),
      showlegend: false,
      margin: { l: 65, r: 80, t: 80, b: 60 },
    },
  };
}
