import type { CompletionResult } from "@codemirror/autocomplete";
import type { Message } from "../protocol.js";
import type { Bar } from "./bar.js";
import type { CellView } from "./cellView.js";
import { Kernel } from "./kernel.js";
import { summary } from "./summary.js";

/** Megabytes, as far as they are worth telling. */
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What runs of a notebook's cells need to know of it. */
export interface RunsHost {
  /** The cells, in the order of the page. */
  readonly cells: () => readonly CellView[];
  readonly bar: Bar;
  /** Whether what fails stops what was asked for after it. */
  readonly mayFail: boolean;
}

/** Runs cells, and shows in them and in the bar how far they are. */
export class Runs {
  readonly #host: RunsHost;
  readonly #kernel: Kernel;
  /** What was asked for since nothing ran. */
  #asked: readonly CellView[] = [];
  #running: { readonly cell: CellView; readonly start: number } | undefined;
  #hasCompiler = false;

  /** @param url of the worker's script */
  constructor(url: string, host: RunsHost) {
    this.#host = host;
    this.#kernel = new Kernel(
      url,
      (message) => {
        this.#hear(message);
      },
      (reason) => {
        this.#lose(reason);
      },
    );
    setInterval(() => {
      this.#tick();
    }, 1000);
  }

  get isBusy(): boolean {
    return this.#kernel.isBusy;
  }

  run(cells: readonly CellView[]): void {
    this.#asked = this.#kernel.isBusy ? [...this.#asked, ...cells] : cells;
    for (const cell of cells) {
      const { compiled, source, title } = cell;
      cell.note();
      cell.state = "waiting";
      this.#kernel.run({
        type: "run",
        id: cell.stored.id,
        title,
        source,
        mayFail: this.#host.mayFail,
        ...(compiled && { compiled }),
      });
    }
    this.#host.bar.isBusy = true;
    this.#host.bar.say(cells.length > 1 ? `${cells.length} cells run.` : `Cell ${cells[0]!.number} runs.`);
  }

  stop(): void {
    this.#host.bar.say("Stopping …");
    this.#kernel.stop();
  }

  startAnew(): void {
    this.#kernel.end("Started anew.");
  }

  /** Loads the compiler for cells that were changed, if nothing runs. */
  prepareCompiler(): void {
    if (!this.#hasCompiler && !this.isBusy) {
      this.#kernel.loadCompiler();
    }
  }

  async complete(source: string, at: number): Promise<CompletionResult | null> {
    const found = this.#hasCompiler ? await this.#kernel.complete(source, at) : undefined;
    return found ? { from: found.from, options: found.names.map((label) => ({ label })) } : null;
  }

  #hear(message: Message): void {
    if (message.type === "compiler") {
      this.#hearCompiler(message);
      return;
    }
    const cell =
      "id" in message ? this.#host.cells().find(({ stored }) => stored.id === message.id) : undefined;
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
        this.#host.bar.say(`Cell ${cell.number}: ${message.output.evalue}`);
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
    this.#host.bar.isBusy = this.#kernel.isBusy;
    if (!this.#kernel.isBusy) {
      this.#host.bar.say(summary(this.#host.cells(), this.#asked, cell));
      // By the time that a cell is changed, the compiler is there.
      if (!this.#hasCompiler && this.#host.cells().some(({ isChanged }) => isChanged)) {
        this.#kernel.loadCompiler();
      }
    }
  }

  #hearCompiler(message: Extract<Message, { type: "compiler" }>): void {
    this.#hasCompiler = message.state === "ready";
    if (message.state === "loading") {
      this.#host.bar.tellCompiler(
        `A changed cell needs the compiler: ${megabytes(message.bytes)} of ${megabytes(message.of)} loaded.`,
      );
    } else if (message.state === "ready") {
      this.#host.bar.tellCompiler("The compiler is here: changed cells are checked for their types.");
    } else {
      this.#host.bar.tellCompiler(
        `The compiler could not be loaded: ${message.reason}. Changed cells can't run; run one again to try again.`,
      );
    }
  }

  /** The worker is gone, and its variables with it. */
  #lose(reason: string): void {
    this.#running = undefined;
    this.#hasCompiler = false;
    for (const cell of this.#host.cells()) {
      if (cell.state === "running") {
        cell.tell("stopped", "stopped");
      } else if (cell.state !== "idle") {
        cell.tell("idle", "its variables are gone");
      }
    }
    this.#host.bar.isBusy = false;
    this.#host.bar.tellCompiler("");
    this.#host.bar.say(`${reason} All variables are gone: run the cells from the top.`);
  }

  #tick(): void {
    if (this.#running) {
      const { cell, start } = this.#running;
      cell.tell("running", `runs, ${Math.round((performance.now() - start) / 1000)} s`);
    }
  }
}
