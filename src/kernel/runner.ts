import { createExecutor, type Executor } from "tslab/dist/executor";
import { setImmediate } from "node:timers/promises";
import type { Diagnostic } from "tslab/dist/converter";
import type { Compiler } from "./compiler.js";
import { describeError, quoteLine, type ErrorReport } from "./traceback.js";

/** How a run ended. `value` is set if the cell's last statement has a value. */
export type Outcome =
  | { readonly status: "ok"; readonly value?: { readonly it: unknown } }
  | { readonly status: "error"; readonly report: ErrorReport };

/** How long an interrupted cell may take to end by itself, in milliseconds, if something in it heard the interrupt. */
const timeToStop = 2000;

class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("the cell was stopped before its end");
    delete this.stack;
  }
}

/** Runs cells through tslab, one at a time, and tells how each ended. */
export class Runner {
  readonly executor: Executor;
  readonly #compiler: Compiler;
  #running = false;
  #interrupted = false;
  #failure: { readonly error: unknown } | undefined;
  #thrown: { readonly error: unknown } | undefined;
  #value: { readonly it: unknown } | undefined;
  #stopTimer: NodeJS.Timeout | undefined;

  constructor(compiler: Compiler, folder: string) {
    this.#compiler = compiler;
    this.executor = createExecutor(folder, compiler, {
      // tslab logs a cell's last value and what it threw; nothing else.
      log: (value: unknown) => {
        this.#value = { it: value };
      },
      error: (error: unknown) => {
        this.#thrown = { error };
      },
    });
  }

  /** @param title how tracebacks call this code */
  async run(source: string, title: string): Promise<Outcome> {
    this.#compiler.begin(title);
    this.#running = true;
    this.#interrupted = false;
    this.#failure = this.#thrown = this.#value = undefined;
    try {
      await this.executor.execute(source);
      await nextTurn();
    } catch (error) {
      this.#thrown = { error };
    } finally {
      this.#running = false;
      clearTimeout(this.#stopTimer);
    }
    return this.#outcome(source, title);
  }

  /** Ends the cell at work with an error that was thrown outside of what it awaits. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.executor.interrupt();
  }

  /**
   * Stops the cell at work. What it awaits goes on, unless it listens to SIGINT too, as our training does. Such a
   * listener gets a moment to end in good order: then what the cell assigns is there, such as the record so far.
   */
  interrupt(): void {
    if (!this.#running) {
      return;
    }
    const stop = (): void => {
      this.fail(new Interrupted());
    };
    if (process.listenerCount("SIGINT") > 1 && !this.#interrupted) {
      this.#stopTimer = setTimeout(stop, timeToStop);
    } else {
      stop();
    }
    this.#interrupted = true;
  }

  #outcome(source: string, title: string): Outcome {
    const [diagnostic] = this.#compiler.diagnostics;
    if (diagnostic) {
      return { status: "error", report: describeDiagnostics(this.#compiler.diagnostics, source, title) };
    }
    const thrown = this.#failure ?? this.#thrown;
    if (this.#interrupted || isSigint(thrown?.error)) {
      return { status: "error", report: describeError(new Interrupted(), this.#compiler) };
    }
    if (thrown) {
      return { status: "error", report: describeError(thrown.error, this.#compiler) };
    }
    return { status: "ok", ...(this.#value ? { value: this.#value } : {}) };
  }
}

/** Whether Node's vm ended the code because of SIGINT, which it does while the code does not wait for anything. */
function isSigint(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}

/**
 * Waits until Node has told of every promise that is rejected by now, and has read what arrived by now: the first turn
 * may start after this round's sockets were read.
 */
export async function nextTurn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function describeDiagnostics(diagnostics: readonly Diagnostic[], source: string, title: string): ErrorReport {
  const [first] = diagnostics;
  // Codes from 1000 to 1999 are TypeScript's syntax errors.
  const ename = first!.code < 2000 ? "SyntaxError" : "TypeScriptError";
  const traceback: string[] = [];
  let previous: Diagnostic | undefined;
  for (const diagnostic of diagnostics) {
    const { start, messageText, code, fileName } = diagnostic;
    if (previous?.start.offset === start.offset && previous.fileName === fileName) {
      // A message that explains the one before.
      traceback.push(`        ${messageText}`);
      continue;
    }
    previous = diagnostic;
    traceback.push(`${ename}: ${messageText} (TS${code})`);
    traceback.push(`    at ${fileName ?? title}, line ${start.line + 1}`);
    traceback.push(...(fileName ? [] : quoteLine(source, start.line + 1, start.character)));
  }
  return { ename, evalue: first!.messageText, traceback };
}
