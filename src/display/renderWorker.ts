/**
 * Draws figures as PNG, in a thread of its own: plotly.js in a page that jsdom makes up, then resvg. A page needs two
 * things that jsdom has not: a canvas (plotly paints heatmaps on one) and the size of texts. @napi-rs/canvas gives both.
 */
import { createCanvas, GlobalFonts, type Canvas } from "@napi-rs/canvas";
import { Resvg } from "@resvg/resvg-js";
import { JSDOM } from "jsdom";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type * as PlotlyModule from "plotly.js-dist";
import { around, type Box, numberOf, placeWithin, toBox } from "./box.js";
import type { RenderAnswer, RenderRequest } from "./png.js";

const FONT_FILES = ["OpenSans-Regular.ttf", "OpenSans-Bold.ttf"].map((name) =>
  join(__dirname, "..", "..", "display", "fonts", name),
);
const FONT_FAMILY = "Open Sans";

const plotly = loadPlotly();

parentPort?.on("message", (request: RenderRequest) => {
  void answer(request);
});

async function answer({ figure, width, height, scale, port, done }: RenderRequest): Promise<void> {
  let message: RenderAnswer;
  try {
    message = { png: await draw(figure, { width, height, scale }) };
  } catch (error) {
    message = { error: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(message);
  port.close();
  // Wakes the thread that waits in Atomics.wait.
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

async function draw(
  figure: RenderRequest["figure"],
  { width, height, scale }: { width: number; height: number; scale: number },
): Promise<Uint8Array> {
  // Plotly fills in what it is given: a copy keeps the figure as it was, and messages are copies already.
  const url = await plotly.toImage(figure, { format: "svg", width, height });
  // Two things in other words, since resvg does not know plotly's.
  const svg = decodeURIComponent(url.slice(url.indexOf(",") + 1))
    .replace(/url\('(#[^']*)'\)/g, "url($1)")
    .replaceAll("image-rendering: pixelated", "image-rendering: optimizeSpeed");
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: FONT_FAMILY },
  });
  return image.render().asPng();
}

/** Loads plotly.js into a made-up page. */
function loadPlotly(): typeof PlotlyModule {
  FONT_FILES.forEach((file) => GlobalFonts.registerFromPath(file, FONT_FAMILY));
  const { window } = new JSDOM("<!doctype html><html><body></body></html>", { pretendToBeVisual: true });
  giveCanvas(window);
  giveTextSizes(window);
  window.URL.createObjectURL = () => "";
  // Plotly looks for the page's objects where a browser has them: among the globals.
  const names = [
    "document",
    "HTMLElement",
    "Element",
    "Node",
    "SVGElement",
    "DOMParser",
    "XMLSerializer",
  ] as const;
  Object.assign(globalThis, { window, self: window });
  for (const name of [
    ...names,
    "getComputedStyle",
    "requestAnimationFrame",
    "cancelAnimationFrame",
  ] as const) {
    Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
  }
  Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it can only be loaded once the page is there
  return require("plotly.js-dist") as typeof PlotlyModule;
}

/** Lets every <canvas> of the page paint on a real one. */
function giveCanvas(window: JSDOM["window"]): void {
  const canvases = new WeakMap<object, Canvas>();
  const real = (element: { width: number; height: number }): Canvas => {
    let canvas = canvases.get(element);
    if (canvas?.width !== element.width || canvas.height !== element.height) {
      canvas = createCanvas(element.width, element.height);
      canvases.set(element, canvas);
    }
    return canvas;
  };
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: HTMLCanvasElement, kind: string) {
      return kind === "2d" ? real(this).getContext("2d") : null;
    },
    toDataURL(this: HTMLCanvasElement) {
      return real(this).toDataURL("image/png");
    },
  });
}

/** Gives texts the size and the place that they will have in the picture: plotly keeps titles clear of labels. */
function giveTextSizes(window: JSDOM["window"]): void {
  const ruler = createCanvas(1, 1).getContext("2d");
  const sizeOf = (element: Element): { width: number; height: number; size: number } => {
    const style = window.getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize) || 12;
    ruler.font = `${style.fontWeight || "normal"} ${size}px "${FONT_FAMILY}"`;
    const spans = [...element.querySelectorAll("tspan.line")];
    const lines = spans.length > 0 ? spans.map((span) => span.textContent) : [element.textContent];
    const width = Math.max(...lines.map((line) => ruler.measureText(line).width));
    return { width, height: 1.3 * size * lines.length, size };
  };
  const textBox = (element: Element): Box => {
    const { width, height, size } = sizeOf(element);
    const anchor = element.getAttribute("text-anchor") ?? "start";
    const shift = { start: 0, middle: width / 2, end: width }[anchor] ?? 0;
    return toBox(numberOf(element, "x") - shift, numberOf(element, "y") - size, width, height);
  };
  // A group is as large as the texts in it; what holds no text has no size here.
  const boxOf = (element: Element): Box =>
    element.tagName === "text"
      ? textBox(element)
      : around(
          [...element.querySelectorAll("text")].map((text) => placeWithin(text, textBox(text), element)),
        );
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Element) {
      return boxOf(this);
    },
    getBoundingClientRect(this: Element) {
      return placeWithin(this, boxOf(this));
    },
    getComputedTextLength(this: Element) {
      return sizeOf(this).width;
    },
  });
}
