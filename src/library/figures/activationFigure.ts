import type { Data } from "plotly.js-dist";
import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { fail, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { short } from "../ground/format.js";
import { type Style, stylesOf } from "./palette.js";
import { axis, LEGEND_BESIDE, makeFigure } from "./theme.js";

/** The range of z: from -6 to 6 if not given. */
export interface ActivationFigureOptions {
  readonly from?: number;
  readonly to?: number;
}

const POINTS = 481;

/**
 * Activation functions in the upper panel, their derivatives in the lower one, over the same z. The legend says how
 * steep each gets in that range.
 *
 * @throws RangeError for an unknown name, or a range that is none.
 */
export function activationFigure(
  names: ActivationName | readonly ActivationName[],
  options: ActivationFigureOptions = {},
): Figure {
  const owner = "activationFigure";
  requireKnownKeys(owner, "options", options, ["from", "to"]);
  const chosen = Array.isArray(names) ? (names as readonly ActivationName[]) : [names as ActivationName];
  chosen.forEach((name) => requireOneOf(owner, "names", name, activationNames));
  const from = requireNumber(owner, "from", options.from ?? -6);
  const to = requireNumber(owner, "to", options.to ?? 6);
  if (chosen.length === 0) {
    fail(owner, "names", names, "a name or a list of at least one");
  }
  if (from >= to) {
    fail(owner, "from", from, `below to, which is ${to}`);
  }
  const z = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const styles = stylesOf(chosen);
  const curves = chosen.map((name, i) => {
    const slopes = z.map(activations[name].derivative);
    const steepest = short(Math.max(...slopes.map(Math.abs)));
    return { name, style: styles[i]!, z, values: z.map(activations[name].output), slopes, steepest };
  });
  const steepness = curves.map(({ name, steepest }) => `${steepest} for ${name}`);
  return makeFigure({
    title:
      curves.length === 1
        ? `${curves[0]!.name} and its derivative`
        : "Activation functions and their derivatives",
    data: curves.flatMap(draw),
    layout: {
      xaxis: axis("pre-activation z", { anchor: "y2" }),
      yaxis: axis("f(z)", { domain: [0.55, 1] }),
      yaxis2: axis("f′(z)", { domain: [0, 0.45], rangemode: "tozero" }),
      ...{ showlegend: true, legend: LEGEND_BESIDE },
    },
    alt: `For z from ${short(from)} to ${short(to)}, the slope is at most ${steepness.join(", ")}.`,
  });
}

interface Curve {
  readonly name: string;
  readonly style: Style;
  readonly z: readonly number[];
  readonly values: readonly number[];
  readonly slopes: readonly number[];
  readonly steepest: string;
}

function draw({ name, style, z, values, slopes, steepest }: Curve): Data[] {
  const drawn = (what: string, y: readonly number[]): Data => ({
    ...{ type: "scatter", mode: "lines", name: `${name}<br>slope up to ${steepest}`, legendgroup: name },
    ...{ x: [...z], y: [...y] },
    // Every point counts where a curve is smooth.
    line: { color: style.color, dash: style.dash, width: 2.5, simplify: false },
    hovertemplate: `${name}: ${what}(%{x:.2f}) = %{y:.4f}<extra></extra>`,
  });
  return [drawn("f", values), { ...drawn("f′", slopes), yaxis: "y2", showlegend: false }];
}
