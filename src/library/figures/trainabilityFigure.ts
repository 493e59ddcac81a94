import type { Data, LayoutAxis } from "plotly.js-dist";
import type { Trainability } from "../measures/outcomes.js";
import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import { percent, short } from "../ground/format.js";
import { scaleOf } from "./lineScale.js";
import { type DrawnLine, lineTraces, type Place } from "./lineTraces.js";
import type { Figure } from "./plotlyFigure.js";
import { axis, columns, heading, LEGEND_BELOW, makeFigure, nth } from "./theme.js";

/** One map: which share of networks learned, and what theory says of it. */
export interface TrainabilityPanel {
  readonly label: string;
  readonly map: Trainability;
  /** Depths that theory names for some initial scales, as a line over the map: entry i belongs to kernelScales[i]. */
  readonly theory?: {
    readonly label: string;
    readonly kernelScales: readonly number[];
    readonly depths: readonly number[];
  };
}

const PANEL = keysOf<TrainabilityPanel>({ label: true, map: true, theory: true });

/**
 * The trainability map: for each depth and initial scale the share of networks that learned, dark where none did,
 * light where all did. Several maps stand side by side.
 *
 * @throws RangeError for no map, or a line of theory with other numbers of scales than of depths.
 */
export function trainabilityFigure(panels: TrainabilityPanel | readonly TrainabilityPanel[]): Figure {
  const owner = "trainabilityFigure";
  const all = Array.isArray(panels)
    ? (panels as readonly TrainabilityPanel[])
    : [panels as TrainabilityPanel];
  if (all.length === 0) {
    fail(owner, "panels", [], "a map or a list of at least one");
  }
  all.forEach((panel, i) => {
    requireKnownKeys(owner, `panels[${i}]`, panel, PANEL);
    const { kernelScales = [], depths = [] } = panel.theory ?? {};
    if (kernelScales.length !== depths.length) {
      const held = `${kernelScales.length} scales and ${depths.length} depths`;
      fail(owner, `panels[${i}].theory`, held, "as many scales as depths");
    }
  });
  const places = columns(all.length, 0.035);
  const rows = [...new Set(all.flatMap(({ map }) => map.depths))].sort((a, b) => a - b);
  const texts = all.map(({ label, map }) => `${label}: ${describe(map)}`);
  const lines = [...new Set(all.flatMap(({ theory }) => (theory ? [theory.label] : [])))];
  return makeFigure({
    title: "Which networks learn, by depth and initial scale",
    data: all.flatMap((panel, i) => draw(panel, i + 1, i === all.length - 1)),
    layout: {
      ...Object.fromEntries(
        all.flatMap(({ map }, i) => [
          [nth("xaxis", i + 1), { ...scaleAxis(map), domain: places[i]! }],
          [nth("yaxis", i + 1), depthAxis(rows, i)],
        ]),
      ),
      annotations: all.map(({ label }, i) => heading(label, places[i]!)),
      ...(lines.length > 0 ? { showlegend: true, legend: LEGEND_BELOW } : { showlegend: false }),
      margin: { l: 65, r: 85, t: 80, b: lines.length > 0 ? 95 : 65 },
    },
    alt: `${texts.join("; ")}.${lines.length > 0 ? ` Lines: ${lines.join(", ")}.` : ""}`,
  });
}

/** The deepest networks most of which learned, and at which scale. */
function describe({ depths, kernelScales, share }: Trainability): string {
  const deepest = depths.findLastIndex((_, d) => share[d]!.some((value) => value >= 0.5));
  if (deepest < 0) {
    return `at no depth did half of them learn`;
  }
  const best = share[deepest]!.indexOf(Math.max(...share[deepest]!));
  const scale = short(kernelScales[best]!);
  return `at ${depths[deepest]} hidden layers ${percent(share[deepest]![best]!)} learned with scale ${scale}`;
}

function draw({ label, map, theory }: TrainabilityPanel, place: number, isLast: boolean): Data[] {
  const axes = { xaxis: nth("x", place), yaxis: nth("y", place) };
  const cells = {
    type: "heatmap",
    ...axes,
    x: [...map.kernelScales],
    y: [...map.depths],
    z: map.share.map((row) => [...row]),
    zmin: 0,
    zmax: 1,
    colorscale: "Viridis",
    showscale: isLast,
    xgap: 1,
    ygap: 1,
    ...(isLast && {
      colorbar: { title: { text: "share that learned", side: "right" }, tickformat: ".0%", thickness: 14 },
    }),
    hovertemplate: `${label}, scale %{x:.3g}, %{y} hidden layers:<br>%{z:.0%} learned<extra></extra>`,
  };
  return [cells as Data, ...(theory ? theoryLine(theory, axes, place === 1) : [])];
}

/** What theory says stands out from every color of the map. */
function theoryLine(
  { label, kernelScales, depths }: NonNullable<TrainabilityPanel["theory"]>,
  place: Place,
  showlegend: boolean,
): Data[] {
  const style = { color: "#ff5a36", dash: "dash" } as const;
  const line: DrawnLine = { name: label, style, x: kernelScales, y: depths, markers: "none", width: 3 };
  const scale = scaleOf({ title: "hidden layers", log: false }, [line]);
  const hover = { values: "%{y:.1f} hidden layers at scale %{x:.3g}" };
  return lineTraces(line, { scale, hover, place, showlegend });
}

/** Powers of two. */
const LABELLED = Array.from({ length: 21 }, (_, i) => 2 ** (i - 10));

/** A log axis if neighboring scales have one ratio, else a plain one. */
function scaleAxis({ kernelScales }: Trainability): Partial<LayoutAxis> {
  const ratios = kernelScales.slice(1).map((scale, i) => scale / kernelScales[i]!);
  const isGeometric = ratios.length > 0 && ratios.every((ratio) => Math.abs(ratio / ratios[0]! - 1) < 0.01);
  const [low, high] = [kernelScales[0]!, kernelScales.at(-1)!];
  const half = isGeometric ? Math.sqrt(ratios[0]!) : (kernelScales[1]! - low) / 2 || 0.5;
  return isGeometric
    ? axis("initial scale", {
        type: "log",
        range: [Math.log10(low / half), Math.log10(high * half)],
        tickvals: LABELLED,
      })
    : axis("initial scale", { range: [low - half, high + half] });
}

/** One axis of depths for all maps, labelled at the first. */
function depthAxis(rows: readonly number[], panel: number): Partial<LayoutAxis> {
  const step = rows.length > 1 ? (rows.at(-1)! - rows[0]!) / (rows.length - 1) : 1;
  const isFirst = panel === 0;
  return axis(isFirst ? "hidden layers" : "", {
    range: [rows[0]! - step / 2, rows.at(-1)! + step / 2],
    anchor: nth("x", panel + 1),
    showticklabels: isFirst,
  });
}
