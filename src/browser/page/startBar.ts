import type { Tools } from "./page.js";

/** Which button started it. */
export type Start = "all" | "cells";

interface Notebook {
  readonly runNotebook: (place: HTMLElement, tools: Tools, start: Start) => Promise<void>;
}

/** The bar above a lesson, before anything is loaded: two buttons. */
export function makeStartBar(place: HTMLElement, tools: Tools): void {
  const note = document.createElement("span");
  note.className = "run-note";
  note.setAttribute("role", "status");
  note.textContent = "Runs here, in this page. There is nothing to install.";
  const buttons = [
    { label: "Run all", start: "all" },
    { label: "Edit and run", start: "cells" },
  ] as const;
  place.replaceChildren(
    ...buttons.map(({ label, start }) => {
      const button = document.createElement("button");
      button.textContent = label;
      button.onclick = () => {
        note.textContent = "Loading …";
        void begin(start);
      };
      return button;
    }),
    note,
  );
  async function begin(start: Start): Promise<void> {
    try {
      const url = tools.beside("browser/notebook.js");
      const { runNotebook } = (await import(url)) as Notebook;
      await runNotebook(place, tools, start);
    } catch (error) {
      note.textContent = `This could not be loaded (${(error as Error).message}). Try again when there is a network.`;
    }
  }
}
