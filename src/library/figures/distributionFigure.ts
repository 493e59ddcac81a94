import { short } from "../ground/format.js";
import { fail, keysOf, requireInteger, requireKnownKeys } from "../ground/validation.js";
import { mean, std } from "../measures/statistics.js";
import { lineFigure } from "./lineFigure.js";
import type { DrawnLine } from "./lineTraces.js";
import { orderedColor } from "./palette.js";
import type { Figure } from "./plotlyFigure.js";
import { axis } from "./theme.js";

/** Numbers under a name, for example the activations of one layer. */
export interface Distribution {
  readonly label: string;
  readonly values: ArrayLike<number> & Iterable<number>;
}

/** What is shown, and how finely. */
export interface DistributionOptions {
  readonly title: string;
  /** What the numbers are, with their unit. */
  readonly quantity: string;
  /** The part of the axis to show: all of the numbers but the outermost 0.1 % on each side, if not given. */
  readonly from?: number;
  readonly to?: number;
  /** 61 if not given. */
  readonly bins?: number;
}

const OPTIONS = keysOf<DistributionOptions>({
  title: true,
  quantity: true,
  from: true,
  to: true,
  bins: true,
});

/**
 * How numbers are distributed, one line for each list, as in Glorot and Bengio (2010), figures 6 and 7: the share of
 * the numbers in each bin. Colors go from the first list (dark) to the last (light). What lies beyond the axis counts
 * in its first or last bin.
 */
export function distributionFigure(
  distributions: readonly Distribution[],
  options: DistributionOptions,
): Figure {
  const owner = "distributionFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  const bins = requireInteger(owner, "bins", options.bins ?? 61, { min: 2, max: 1000 });
  distributions.forEach(({ values }, i) => {
    if (values.length === 0) {
      fail(owner, `distributions[${i}].values`, [], "a list of at least one number");
    }
    const place = Array.from(values).findIndex((value) => !Number.isFinite(value));
    if (place >= 0) {
      fail(owner, `distributions[${i}].values[${place}]`, values[place], "a finite number");
    }
  });
  if (distributions.length === 0) {
    fail(owner, "distributions", [], "a list of at least one");
  }
  const inner = distributions.map(({ values }) => innerRange(values));
  const from = options.from ?? Math.min(...inner.map(([low]) => low));
  const to = options.to ?? Math.max(...inner.map(([, high]) => high));
  if (!(from < to)) {
    fail(owner, "from", from, `below to, which is ${to}`);
  }
  const width = (to - from) / bins;
  const x = Array.from({ length: bins }, (_, bin) => from + (bin + 0.5) * width);
  const texts = distributions.map(
    ({ label, values }) => `${label}: mean ${short(mean(values))}, standard deviation ${short(std(values))}`,
  );
  return lineFigure({
    title: options.title,
    panels: [
      {
        lines: distributions.map(({ label, values }, i): DrawnLine => ({
          name: label,
          style: { color: orderedColor(i, distributions.length), dash: i % 2 === 0 ? "solid" : "dash" },
          x,
          y: shares(values, from, width, bins),
          markers: "none",
          kind: "steps",
        })),
        hover: { values: "near %{x:.3g}: %{y:.1%}" },
        x: axis(options.quantity, { range: [from, to], exponentformat: "power" }),
        y: { title: "share of the numbers in a bin", log: false, fromZero: true, labels: ".0%" },
      },
    ],
    alt: texts.join("; "),
  });
}

function innerRange(values: Iterable<number>): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length / 1000);
  const [low, high] = [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
  // A single number gets an axis about it.
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

function shares(
  values: ArrayLike<number> & Iterable<number>,
  from: number,
  width: number,
  bins: number,
): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(Math.max(Math.floor((value - from) / width), 0), bins - 1);
    counts[bin]! += 1;
  }
  return counts.map((count) => count / values.length);
}
