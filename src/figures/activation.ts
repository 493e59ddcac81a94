import type { Data } from "plotly.js-dist";
import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { fail, requireNumber, requireOneOf } from "../validation.js";
import type { Figure } from "./figure.js";
import { short } from "./format.js";
import { axis, layoutOf, stylesOf } from "./theme.js";

/** The range of z. */
export interface ActivationFigureOptions {
  readonly from?: number;
  readonly to?: number;
}

const POINTS = 481;

/** Activation functions in the upper panel, their derivatives in the lower one, over the same z. */
export function activationFigure(
  names: ActivationName | readonly ActivationName[],
  options: ActivationFigureOptions = {},
): Figure {
  const chosen = typeof names === "string" ? [names] : names;
  chosen.forEach((name) => requireOneOf("activationFigure", "names", name, activationNames));
  const from = requireNumber("activationFigure", "from", options.from ?? -6);
  const to = requireNumber("activationFigure", "to", options.to ?? 6);
  if (from >= to) {
    fail("activationFigure", "from", from, `below to, which is ${to}`);
  }
  const z = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const looks = stylesOf(chosen);
  const peaks = chosen.map((name) =>
    Math.max(...z.map((value) => Math.abs(activations[name].derivative(value)))),
  );
  const data = chosen.flatMap((name, i): Data[] => {
    const { output, derivative } = activations[name];
    const common = {
      type: "scatter",
      mode: "lines",
      x: z,
      legendgroup: name,
      line: { color: looks[i]!.color, dash: looks[i]!.dash, width: 2.5, simplify: false },
    } as const;
    const label = `${name} (slope up to ${short(peaks[i]!)})`;
    return [
      { ...common, name: label, y: z.map(output), hovertemplate: "f(%{x:.2f}) = %{y:.4f}<extra></extra>" },
      {
        ...{ ...common, name: label, showlegend: false, yaxis: "y2" },
        y: z.map(derivative),
        hovertemplate: "f'(%{x:.2f}) = %{y:.4f}<extra></extra>",
      },
    ];
  });
  const title =
    chosen.length === 1 ? `${chosen[0]} and its derivative` : "Activation functions and their derivatives";
  return {
    data,
    layout: layoutOf(title, {
      xaxis: axis("pre-activation z", { anchor: "y2" }),
      yaxis: axis("f(z)", { domain: [0.56, 1] }),
      yaxis2: axis("f'(z)", { domain: [0, 0.44], rangemode: "tozero" }),
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      margin: { l: 75, r: 25, t: 80, b: 60 },
    }),
    alt: `${title} for z from ${short(from)} to ${short(to)}. ${chosen
      .map((name, i) => `The slope of ${name} is at most ${short(peaks[i]!)} there.`)
      .join(" ")}`,
  };
}
