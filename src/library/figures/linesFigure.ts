import { isActivationName } from "../models/activations.js";
import { fail, requireKnownKeys } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { short } from "../ground/format.js";
import { band, curve, logLines, type LogLine, zerosNote } from "./logAxis.js";
import { orderedColor, stylesOf } from "./palette.js";
import { axis, LEGEND_BESIDE, makeFigure } from "./theme.js";

/** One line: a value for each x, with quartiles where there are many networks. */
export interface Line extends Pick<LogLine, "x" | "y" | "lower" | "upper"> {
  readonly label: string;
  /** Decides its color; the label, if that is the name of an activation function. */
  readonly activation?: string;
  /** A line that was not measured is drawn without markers. */
  readonly isTheory?: boolean;
}

/** Titles of the figure and its axes, with units; and what is shown on a log axis. */
export interface LinesOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
}

/** Any quantity over any other, as lines: for what has no figure of its own. */
export function linesFigure(lines: readonly Line[], options: LinesOptions): Figure {
  const owner = "linesFigure";
  requireKnownKeys(owner, "options", options, ["title", "x", "y", "logX", "logY"]);
  if (lines.length === 0) {
    fail(owner, "lines", [], "a list of at least one");
  }
  lines.forEach(({ x, y }, i) => {
    if (x.length === 0 || x.length !== y.length) {
      fail(owner, `lines[${i}]`, `${x.length} x and ${y.length} y`, "as many x as y, at least one");
    }
  });
  const names = lines.map(
    ({ label, activation }) => activation ?? (isActivationName(label) ? label : "linear"),
  );
  // Lines that no activation function gives a color have those of an order.
  const isOwn = (i: number): boolean => names[i] === "linear" && lines[i]!.isTheory !== true;
  const styles = stylesOf(names).map((style, i) =>
    isOwn(i) ? { ...style, color: orderedColor(i, lines.length) } : style,
  );
  const drawn = lines.map((line, i): LogLine => ({
    ...{ name: line.label, style: styles[i]!, x: line.x, y: line.y, markers: line.isTheory !== true },
    ...(line.lower && line.upper ? { lower: line.lower, upper: line.upper } : {}),
  }));
  const hover = { before: "", values: `${options.x} %{x:.3~g}: %{y:.3~g}` };
  const { data, yaxis } = options.logY
    ? logLines(options.y, drawn, hover)
    : {
        data: drawn.flatMap((line) => [...band(line, asItIs), curve(line, hover, asItIs)]),
        yaxis: axis(options.y),
      };
  const texts = drawn.map(
    ({ name, x, y }) =>
      `${name}: ${short(y[0]!)} at ${short(x[0]!)}, ${short(y.at(-1)!)} at ${short(x.at(-1)!)}`,
  );
  const bands = drawn.some(({ lower }) => lower) ? "The lines are medians, the bands quartiles. " : "";
  const xaxis = options.logX ? { type: "log" as const, exponentformat: "power" as const } : {};
  return makeFigure({
    title: options.title,
    data,
    layout: { xaxis: axis(options.x, xaxis), yaxis, showlegend: true, legend: LEGEND_BESIDE },
    alt: `${bands}${texts.join("; ")}.${options.logY ? zerosNote(drawn) : ""}`,
  });
}

const asItIs = (value: number): number => value;
