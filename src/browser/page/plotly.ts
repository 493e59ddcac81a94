/** A figure as a page has it: a file beside the page, or an output of a cell. */
export interface PlotlyFigure {
  readonly data: unknown[];
  readonly layout: PlotlyLayout;
  readonly config?: object;
}

interface Control {
  readonly active?: number;
  readonly steps?: readonly Choice[];
  readonly buttons?: readonly Choice[];
  font?: object;
}

interface Choice {
  readonly method: "restyle" | "relayout" | "update" | "animate";
  readonly args: readonly unknown[];
}

export interface PlotlyLayout {
  width: number;
  height: number;
  dragmode?: false | string;
  readonly sliders?: readonly Control[];
  readonly updatemenus?: readonly Control[];
}

/** What Plotly puts on the element that it draws in. */
export type Plot = HTMLElement & { readonly layout: PlotlyLayout };

type Change = (plot: HTMLElement, ...args: readonly unknown[]) => Promise<void>;

/** What is used of Plotly. */
export interface Plotly extends Record<Choice["method"], Change> {
  react(plot: HTMLElement, data: unknown[], layout: object, config: object): Promise<void>;
  toImage(plot: HTMLElement | PlotlyFigure, options: object): Promise<string>;
}

const here = (document.currentScript as HTMLScriptElement | null)?.src ?? document.baseURI;
/** Its files: all of it, and a quarter that draws lines, in a fifth of the time. */
const ALL = "plotly.min.js";
const LINES = "plotly-basic.min.js";
const loading = new Map<string, Promise<Plotly>>();

/** The address of a file beside this script. */
export const beside = (path: string): string => new URL(path, here).href;

/** Plotly, loaded when it is wanted first. */
export const loadPlotly = (): Promise<Plotly> => load(ALL);

/** Plotly for figures of lines alone: all of it, if it is there or on its way. */
export const loadForLines = (): Promise<Plotly> =>
  load(loading.has(ALL) && !loading.has(LINES) ? ALL : LINES);

function load(name: string): Promise<Plotly> {
  const library =
    loading.get(name) ??
    new Promise<Plotly>((done, failed) => {
      const script = document.createElement("script");
      script.src = beside(`vendor/${name}`);
      script.onload = () => {
        done((globalThis as unknown as { Plotly: Plotly }).Plotly);
      };
      script.onerror = () => {
        loading.delete(name);
        failed(new Error("Plotly could not be loaded"));
      };
      document.head.append(script);
    });
  loading.set(name, library);
  return library;
}

const BY_KEY: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Plotly's sliders and menus know the mouse only: with the keyboard, an arrow takes the next choice or the one before. */
export async function choose(plotly: Plotly, plot: Plot, event: KeyboardEvent): Promise<void> {
  const by = BY_KEY[event.key];
  if (by === undefined) {
    return;
  }
  event.preventDefault();
  const name = plot.layout.sliders === undefined ? "updatemenus" : "sliders";
  const control = plot.layout[name]![0]!;
  const choices = control.steps ?? control.buttons ?? [];
  const active = Math.min(Math.max((control.active ?? 0) + by, 0), choices.length - 1);
  const { method, args } = choices[active]!;
  await plotly[method](plot, ...args);
  await plotly.relayout(plot, { [`${name}[0].active`]: active });
}
