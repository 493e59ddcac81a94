import type { CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import type { Compiled, StoredCell } from "../protocol.js";
import { makeEditor, setSource, showErrorLine } from "./editor.js";
import { button, make } from "./elements.js";
import { OutputView } from "./outputView.js";
import type { Tools } from "./page.js";

export type CellState = "idle" | "waiting" | "running" | "ok" | "error" | "stopped" | "skipped";

/** What a cell says of itself. */
const WORDS: Readonly<Record<CellState, string>> = {
  idle: "not run here yet",
  waiting: "waits",
  running: "runs",
  ok: "done",
  error: "failed",
  stopped: "stopped",
  skipped: "not run: a cell above did not end well",
};

/** What a test says of itself, besides. */
const WORDS_OF_TESTS: Partial<typeof WORDS> = { ok: "passes", error: "does not pass" };

/** What a cell asks of the notebook. */
export interface CellHost {
  readonly tools: Tools;
  run(cell: CellView): void;
  changed(cell: CellView): void;
  complete(source: string, at: number): Promise<CompletionResult | null>;
  focusAfter(cell: CellView): void;
  /** Takes away a cell that the reader has added. */
  remove(cell: CellView): void;
}

/** A code cell of the page: its editor, a bar with its state, and its outputs. */
export class CellView {
  readonly element: HTMLElement;
  readonly stored: StoredCell;
  /** What it is called on the page, such as "3"; one that the reader has added behind it is "3.1". */
  readonly number: string;
  readonly editor: EditorView;
  readonly outputs: OutputView;
  /** As which cell it ran last: what Jupyter shows as [3]. */
  count: number | undefined;
  readonly #state = make("span", { className: "cell-state" });
  readonly #changed = make("span", { className: "cell-changed" });
  readonly #bar: HTMLElement;
  readonly #note = make("div", { className: "cell-note", hidden: true });
  #current: CellState = "idle";

  constructor(element: HTMLElement, stored: StoredCell, number: string, host: CellHost) {
    this.element = element;
    this.stored = stored;
    this.number = number;
    const input = element.querySelector<HTMLElement>(".cell_input")!;
    element.classList.toggle("locked", stored.isLocked);
    this.editor = makeEditor(stored.source, {
      label: `Cell ${number}, TypeScript${stored.isLocked ? ", given" : ""}. Shift and Enter run it.`,
      isLocked: stored.isLocked ?? false,
      onChange: () => {
        this.#showChanged();
        host.changed(this);
      },
      onRun: (move) => {
        host.run(this);
        if (move === "on") {
          host.focusAfter(this);
        }
      },
      complete: (source, at) => host.complete(source, at),
    });
    input.replaceChildren(this.editor.dom);
    const run = button("Run", () => {
      host.run(this);
    });
    run.setAttribute("aria-label", `Run cell ${number}`);
    const undo = button(this.isOwn ? "Remove" : "Undo changes", () => {
      if (this.isOwn) {
        host.remove(this);
        return;
      }
      this.source = this.stored.source;
      this.editor.focus();
    });
    undo.setAttribute("aria-label", this.isOwn ? `Remove cell ${number}` : `Undo changes of cell ${number}`);
    this.#changed.append(this.isOwn ? "yours " : "changed ", undo);
    const given = stored.isLocked ? [make("span", { textContent: stored.isTest ? "a test" : "given" })] : [];
    this.#bar = make("div", { className: "cell-bar" }, run, this.title, ...given, this.#state, this.#changed);
    const existing = element.querySelector<HTMLElement>(".cell_output");
    const output = existing ?? make("div", { className: "cell_output docutils container" });
    if (!existing) {
      element.append(output);
    }
    output.before(this.#bar, this.#note);
    this.outputs = new OutputView(output, host.tools);
    this.state = "idle";
    this.#showChanged();
  }

  get source(): string {
    return this.editor.state.doc.toString();
  }

  set source(text: string) {
    setSource(this.editor, text);
  }

  /** What the page and its tracebacks call it. */
  get title(): string {
    return `Cell ${this.number}`;
  }

  /** Whether the reader has added it. */
  get isOwn(): boolean {
    return this.stored.after !== undefined;
  }

  get isChanged(): boolean {
    return this.source !== this.stored.source;
  }

  /** Its code, if it is as it was when the site was built. */
  get compiled(): Compiled | undefined {
    return this.isChanged ? undefined : this.stored.compiled;
  }

  get state(): CellState {
    return this.#current;
  }

  set state(state: CellState) {
    const words = this.stored.isTest ? WORDS_OF_TESTS[state] : undefined;
    this.tell(state, words ?? WORDS[state]);
  }

  /** Says a state in words of its own. */
  tell(state: CellState, words: string): void {
    this.#current = state;
    this.#state.textContent = words;
    this.#bar.dataset["state"] = state;
  }

  /** Shows something below the code; nothing takes it away. */
  note(...content: (Node | string)[]): void {
    this.#note.replaceChildren(...content);
    this.#note.hidden = content.length === 0;
  }

  /** Marks the line that a traceback names first, if it is one of this cell's. */
  showError(traceback: readonly string[]): void {
    const place = traceback
      .map((line) => /^ +at (Cell [\d.]+), line (\d+)/.exec(line))
      .find((match) => match);
    showErrorLine(this.editor, place?.[1] === this.title ? Number(place[2]) : undefined);
  }

  #showChanged(): void {
    this.#changed.hidden = !this.isChanged && !this.isOwn;
  }
}
