import type { Output } from "../protocol.js";
import type { Tools } from "./page.js";
import type { PlotlyFigure } from "./plotly.js";
import { safeHtml } from "./safeHtml.js";

const PLOTLY = "application/vnd.plotly.v1+json";

/** An output as it is now, and its element. */
interface Shown {
  output: Output;
  readonly element: HTMLElement;
}

/** The outputs of a cell, below it. */
export class OutputView {
  readonly element: HTMLElement;
  readonly #tools: Tools;
  #shown: Shown[] = [];
  readonly #byId = new Map<string, Shown>();

  constructor(element: HTMLElement, tools: Tools) {
    this.element = element;
    this.#tools = tools;
  }

  /** What the cell has put out since it ran last. */
  get outputs(): readonly { readonly output: Output; readonly element: HTMLElement }[] {
    return this.#shown;
  }

  clear(): void {
    this.#shown = [];
    this.#byId.clear();
    this.element.replaceChildren();
  }

  add(output: Output, displayId: string | undefined, update: boolean): void {
    const known = displayId === undefined ? undefined : this.#byId.get(displayId);
    if (known && update) {
      known.output = output;
      this.#fill(known.element, output);
      return;
    }
    const last = this.#shown.at(-1);
    if (
      output.output_type === "stream" &&
      last?.output.output_type === "stream" &&
      last.output.name === output.name
    ) {
      last.output = { ...output, text: last.output.text + output.text };
      last.element.querySelector("pre")!.append(output.text);
      return;
    }
    const element = document.createElement("div");
    element.className = "output";
    this.element.append(element);
    const shown: Shown = { output, element };
    this.#shown.push(shown);
    if (displayId !== undefined) {
      this.#byId.set(displayId, shown);
    }
    this.#fill(element, output);
  }

  #fill(element: HTMLElement, output: Output): void {
    if (output.output_type === "stream") {
      element.classList.toggle("stderr", output.name === "stderr");
      element.replaceChildren(textElement(output.text));
      return;
    }
    if (output.output_type === "error") {
      element.classList.add("error");
      element.replaceChildren(textElement(output.traceback.join("\n")));
      return;
    }
    const { data } = output;
    const text = typeof data["text/plain"] === "string" ? data["text/plain"] : "";
    if (data[PLOTLY] !== undefined) {
      this.#drawFigure(element, data[PLOTLY] as PlotlyFigure, text);
    } else if (typeof data["text/html"] === "string") {
      element.replaceChildren(safeHtml(data["text/html"]));
    } else {
      element.replaceChildren(textElement(text));
    }
  }

  #drawFigure(element: HTMLElement, figure: PlotlyFigure, alt: string): void {
    const { makeFrame, setFigure, watchFrame, drawFrame } = this.#tools;
    const known = element.querySelector<HTMLElement>(".figure");
    const frame = known ?? makeFrame(alt);
    frame.dataset["alt"] = alt;
    setFigure(frame, figure);
    if (!known) {
      element.replaceChildren(frame);
      watchFrame(frame);
    } else if (frame.dataset["drawn"] !== undefined) {
      void drawFrame(frame);
    }
  }
}

function textElement(text: string): HTMLElement {
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.textContent = text;
  return pre;
}
