import type { Layout } from "plotly.js-dist";
import { percent } from "../ground/format.js";
import { fail, keysOf, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import { shareLost } from "../measures/underflow.js";
import { exponentOf, type FloatFormatName, floatFormatNames, floatFormats } from "../models/floatFormats.js";
import type { Distribution } from "./distributionFigure.js";
import { lineFigure } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import { orderedColor } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { axis } from "./theme.js";

/** What is shown, and in which format it would have to be held. */
export interface ExponentOptions {
  readonly title: string;
  /** What the numbers are, with their unit. */
  readonly quantity: string;
  readonly format: FloatFormatName;
}

const OPTIONS = keysOf<ExponentOptions>({ title: true, quantity: true, format: true });

/** Powers of 2 between two ticks. */
const TICK = 10;

/**
 * How large numbers are, one line for each list: the share of them from each power of 2 to the next, as in Micikevicius et al.
 * (2018), figure 3. Red is what becomes 0 in a format, yellow what keeps only some of its bits there, gray what becomes
 * infinite. Colors of lines go from the first list (dark) to the last (light). Zeros are left out, and the text says how many
 * there are.
 *
 * @throws RangeError for a list without a number that is not 0, or with one that is not finite.
 */
export function exponentFigure(distributions: readonly Distribution[], options: ExponentOptions): Figure {
  const owner = "exponentFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const { title, quantity } = options;
  const name = requireOneOf(owner, "format", options.format, floatFormatNames);
  if (distributions.length === 0) {
    fail(owner, "distributions", [], "a list of at least one");
  }
  const exponents = distributions.map(({ values }, i) => {
    const place = Array.from(values).findIndex((value) => !Number.isFinite(value));
    if (place >= 0) {
      fail(owner, `distributions[${i}].values[${place}]`, values[place], "a finite number");
    }
    const present = Array.from(values).filter((value) => value !== 0);
    if (present.length === 0) {
      fail(owner, `distributions[${i}].values`, Array.from(values), "numbers, one at least not 0");
    }
    return present.map((value) => exponentOf(Math.abs(value)));
  });
  const { smallest, smallestExponent, largest } = floatFormats[name];
  // From half of the smallest number on, a number is not rounded to 0.
  const zones = { lost: Math.log2(smallest) - 1, few: smallestExponent, infinite: Math.log2(largest) };
  const all = exponents.flat();
  const from =
    Math.min(
      all.reduce((least, e) => Math.min(least, e), Infinity),
      zones.lost,
    ) - 1;
  const to =
    Math.max(
      all.reduce((most, e) => Math.max(most, e), -Infinity),
      zones.few,
    ) + 2;
  const x = Array.from({ length: to - from }, (_, i) => from + i);
  const lines = distributions.map(({ label, values }, i): DrawnLine => {
    const counts = new Map<number, number>();
    for (const exponent of exponents[i]!) {
      counts.set(exponent, (counts.get(exponent) ?? 0) + 1);
    }
    return {
      name: label,
      style: { color: orderedColor(i, distributions.length), dash: i % 2 === 0 ? "solid" : "dash" },
      x: x.map((exponent) => exponent + 0.5),
      y: x.map((exponent) => (counts.get(exponent) ?? 0) / values.length),
      markers: "none",
      kind: "steps",
    };
  });
  const texts = distributions.map(({ label, values }, i) => {
    const zeros = values.length - exponents[i]!.length;
    return `${label}: ${percent(shareLost(values, name))} become 0 in ${name}${zeros > 0 ? `, ${percent(zeros / values.length)} are 0 before` : ""}`;
  });
  const first = Math.ceil(from / TICK) * TICK;
  const ticks = Array.from({ length: Math.floor((to - first) / TICK) + 1 }, (_, i) => first + i * TICK);
  return lineFigure({
    title,
    panels: [
      {
        lines,
        hover: { values: "from 2<sup>%{x:.0f}</sup>: %{y:.1%}" },
        x: axis(quantity, {
          range: [from, to],
          tickvals: ticks,
          ticktext: ticks.map((exponent) => `2<sup>${exponent}</sup>`),
        }),
        y: { title: "share of the numbers", log: false, fromZero: true, labels: ".0%" },
      },
    ],
    more: {
      layout: {
        shapes: [
          zone(from, zones.lost, "#d9534f"),
          zone(zones.lost, zones.few, "#f0ad4e"),
          ...(zones.infinite < to ? [zone(zones.infinite, to, "#777777")] : []),
        ],
      },
    },
    alt: texts.join("; "),
    notes: [`Red: becomes 0 in ${name}; yellow: keeps only some of its bits there.`],
  });
}

function zone(x0: number, x1: number, fillcolor: string): NonNullable<Layout["shapes"]>[number] {
  const rest = { yref: "paper", y0: 0, y1: 1, layer: "below", opacity: 0.18, line: { width: 0 } } as const;
  return { type: "rect", xref: "x", x0, x1, fillcolor, ...rest };
}
