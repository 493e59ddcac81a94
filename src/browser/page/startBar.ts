import { button, make } from "./elements.js";
import type { Tools } from "./page.js";

/** Which button started it. */
export type Start = "all" | "cells";

interface Notebook {
  readonly runNotebook: (place: HTMLElement, tools: Tools, start: Start) => Promise<void>;
}

/** The bar above a lesson, before anything is loaded: two buttons. */
export function makeStartBar(place: HTMLElement, tools: Tools): void {
  const textContent = "Runs here, in this page. There is nothing to install.";
  const note = make("span", { className: "run-note", role: "status", textContent });
  const starter = (label: string, start: Start): HTMLElement => button(label, () => void begin(start));
  place.replaceChildren(starter("Run all", "all"), starter("Edit and run", "cells"), note);
  async function begin(start: Start): Promise<void> {
    note.textContent = "Loading …";
    try {
      const url = tools.beside("browser/notebook.js");
      const { runNotebook } = (await import(url)) as Notebook;
      await runNotebook(place, tools, start);
    } catch (error) {
      note.textContent = `This could not be loaded (${(error as Error).message}). Try again when there is a network.`;
    }
  }
}
