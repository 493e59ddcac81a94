import { DARK, darkened, isDark, LIGHT } from "./colors.js";
import { choose, loadPlotly, type Plot, type PlotlyFigure } from "./plotly.js";

/** Figures of frames that are no files: outputs of cells. */
const figures = new WeakMap<HTMLElement, PlotlyFigure>();

/** What loads Plotly for a frame that was made here. */
const loaders = new WeakMap<HTMLElement, typeof loadPlotly>();

const shown = new Set<HTMLElement>();

/** A frame for a figure that is no file, in the figure's size. Draw it with `drawFrame`. */
export function makeFrame(alt: string, load = loadPlotly): HTMLElement {
  const frame = document.createElement("div");
  loaders.set(frame, load);
  frame.className = "figure";
  frame.dataset["alt"] = alt;
  return frame;
}

/** Puts a figure into a frame, in the place of the one that may be there. */
export function setFigure(frame: HTMLElement, figure: PlotlyFigure): void {
  figures.set(frame, figure);
  const { width, height } = figure.layout;
  frame.style.setProperty("--width", String(width));
  frame.style.setProperty("--height", String(height));
}

/** The figure of a frame, if it is an output of a cell. */
export const figureOf = (frame: HTMLElement): PlotlyFigure | undefined => figures.get(frame);

async function fetchFigure(frame: HTMLElement): Promise<PlotlyFigure> {
  const response = await fetch(new URL(frame.dataset["figure"]!, document.baseURI));
  return (await response.json()) as PlotlyFigure;
}

/** Draws a frame's figure, in the page's colors and the frame's size. */
export async function drawFrame(frame: HTMLElement): Promise<void> {
  shown.add(frame);
  const load = loaders.get(frame) ?? loadPlotly;
  const [plotly, figure] = await Promise.all([load(), figures.get(frame) ?? fetchFigure(frame)]);
  const colors = isDark() ? DARK : LIGHT;
  // Plotly writes into what it is given.
  const { data, layout, config } = structuredClone(isDark() ? darkened(figure) : figure);
  const image = frame.querySelector("img");
  const alt = image?.alt ?? frame.dataset["alt"] ?? "";
  const isLarge = frame.classList.contains("large");
  if (!isLarge) {
    layout.width = frame.clientWidth;
    layout.height = frame.clientHeight;
  } else {
    // A finger moves the page, not the axes.
    layout.dragmode = false;
  }
  for (const menu of layout.updatemenus ?? []) {
    Object.assign(menu, { bgcolor: colors.button, font: { ...menu.font, color: colors.ink } });
  }
  for (const slider of layout.sliders ?? []) {
    slider.font = { ...slider.font, color: colors.ink };
  }
  const plot = frame.querySelector<Plot>(".plot") ?? addPlot(frame);
  plot.setAttribute("aria-label", alt);
  if (layout.sliders?.[0] ?? layout.updatemenus?.[0]) {
    plot.tabIndex = 0;
    plot.setAttribute("aria-label", `${alt} The arrow keys change what is shown.`);
    plot.onkeydown = (event) => void choose(plotly, plot, event);
  }
  await plotly.react(plot, data, layout, { ...config, responsive: false, showSendToCloud: false });
  image?.setAttribute("aria-hidden", "true");
  frame.dataset["drawn"] = "true";
}

function addPlot(frame: HTMLElement): Plot {
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("role", "group");
  frame.append(plot);
  return plot as unknown as Plot;
}

/** Draws all figures anew that are drawn, as the page's size or colors have changed. */
export function redrawAll(): void {
  for (const frame of shown) {
    if (frame.isConnected) {
      void drawFrame(frame);
    } else {
      shown.delete(frame);
    }
  }
}
