import type { Data, Layout, LayoutAxis } from "plotly.js-dist";
import { quantiles } from "../measures/statistics.js";
import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { contains, SATURATION_LIMIT, slopeRegions } from "../models/slopes.js";
import { fail, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";
import type { Distribution } from "./distributionFigure.js";
import { percent, short } from "../ground/format.js";
import { orderedColor, stylesOf } from "./palette.js";
import { lineFigure } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import type { Figure } from "./plotlyFigure.js";
import { axis } from "./theme.js";

/** The range of z: from -8 to 8 if not given. */
export interface SensitiveRangeOptions {
  readonly from?: number;
  readonly to?: number;
}

const OPTIONS = { from: true, to: true } satisfies Record<keyof SensitiveRangeOptions, true>;

const POINTS = 401;

/**
 * An activation function and its derivative; in green the range of z where the slope is at least 5 % of its largest
 * value; below, which z were measured: a box for each list (quartiles and median, and 5 % of the numbers beyond each
 * end).
 *
 * @throws RangeError for an unknown name, a range that is none, or no numbers.
 */
export function sensitiveRangeFigure(
  activation: ActivationName,
  measured: readonly Distribution[],
  options: SensitiveRangeOptions = {},
): Figure {
  const owner = "sensitiveRangeFigure";
  requireOneOf(owner, "activation", activation, activationNames);
  requireKnownKeys(owner, "options", options, Object.keys(OPTIONS));
  const from = requireNumber(owner, "from", options.from ?? -8);
  const to = requireNumber(owner, "to", options.to ?? 8);
  if (from >= to) {
    fail(owner, "from", from, `below to, which is ${to}`);
  }
  if (measured.length === 0) {
    fail(owner, "measured", [], "a list of at least one list of numbers");
  }
  const z = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const [style] = stylesOf([activation]);
  const curve = (name: string, y: number[], dash: "solid" | "dash"): DrawnLine => ({
    name,
    style: { color: style!.color, dash },
    x: z,
    y,
    markers: "none",
    kind: "smooth",
    width: 2.5,
  });
  const { small } = slopeRegions(activation);
  const texts = measured.map(({ label, values }) => {
    const inside = Array.from(values).filter((value) => !contains(small, value)).length / values.length;
    return `${label}: ${percent(inside)} in the green range, median z ${short(quantiles(values, [0.5])[0]!)}`;
  });
  const ends = [from, ...small.flips.filter((flip) => flip > from && flip < to), to];
  const green = ends
    .slice(1)
    .flatMap((end, i) => (contains(small, (ends[i]! + end) / 2) ? [] : [[ends[i]!, end] as const]));
  return lineFigure({
    title: `${activation}: where it passes a gradient on, and where its input was`,
    panels: [
      {
        lines: [
          curve("f(z)", z.map(activations[activation].output), "solid"),
          curve("f′(z)", z.map(activations[activation].derivative), "dash"),
        ],
        hover: { values: "z = %{x:.2f}: %{y:.4f}" },
        x: axis("pre-activation z", { range: [from, to] }),
        y: { title: "f(z), f′(z)", log: false },
      },
    ],
    more: {
      data: measured.map((distribution, i) => box(distribution, i, measured.length)),
      layout: boxesBelow(measured, green, axis("pre-activation z", { range: [from, to], anchor: "y2" })),
    },
    alt: `Green is where the slope is at least ${percent(SATURATION_LIMIT)} of its largest value. ${texts.join("; ")}`,
  });
}

/** The curves in the upper half, room for boxes in the lower one, and the green ranges over both. */
function boxesBelow(
  measured: readonly Distribution[],
  green: readonly (readonly [number, number])[],
  xaxis: Partial<LayoutAxis>,
): Partial<Layout> {
  return {
    xaxis,
    yaxis: axis("f(z), f′(z)", { domain: [0.55, 1] }),
    yaxis2: axis("", {
      domain: [0, 0.48],
      range: [measured.length - 0.4, -0.6],
      ticks: "",
      tickvals: measured.map((_, i) => i),
      ticktext: measured.map(({ label }) => label),
    }),
    shapes: green.map(([x0, x1]) => ({
      type: "rect",
      xref: "x",
      yref: "paper",
      x0,
      x1,
      y0: 0,
      y1: 1,
      layer: "below",
      fillcolor: "#5cb85c",
      opacity: 0.18,
      line: { width: 0 },
    })),
    margin: { l: 110, r: 25, t: 55, b: 65 },
  };
}

function box({ label, values }: Distribution, place: number, count: number): Data {
  const [low, q1, median, q3, high] = quantiles(values, [0.05, 0.25, 0.5, 0.75, 0.95]);
  // Plotly's types lack boxes that are given by their numbers.
  return {
    type: "box",
    orientation: "h",
    name: label,
    y0: place,
    yaxis: "y2",
    showlegend: false,
    width: 0.6,
    lowerfence: [low],
    q1: [q1],
    median: [median],
    q3: [q3],
    upperfence: [high],
    line: { color: orderedColor(place, count), width: 1.5 },
    boxpoints: false,
    hoverinfo: "x+name",
  } as unknown as Data;
}
