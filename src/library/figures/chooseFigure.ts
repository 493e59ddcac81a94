import { fail, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { Figure, FigureLayout } from "./plotlyFigure.js";

/** How to choose, and what is shown first. */
export interface ChoiceOptions {
  /** What is chosen, for example "epoch". */
  readonly of: string;
  readonly by?: "slider" | "menu";
  /** The entry that is shown first and in the picture; the last if not given. */
  readonly shown?: string;
}

const OPTIONS = { of: true, by: true, shown: true } satisfies Record<keyof ChoiceOptions, true>;

interface Axis {
  readonly range?: readonly number[];
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
}

/**
 * Several figures of one kind as one figure, with a slider or a menu that chooses among them. All of them are in it, so
 * that it needs nothing but plotly: it works in a notebook, in VS Code and on a page alike. Axes span what all of the
 * figures show, and stay where they are.
 *
 * @example
 * chooseFigure({ "0": gradientByLayerFigure(r, { at: 0 }), "last": gradientByLayerFigure(r, { at: -1 }) }, { of: "step" })
 */
export function chooseFigure(figures: Readonly<Record<string, Figure>>, options: ChoiceOptions): Figure {
  const owner = "chooseFigure";
  requireKnownKeys(owner, "options", options, Object.keys(OPTIONS));
  const labels = Object.keys(figures);
  if (labels.length === 0) {
    fail(owner, "figures", [], "an object with at least one figure");
  }
  const by = requireOneOf(owner, "by", options.by ?? "slider", ["slider", "menu"]);
  const shown = requireOneOf(owner, "shown", options.shown ?? labels.at(-1), labels);
  const active = labels.indexOf(shown);
  const all = Object.values(figures);
  const steps = labels.map((label, i) => ({
    label,
    method: "update",
    args: [
      { visible: all.flatMap(({ data }, other) => data.map(() => other === i)) },
      { "title.text": titleOf(all[i]!), ...ticksOf(all[i]!) },
    ],
  }));
  const { layout, alt } = all[active]!;
  const control = by === "slider" ? slider(options.of, steps, active) : menu(steps, active);
  return {
    data: all.flatMap(({ data }, i) => data.map((trace) => ({ ...trace, visible: i === active }))),
    layout: { ...layout, ...sharedAxes(all, layout), ...control(layout) },
    alt: `${alt} A ${by} chooses ${options.of}: ${labels[0]!} to ${labels.at(-1)!}; this is ${shown}.`,
  };
}

/** The room that a slider takes below a figure, in pixels. */
const SLIDER_HEIGHT = 70;

type Control = (layout: FigureLayout) => Readonly<Record<string, unknown>>;

function slider(name: string, steps: readonly object[], active: number): Control {
  return ({ margin, height }) => ({
    height: height + SLIDER_HEIGHT,
    margin: { ...(margin as object), b: 65 + SLIDER_HEIGHT },
    sliders: [
      {
        active,
        steps,
        x: 0,
        len: 1,
        y: -0.25,
        yanchor: "top",
        pad: { t: 0, b: 0 },
        currentvalue: { prefix: `${name}: `, xanchor: "left", font: { size: 13 } },
        tickcolor: "#2a2a2a",
        minorticklen: 0,
        ticklen: 4,
        font: { size: 11 },
      },
    ],
  });
}

function menu(buttons: readonly object[], active: number): Control {
  return () => ({
    updatemenus: [
      {
        active,
        buttons,
        type: "dropdown",
        direction: "down",
        showactive: true,
        x: 1,
        xanchor: "right",
        y: 1.09,
        yanchor: "bottom",
        bgcolor: "#ffffff",
        font: { size: 12 },
      },
    ],
  });
}

function titleOf({ layout }: Figure): string {
  return (layout["title"] as { readonly text: string }).text;
}

/** Names of a layout's axes. */
function axesOf(layout: FigureLayout): string[] {
  return Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
}

/** The labels of a figure's axes, where they are not left to plotly, as plotly's `update` takes them. */
function ticksOf({ layout }: Figure): Readonly<Record<string, unknown>> {
  return Object.fromEntries<unknown>(
    axesOf(layout).flatMap((name): [string, unknown][] => {
      const { tickvals, ticktext } = layout[name] as Axis;
      return tickvals && ticktext
        ? [
            [`${name}.tickvals`, [...tickvals]],
            [`${name}.ticktext`, [...ticktext]],
          ]
        : [];
    }),
  );
}

/** The axes of the layout that is shown, each with a range that holds those of all figures. */
function sharedAxes(figures: readonly Figure[], layout: FigureLayout): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    axesOf(layout).map((name) => {
      const ranges = figures.flatMap((figure) => (figure.layout[name] as Axis | undefined)?.range ?? []);
      const own = layout[name] as Axis;
      const all = [Math.min(...ranges), Math.max(...ranges)];
      const isReversed = own.range && own.range[0]! > own.range[1]!;
      return [name, { ...own, ...(ranges.length > 0 ? { range: isReversed ? all.reverse() : all } : {}) }];
    }),
  );
}
