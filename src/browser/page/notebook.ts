/** Makes a lesson's page a notebook that runs. It is loaded when the reader asks for it. */
import type { CompletionResult } from "@codemirror/autocomplete";
import type { Message, StoredCell } from "../protocol.js";
import { Bar } from "./bar.js";
import { type CellHost, type CellState, CellView } from "./cellView.js";
import { downloadNotebook } from "./download.js";
import { EditStore } from "./edits.js";
import { button } from "./elements.js";
import { Kernel } from "./kernel.js";
import { OwnCells } from "./ownCells.js";
import type { Tools } from "./page.js";
import type { Start } from "./startBar.js";
import { summary } from "./summary.js";

/** `cells.json` */
interface StoredNotebook {
  readonly notebook: string;
  readonly cells: readonly StoredCell[];
}

export async function runNotebook(place: HTMLElement, tools: Tools, start: Start): Promise<void> {
  const response = await fetch(new URL("cells.json", document.baseURI));
  const stored = (await response.json()) as StoredNotebook;
  const notebook = new PageNotebook(place, tools, stored);
  if (start === "all") {
    notebook.runAll();
  }
}

/** Megabytes, as far as they are worth telling. */
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

class PageNotebook {
  readonly #name: string;
  /** In the order of the page. */
  #cells: readonly CellView[];
  readonly #isAssignment: boolean;
  readonly #bar: Bar;
  readonly #kernel: Kernel;
  readonly #edits = new EditStore();
  /** What was asked for since nothing ran. */
  #asked: readonly CellView[] = [];
  #running: { readonly cell: CellView; readonly start: number } | undefined;
  #hasCompiler = false;
  /** Whether the cells are as the reader left them: until then, changes of their texts are not the reader's. */
  #isReady = false;

  constructor(place: HTMLElement, tools: Tools, { notebook, cells }: StoredNotebook) {
    this.#name = notebook;
    this.#isAssignment = cells.some(({ isTest }) => isTest);
    const elements = [...document.querySelectorAll<HTMLElement>(".cell")];
    if (elements.length !== cells.length) {
      throw new Error(`the page shows ${elements.length} cells, and ${cells.length} are stored`);
    }
    const hasShorter = cells.some(({ shorter }) => shorter !== undefined);
    this.#bar = new Bar(place, {
      runAll: () => {
        this.runAll();
      },
      stop: () => {
        this.#bar.say("Stopping …");
        this.#kernel.stop();
      },
      startAnew: () => {
        this.#kernel.end("Started anew.");
      },
      download: () => {
        void downloadNotebook(this.#name, this.#cells, tools);
      },
      restore: () => {
        this.#restore();
      },
      ...(hasShorter && {
        chooseShorter: (isShorter: boolean) => {
          this.#offer(isShorter);
        },
      }),
    });
    this.#kernel = new Kernel(
      tools.beside("browser/worker.js"),
      (message) => {
        this.#hear(message);
      },
      (reason) => {
        this.#lose(reason);
      },
    );
    const host: CellHost = {
      tools,
      run: (view) => {
        this.#runOne(view);
      },
      changed: (view) => {
        this.#keep(view);
      },
      complete: (source, at) => this.#complete(source, at),
      focusAfter: (view) => {
        this.#cells[this.#cells.indexOf(view) + 1]?.editor.focus();
      },
      remove: (view) => {
        this.#remove(view);
      },
    };
    this.#cells = cells.map((cell, i) => new CellView(elements[i]!, cell, `${i + 1}`, host));
    this.#offer(hasShorter);
    const own = new OwnCells(elements, host, (view) => {
      this.#add(view);
    });
    own.take(this.#edits.ids);
    this.#takeEdits();
    this.#isReady = true;
    this.#edits.onOtherTab(() => {
      this.#bar.say("This page was changed in another tab. Reload this page to see the changes here.");
    });
    setInterval(() => {
      this.#tick();
    }, 1000);
  }

  runAll(): void {
    if (this.#kernel.isBusy) {
      this.#bar.say("Cells are running. Stop them first.");
      return;
    }
    this.#run(this.#cells);
  }

  #run(cells: readonly CellView[]): void {
    this.#asked = this.#kernel.isBusy ? [...this.#asked, ...cells] : cells;
    for (const cell of cells) {
      const { compiled, source, title } = cell;
      // Each exercise of an assignment is for itself: what fails in one stops no other.
      const mayFail = this.#isAssignment;
      cell.note();
      cell.state = "waiting";
      this.#kernel.run({
        type: "run",
        id: cell.stored.id,
        title,
        source,
        mayFail,
        ...(compiled && { compiled }),
      });
    }
    this.#bar.isBusy = true;
    this.#bar.say(cells.length > 1 ? `${cells.length} cells run.` : `Cell ${cells[0]!.number} runs.`);
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
      this.#run([cell]);
      return;
    }
    const all = button("Run them, then this one", () => {
      this.#run([...above, cell]);
    });
    const alone = button("Run this one alone", () => {
      this.#run([cell]);
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

  #hear(message: Message): void {
    if (message.type === "compiler") {
      this.#hearCompiler(message);
      return;
    }
    const cell = "id" in message ? this.#cells.find(({ stored }) => stored.id === message.id) : undefined;
    if (!cell) {
      return;
    }
    if (message.type === "started") {
      cell.count = message.count;
      cell.outputs.clear();
      cell.showError([]);
      cell.state = "running";
      this.#running = { cell, start: performance.now() };
    } else if (message.type === "output") {
      cell.outputs.add(message.output, message.displayId, message.update ?? false);
      if (message.output.output_type === "error") {
        cell.showError(message.output.traceback);
        this.#bar.say(`Cell ${cell.number}: ${message.output.evalue}`);
      }
    } else if (message.type === "ended") {
      this.#end(cell, message);
    }
  }

  #end(cell: CellView, { status, seconds }: Extract<Message, { type: "ended" }>): void {
    this.#running = undefined;
    cell.state = status;
    if (status === "ok" && seconds >= 0.5) {
      cell.tell("ok", `${cell.stored.isTest ? "passes, after" : "done in"} ${seconds.toFixed(1)} s`);
    }
    this.#bar.isBusy = this.#kernel.isBusy;
    if (!this.#kernel.isBusy) {
      this.#bar.say(summary(this.#cells, this.#asked, cell));
      // By the time that a cell is changed, the compiler is there.
      if (!this.#hasCompiler && this.#cells.some(({ isChanged }) => isChanged)) {
        this.#kernel.loadCompiler();
      }
    }
  }

  #hearCompiler(message: Extract<Message, { type: "compiler" }>): void {
    this.#hasCompiler = message.state === "ready";
    if (message.state === "loading") {
      this.#bar.tellCompiler(
        `A changed cell needs the compiler: ${megabytes(message.bytes)} of ${megabytes(message.of)} loaded.`,
      );
    } else if (message.state === "ready") {
      this.#bar.tellCompiler("The compiler is here: changed cells are checked for their types.");
    } else {
      this.#bar.tellCompiler(
        `The compiler could not be loaded: ${message.reason}. Changed cells can't run; run one again to try again.`,
      );
    }
  }

  /** The worker is gone, and its variables with it. */
  #lose(reason: string): void {
    this.#running = undefined;
    this.#hasCompiler = false;
    for (const cell of this.#cells) {
      if (cell.state === "running") {
        cell.tell("stopped", "stopped");
      } else if (cell.state !== "idle") {
        cell.tell("idle", "its variables are gone");
      }
    }
    this.#bar.isBusy = false;
    this.#bar.tellCompiler("");
    this.#bar.say(`${reason} All variables are gone: run the cells from the top.`);
  }

  async #complete(source: string, at: number): Promise<CompletionResult | null> {
    const found = this.#hasCompiler ? await this.#kernel.complete(source, at) : undefined;
    return found ? { from: found.from, options: found.names.map((label) => ({ label })) } : null;
  }

  #keep(cell: CellView): void {
    if (!this.#isReady) {
      return;
    }
    this.#edits.set(cell.stored.id, cell.offered, cell.source);
    if (cell.isChanged && !this.#hasCompiler && !this.#kernel.isBusy) {
      this.#kernel.loadCompiler();
    }
  }

  #takeEdits(): void {
    let count = 0;
    for (const cell of this.#cells) {
      const edit = this.#edits.of(cell.stored.id, cell.offered);
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
    if (this.#kernel.isBusy) {
      this.#bar.say("Cells are running. Stop them first.");
      return;
    }
    this.#edits.set(cell.stored.id, "", "");
    this.#cells = this.#cells.filter((other) => other !== cell);
    cell.element.remove();
    this.#bar.say(`Cell ${cell.number} is removed.`);
  }

  #offer(isShorter: boolean): void {
    this.#cells.forEach((cell) => {
      cell.offer(isShorter);
    });
  }

  #restore(): void {
    const changed = this.#cells.filter(({ isChanged }) => isChanged);
    const question = `Throw away your changes to ${changed.length === 1 ? "a cell" : `${changed.length} cells`}, and load the page anew?`;
    if (changed.length === 0 || confirm(question)) {
      this.#edits.clear();
      location.reload();
    }
  }

  #tick(): void {
    if (this.#running) {
      const { cell, start } = this.#running;
      cell.tell("running", `runs, ${Math.round((performance.now() - start) / 1000)} s`);
    }
  }
}
