import { button, make } from "./elements.js";
import type { Tools } from "./page.js";

interface Notebook {
  /** `runsAll` is asked when all is loaded. */
  readonly runNotebook: (place: HTMLElement, tools: Tools, runsAll: () => boolean) => Promise<void>;
}

/** The bar above a lesson, before anything is loaded: two buttons. */
export function makeStartBar(place: HTMLElement, tools: Tools): void {
  const textContent = "Runs here, in this page. There is nothing to install.";
  const note = make("span", { className: "run-note", role: "status", textContent });
  const starter = (label: string, runsAll: boolean): HTMLElement =>
    button(label, () => {
      wantsAll ||= runsAll;
      void begin();
    });
  let wantsAll = false;
  let isLoading = false;
  place.replaceChildren(starter("Run all", true), starter("Edit and run", false), note);
  async function begin(): Promise<void> {
    // Who presses twice gets one notebook.
    if (isLoading) {
      return;
    }
    isLoading = true;
    note.textContent = "Loading …";
    try {
      const url = tools.beside("browser/notebook.js");
      const { runNotebook } = (await import(url)) as Notebook;
      await runNotebook(place, tools, () => wantsAll);
    } catch (error) {
      note.textContent = `This could not be loaded (${(error as Error).message}). Try again when there is a network.`;
      wantsAll = false;
    } finally {
      isLoading = false;
    }
  }
}
