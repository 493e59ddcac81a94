/** Makes a lesson's page a notebook that runs. It is loaded when the reader asks for it. */
import type { StoredCell } from "../protocol.js";
import { Bar } from "./bar.js";
import { type CellHost, type CellState, CellView } from "./cellView.js";
import { downloadNotebook } from "./download.js";
import { EditStore } from "./edits.js";
import { button } from "./elements.js";
import { OwnCells } from "./ownCells.js";
import type { Tools } from "./page.js";
import { Runs } from "./runs.js";

/** `cells.json` */
interface StoredNotebook {
  readonly notebook: string;
  readonly cells: readonly StoredCell[];
}

export async function runNotebook(place: HTMLElement, tools: Tools, runsAll: () => boolean): Promise<void> {
  const response = await fetch(new URL("cells.json", document.baseURI));
  const stored = (await response.json()) as StoredNotebook;
  const notebook = new PageNotebook(place, tools, stored);
  if (runsAll()) {
    notebook.runAll();
  }
}

class PageNotebook {
  readonly #name: string;
  /** In the order of the page. */
  #cells: readonly CellView[];
  readonly #isAssignment: boolean;
  readonly #bar: Bar;
  readonly #runs: Runs;
  readonly #edits = new EditStore();
  /** Whether the cells are as the reader left them: until then, changes of their texts are not the reader's. */
  #isReady = false;

  constructor(place: HTMLElement, tools: Tools, { notebook, cells }: StoredNotebook) {
    this.#name = notebook;
    this.#isAssignment = cells.some(({ isTest }) => isTest);
    const elements = [...document.querySelectorAll<HTMLElement>(".cell")];
    if (elements.length !== cells.length) {
      throw new Error(`the page shows ${elements.length} cells, and ${cells.length} are stored`);
    }
    this.#bar = new Bar(place, {
      runAll: () => {
        this.runAll();
      },
      stop: () => {
        this.#runs.stop();
      },
      startAnew: () => {
        this.#runs.startAnew();
      },
      download: () => {
        void downloadNotebook(this.#name, this.#cells, tools);
      },
      restore: () => {
        this.#restore();
      },
    });
    this.#runs = new Runs(tools.beside("browser/worker.js"), {
      cells: () => this.#cells,
      bar: this.#bar,
      // Each exercise of an assignment is for itself: what fails in one stops no other.
      mayFail: this.#isAssignment,
    });
    const host: CellHost = {
      tools,
      run: (view) => {
        this.#runOne(view);
      },
      changed: (view) => {
        this.#keep(view);
      },
      complete: (source, at) => this.#runs.complete(source, at),
      focusAfter: (view) => {
        this.#cells[this.#cells.indexOf(view) + 1]?.editor.focus();
      },
      remove: (view) => {
        this.#remove(view);
      },
    };
    this.#cells = cells.map((cell, i) => new CellView(elements[i]!, cell, `${i + 1}`, host));
    const own = new OwnCells(elements, host, (view) => {
      this.#add(view);
    });
    own.take(this.#edits.ids);
    this.#takeEdits();
    this.#isReady = true;
    this.#edits.onOtherTab(() => {
      this.#bar.say("This page was changed in another tab. Reload this page to see the changes here.");
    });
  }

  runAll(): void {
    if (this.#runs.isBusy) {
      this.#bar.say("Cells are running. Stop them first.");
      return;
    }
    this.#runs.run(this.#cells);
  }

  /** Runs one cell; where cells above it have not run, asks first. */
  #runOne(cell: CellView): void {
    if (cell.state === "waiting" || cell.state === "running") {
      return;
    }
    const done: readonly CellState[] = [
      "ok",
      "waiting",
      "running",
      ...(this.#isAssignment ? (["error"] as const) : []),
    ];
    const above = this.#cells
      .slice(0, this.#cells.indexOf(cell))
      .filter(({ state, isOwn, stored }) => !done.includes(state) && !isOwn && !stored.isTest);
    if (above.length === 0) {
      this.#runs.run([cell]);
      return;
    }
    const all = button("Run them, then this one", () => {
      this.#runs.run([...above, cell]);
    });
    const alone = button("Run this one alone", () => {
      this.#runs.run([cell]);
    });
    cell.note(
      `${above.length === 1 ? "A cell" : `${above.length} cells`} above this one did not run yet. `,
      all,
      " ",
      alone,
    );
    this.#bar.say(`Cells above cell ${cell.number} did not run yet.`);
    all.focus();
  }

  #keep(cell: CellView): void {
    if (!this.#isReady) {
      return;
    }
    this.#edits.set(cell.stored.id, cell.stored.source, cell.source);
    if (cell.isChanged) {
      this.#runs.prepareCompiler();
    }
  }

  #takeEdits(): void {
    let count = 0;
    for (const cell of this.#cells) {
      const edit = this.#edits.of(cell.stored.id, cell.stored.source);
      if (edit && !edit.isOld) {
        cell.source = edit.source;
        count++;
      } else if (edit) {
        const take = button("Use your text", () => {
          cell.source = edit.source;
          cell.note();
        });
        cell.note("This cell is another one since you changed it. ", take);
      }
    }
    if (count > 0) {
      this.#bar.say(
        `${count === 1 ? "A cell is" : `${count} cells are`} as you left ${count === 1 ? "it" : "them"}.`,
      );
    }
  }

  /** Takes in a cell that the reader has added. */
  #add(cell: CellView): void {
    const isBehind = (other: CellView): boolean =>
      (other.element.compareDocumentPosition(cell.element) & Node.DOCUMENT_POSITION_PRECEDING) > 0;
    const place = this.#cells.findIndex(isBehind);
    this.#cells = this.#cells.toSpliced(place < 0 ? this.#cells.length : place, 0, cell);
  }

  #remove(cell: CellView): void {
    if (this.#runs.isBusy) {
      this.#bar.say("Cells are running. Stop them first.");
      return;
    }
    this.#edits.set(cell.stored.id, "", "");
    this.#cells = this.#cells.filter((other) => other !== cell);
    cell.element.remove();
    this.#bar.say(`Cell ${cell.number} is removed.`);
  }

  #restore(): void {
    const changed = this.#cells.filter(({ isChanged }) => isChanged);
    const question = `Throw away your changes to ${changed.length === 1 ? "a cell" : `${changed.length} cells`}, and load the page anew?`;
    if (changed.length === 0 || confirm(question)) {
      this.#edits.clear();
      location.reload();
    }
  }
}
