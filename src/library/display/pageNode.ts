/**
 * A page for plotly.js to draw on: the elements come from linkedom, a light stand-in for a browser's. It lacks what
 * depends on how things look: the size of texts, and the canvas on which plotly paints heatmaps.
 */
/// <reference lib="dom" />
// plotly.js' types speak of a browser's.
import { parseHTML } from "linkedom";
import type * as PlotlyModule from "plotly.js-dist";
import { boxOf, type PageElement, placeWithin } from "./boxNode.js";

type Plotly = typeof PlotlyModule;

/** What is used of linkedom's window. */
interface Page extends Record<"Element" | "HTMLElement" | "DOMParser", object> {
  readonly document: { readonly documentElement: { readonly style: object } };
  readonly HTMLCanvasElement: { readonly prototype: object };
  readonly SVGElement: { readonly prototype: object };
}

let plotly: Plotly | undefined;

/** plotly.js, loaded into a page. The thread has a `window` and a `document` from then on. */
export function loadPlotly(): Plotly {
  if (!plotly) {
    makePage();
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- it can only be loaded once the page is there
    plotly = require("plotly.js-dist") as Plotly;
  }
  return plotly;
}

function makePage(): void {
  const page = parseHTML("<!doctype html><html><head></head><body></body></html>") as unknown as Page;
  mendElements(page);
  Object.assign(page.HTMLCanvasElement.prototype, {
    getContext(this: VectorCanvas) {
      this.vectors ??= new Vectors();
      return this.vectors;
    },
    toDataURL(this: VectorCanvas) {
      return this.vectors?.toDataUrl(this.width, this.height) ?? "";
    },
  });
  // Plotly looks for the page's objects where a browser has them: among the globals.
  const { document, Element, HTMLElement, SVGElement, DOMParser } = page;
  const globals = {
    window: globalThis,
    self: globalThis,
    document,
    Element,
    HTMLElement,
    SVGElement,
    DOMParser,
    navigator: { userAgent: "Node.js" },
    getComputedStyle: ({ style }: PageElement) => style,
    requestAnimationFrame: (draw: () => void) => setTimeout(draw, 0),
    cancelAnimationFrame: clearTimeout,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    // Without pixelated images, plotly paints a heatmap cell by cell.
    CSS: { supports: () => false },
    XMLSerializer: class {
      serializeToString(element: { toString(): string }): string {
        return element.toString();
      }
    },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  // Asked for by the map traces as they load.
  URL.createObjectURL = () => "";
}

/** Gives elements the sizes that linkedom leaves out, and does as a browser does where linkedom differs. */
function mendElements({ document, SVGElement }: Page): void {
  const name = {
    get(this: PageElement) {
      return this.localName;
    },
  };
  Object.defineProperties(SVGElement.prototype, { nodeName: name, tagName: name });
  Object.assign(SVGElement.prototype, {
    getBBox(this: PageElement) {
      return boxOf(this);
    },
    getBoundingClientRect(this: PageElement) {
      return placeWithin(this, boxOf(this));
    },
  });
  // An empty value takes a style away.
  const styles = Object.getPrototypeOf(document.documentElement.style) as Styles;
  const { setProperty, removeProperty } = styles;
  styles.setProperty = function (property, value) {
    (value === "" ? removeProperty : setProperty).call(this, property, value);
  };
}

interface Styles {
  setProperty: (this: Styles, property: string, value: string) => void;
  removeProperty: (this: Styles, property: string) => void;
}

interface VectorCanvas {
  readonly width: number;
  readonly height: number;
  vectors?: Vectors;
}

/** The drawing context of a canvas that keeps rectangles as they are, so that a heatmap is sharp at any size. */
class Vectors {
  fillStyle = "";
  readonly #rectangles: string[] = [];

  fillRect(x: number, y: number, width: number, height: number): void {
    const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
    this.#rectangles.push(`<rect ${place} fill="${this.fillStyle}"/>`);
  }

  toDataUrl(width: number, height: number): string {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${this.#rectangles.join("")}</svg>`;
    return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  }
}
