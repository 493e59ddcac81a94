import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import { isActivationName } from "../models/activations.js";
import { numberText } from "./figureText.js";
import { lineFigure } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import { orderedColor, type Style, stylesOf } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { axis } from "./theme.js";

/** One line: a value for each x, with quartiles where there are many networks. See `spreadLine`. */
export interface Line {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  /** Decides its color; the label, if that is the name of an activation function. */
  readonly activation?: string;
  /** How the line is drawn; solid if not given, or the next way where two lines have one color. */
  readonly dash?: Style["dash"];
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
  /** What lines with bands are: "medians, the bands quartiles" if not given. */
  readonly bands?: string;
}

const OPTIONS = keysOf<LinesOptions>({ title: true, x: true, y: true, logX: true, logY: true, bands: true });

/**
 * Any quantity over any other, as lines: for what has no figure of its own.
 *
 * @throws RangeError for no lines, or lists of other lengths in one line.
 */
export function linesFigure(lines: readonly Line[], options: LinesOptions): Figure {
  const owner = "linesFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  if (lines.length === 0) {
    fail(owner, "lines", [], "a list of at least one");
  }
  lines.forEach((line, i) => {
    requireLengths(owner, `lines[${i}]`, line);
  });
  const { title, x, y, logX = false, logY = false, bands = "medians, the bands quartiles" } = options;
  const styles = stylesOfLines(lines);
  const drawn = lines.map((line, i): DrawnLine => ({
    name: line.label,
    style: styles[i]!,
    x: line.x,
    y: line.y,
    markers: line.isTheory === true ? "none" : "all",
    ...(line.lower && line.upper && { lower: line.lower, upper: line.upper }),
  }));
  return lineFigure({
    title,
    panels: [
      {
        lines: drawn,
        hover: { values: `${x} %{x:.3~g}: %{y:.3~g}` },
        x: axis(x, logX ? { type: "log", exponentformat: "power" } : {}),
        y: { title: y, log: logY },
      },
    ],
    bands,
    alt: drawn.map(endsText).join("; "),
  });
}

function requireLengths(owner: string, name: string, { x, y, lower = y, upper = y }: Line): void {
  if (x.length === 0 || x.length !== y.length) {
    fail(owner, name, `${x.length} x and ${y.length} y`, "as many x as y, at least one");
  }
  if (lower.length !== y.length || upper.length !== y.length) {
    const counts = `${y.length} y, ${lower.length} lower and ${upper.length} upper`;
    fail(owner, name, counts, "as many quartiles as y");
  }
}

function stylesOfLines(lines: readonly Line[]): DrawnLine["style"][] {
  const names = lines.map(
    ({ label, activation }) => activation ?? (isActivationName(label) ? label : "linear"),
  );
  // Lines that no activation function gives a color have those of an order.
  const isOwn = (i: number): boolean => names[i] === "linear" && lines[i]!.isTheory !== true;
  return stylesOf(names).map((style, i) => ({
    ...style,
    ...(isOwn(i) ? { color: orderedColor(i, lines.length) } : {}),
    dash: lines[i]!.dash ?? style.dash,
  }));
}

function endsText({ name, x, y }: DrawnLine): string {
  const at = (place: number): string => `${numberText(y.at(place))} at ${numberText(x.at(place))}`;
  return `${name}: ${at(0)}, ${at(-1)}`;
}
