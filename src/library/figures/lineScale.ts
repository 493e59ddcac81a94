import type { LayoutAxis } from "plotly.js-dist";
import { axis } from "./theme.js";
import type { ValueAxis } from "./valueAxis.js";

/** An axis, and where each value stands on it. */
export interface LineScale {
  readonly axis: Partial<LayoutAxis>;
  /** Where a point of a line stands; null leaves a gap. */
  readonly point: (value: number) => number | null;
  /** Where the edge of a band stands; null where there is none. */
  readonly edge: (value: number) => number | null;
  /** Where exact zeros are marked, on an axis that has no place for them. */
  readonly floor?: number;
}

/** What lines that share an axis have in common with it. */
interface Values {
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/** The axis for these lines. A log axis has at least so many decades. */
export function scaleOf(values: ValueAxis, lines: readonly Values[], decades = 1): LineScale {
  return values.log ? logScale(values, lines, decades) : linearScale(values);
}

function linearScale({ title, range, fromZero = false, labels }: ValueAxis): LineScale {
  const shown = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    axis: axis(title, {
      ...(range && { range: [...range] }),
      ...(fromZero && { rangemode: "tozero" as const }),
      ...(labels !== undefined && { tickformat: labels }),
    }),
    point: shown,
    edge: shown,
  };
}

/** At most this many labels on an axis. */
const LABELS = 10;

/**
 * A log axis has no place for 0: exact zeros stand one step below the rest, where the axis is labeled "0". What is
 * not finite leaves a gap.
 */
function logScale({ title, range }: ValueAxis, lines: readonly Values[], decades: number): LineScale {
  const { low, high } = decadesOf(lines);
  // Decades that are added go to both ends.
  const more = Math.max(decades - (high - low), 0);
  const [lowest, highest] = [low - Math.ceil(more / 2), high + Math.floor(more / 2)];
  const every = Math.ceil((highest - lowest) / LABELS);
  const hasZeros = lines.some(({ y }) => y.includes(0));
  const floor = hasZeros ? lowest - every : lowest;
  const ticks = hasZeros
    ? labelsWithZero(floor, highest, every)
    : { dtick: every, exponentformat: "power" as const };
  return {
    axis: axis(title, { type: "log", range: [...(range ?? [floor - 0.1, highest + 0.1])], ...ticks }),
    point: (value) => (value > 0 && Number.isFinite(value) ? value : null),
    edge: (value) => (Number.isFinite(value) ? Math.max(value, 10 ** floor) : null),
    ...(hasZeros && { floor: 10 ** floor }),
  };
}

/** The whole decades, as powers of ten, that hold all that a log axis can show; at least one. */
export function decadesOf(lines: readonly Values[]): { low: number; high: number } {
  const shown = lines
    .flatMap(({ y, lower = [], upper = [] }) => [...y, ...lower, ...upper])
    .filter((value) => value > 0 && Number.isFinite(value));
  // Without a number that can be shown, one decade that says nothing.
  const powers = (shown.length > 0 ? shown : [1]).map(Math.log10);
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b)));
  return { low, high: Math.max(Math.ceil(powers.reduce((a, b) => Math.max(a, b))), low + 1) };
}

function labelsWithZero(floor: number, high: number, every: number): Partial<LayoutAxis> {
  const powers = Array.from({ length: (high - floor) / every + 1 }, (_, i) => floor + i * every);
  const text = (power: number): string =>
    power === 0 ? "1" : `10<sup>${String(power).replace("-", "−")}</sup>`;
  return {
    tickvals: powers.map((power) => 10 ** power),
    ticktext: powers.map((power, i) => (i === 0 ? "0" : text(power))),
  };
}
