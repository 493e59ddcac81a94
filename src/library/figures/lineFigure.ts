import type { Data, Layout, LayoutAxis, Legend } from "plotly.js-dist";
import { decadesOf, type LineScale, scaleOf } from "./lineScale.js";
import { type DrawnLine, type Hover, lineTraces, type Place } from "./lineTraces.js";
import type { Figure } from "./plotlyFigure.js";
import { columns, heading, LEGEND_ABOVE, LEGEND_BELOW, LEGEND_BESIDE, makeFigure, nth } from "./theme.js";
import type { ValueAxis } from "./valueAxis.js";

/** Lines over one pair of axes. */
export interface LinePanel {
  readonly heading?: string;
  readonly lines: readonly DrawnLine[];
  readonly hover: Hover;
  /** Made by `axis`. */
  readonly x: Partial<LayoutAxis>;
  readonly y: ValueAxis;
}

/** A figure of lines: its panels, and how they stand. */
export interface LineFigureParts {
  readonly title: string;
  readonly panels: readonly LinePanel[];
  /** Side by side (if not given), or one below the other over the x axis of the first. */
  readonly arrange?: "columns" | "rows";
  /** The part of the width, or height, between two panels. */
  readonly gap?: number;
  /** What the y axes of panels side by side have in common: nothing, the axis, or the number of decades. */
  readonly share?: "axis" | "decades";
  readonly legend?: "beside" | "above" | "below";
  readonly legendTitle?: string;
  /** Traces that are no lines, and what else differs in the layout. */
  readonly more?: { readonly data?: readonly Data[]; readonly layout?: Partial<Layout> };
  /** What lines are, where they have bands: medians over seeds, if not given. */
  readonly bands?: string;
  /** The numbers, as a sentence without its end; and sentences that come last. */
  readonly alt: string;
  readonly notes?: readonly string[];
}

/**
 * Puts a figure of lines together. All figures with lines come from here: it draws bands, marks zeros, gives each name
 * one entry in the legend, and says of bands and zeros in the text what they are.
 */
export function lineFigure(parts: LineFigureParts): Figure {
  const { title, panels, legend = "beside", legendTitle, more = {}, notes = [] } = parts;
  const drawn = drawPanels(parts);
  const lines = panels.flatMap((panel) => panel.lines);
  const headings = panels.some((panel) => panel.heading !== undefined);
  const bands = lines.some(({ lower }) => lower)
    ? `The lines are ${parts.bands ?? "medians over seeds, the bands quartiles"}. `
    : "";
  return makeFigure({
    title,
    data: [...drawn.data, ...(more.data ?? [])],
    layout: {
      ...drawn.layout,
      showlegend: true,
      legend: { ...LEGENDS[legend], ...(legendTitle !== undefined && { title: { text: legendTitle } }) },
      margin: {
        l: 80,
        r: 25,
        t: headings || legend === "above" ? 80 : 55,
        b: legend === "below" ? 115 : 65,
      },
      ...more.layout,
    },
    alt: [`${bands}${parts.alt}.`, ...notes, ...zerosNote(panels)].join(" "),
  });
}

const LEGENDS: Readonly<Record<NonNullable<LineFigureParts["legend"]>, Partial<Legend>>> = {
  beside: LEGEND_BESIDE,
  above: LEGEND_ABOVE,
  // Below the two rows of an axis of layers.
  below: { ...LEGEND_BELOW, y: -0.34 },
};

/** All lines in their panels, with the axes and headings of those. */
function drawPanels({ panels, arrange = "columns", gap = 0.04, share }: LineFigureParts): {
  data: Data[];
  layout: Partial<Layout>;
} {
  const lines = panels.flatMap((panel) => panel.lines);
  const spans = panels.map((panel) => decadesOf(panel.lines)).map(({ low, high }) => high - low);
  const decades = share === "decades" ? Math.max(...spans) : 1;
  const scales = panels.map((panel) => scaleOf(panel.y, share === "axis" ? lines : panel.lines, decades));
  const widths = columns(panels.length, gap);
  const named = new Set<string>();
  const data = panels.flatMap((panel, i) => {
    const place: Place = {
      xaxis: nth("x", arrange === "columns" ? i + 1 : 1),
      yaxis: nth("y", share === "axis" ? 1 : i + 1),
    };
    return panel.lines.flatMap((line) => {
      const showlegend = !named.has(line.name);
      named.add(line.name);
      return lineTraces(line, { scale: scales[i]!, hover: panel.hover, place, showlegend });
    });
  });
  const headings = panels.flatMap((panel, i) =>
    panel.heading === undefined ? [] : [heading(panel.heading, widths[i]!)],
  );
  const axes =
    arrange === "columns"
      ? columnAxes(panels, scales, widths, share === "axis")
      : rowAxes(panels, scales, widths.toReversed());
  return {
    data,
    layout: {
      ...(Object.fromEntries(axes) as Partial<Layout>),
      ...(headings.length > 0 && { annotations: headings }),
    },
  };
}

type NamedAxis = [name: string, axis: Partial<LayoutAxis>];

/** An x axis for each panel, and a y axis for each or for all. */
function columnAxes(
  panels: readonly LinePanel[],
  scales: readonly LineScale[],
  widths: readonly [number, number][],
  oneY: boolean,
): NamedAxis[] {
  return panels.flatMap(({ x }, i): NamedAxis[] => {
    const domain = panels.length > 1 ? { domain: widths[i]! } : {};
    const anchored = { ...x, ...domain, anchor: nth("y", oneY ? 1 : i + 1) };
    const y: NamedAxis = [nth("yaxis", i + 1), { ...scales[i]!.axis, anchor: nth("x", i + 1) }];
    return [[nth("xaxis", i + 1), anchored], ...(oneY && i > 0 ? [] : [y])];
  });
}

/** One x axis, below the last panel, and a y axis for each. */
function rowAxes(
  panels: readonly LinePanel[],
  scales: readonly LineScale[],
  heights: readonly [number, number][],
): NamedAxis[] {
  return [
    ["xaxis", { ...panels[0]!.x, anchor: nth("y", panels.length) }],
    ...scales.map(({ axis }, i): NamedAxis => [nth("yaxis", i + 1), { ...axis, domain: heights[i]! }]),
  ];
}

/** The words that a figure's text needs where it shows zeros on a log axis. */
function zerosNote(panels: readonly LinePanel[]): string[] {
  const lines = panels.filter(({ y }) => y.log).flatMap((panel) => panel.lines);
  const names = [...new Set(lines.filter(({ y }) => y.includes(0)).map(({ name }) => name))];
  return names.length > 0 ? [`Crosses at the bottom stand for exactly 0 (${names.join("; ")}).`] : [];
}
