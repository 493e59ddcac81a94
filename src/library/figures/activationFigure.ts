import { short } from "../ground/format.js";
import { fail, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";
import { activations, type ActivationName, activationNames } from "../models/activations.js";
import { lineFigure, type LinePanel } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import { type Style, stylesOf } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { axis } from "./theme.js";

/** The range of z: from -6 to 6 if not given. */
export interface ActivationFigureOptions {
  readonly from?: number;
  readonly to?: number;
}

const OPTIONS = { from: true, to: true } satisfies Record<keyof ActivationFigureOptions, true>;

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
  requireKnownKeys(owner, "options", options, Object.keys(OPTIONS));
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
  return lineFigure({
    title:
      curves.length === 1
        ? `${curves[0]!.name} and its derivative`
        : "Activation functions and their derivatives",
    panels: [panel(curves, "f", ({ values }) => values), panel(curves, "f′", ({ slopes }) => slopes, true)],
    arrange: "rows",
    gap: 0.1,
    alt: `For z from ${short(from)} to ${short(to)}, the slope is at most ${steepness.join(", ")}`,
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

function panel(
  curves: readonly Curve[],
  what: string,
  valuesOf: (curve: Curve) => readonly number[],
  fromZero = false,
): LinePanel {
  return {
    lines: curves.map((curve): DrawnLine => ({
      name: `${curve.name}<br>slope up to ${curve.steepest}`,
      style: curve.style,
      x: curve.z,
      y: valuesOf(curve),
      markers: "none",
      kind: "smooth",
      width: 2.5,
    })),
    hover: { values: `${what}(%{x:.2f}) = %{y:.4f}` },
    x: axis("pre-activation z"),
    y: { title: `${what}(z)`, log: false, fromZero },
  };
}
