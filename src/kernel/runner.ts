import { createExecutor, type Executor } from "tslab/dist/executor";
import { setImmediate } from "node:timers/promises";
import { format } from "node:util";
import type { Compiler } from "./compiler.js";
import { describeDiagnostics } from "./diagnostics.js";
import { describeError, type ErrorReport } from "./traceback.js";

/** How a run ended. `result` is the value of the last statement as text, if it has one. */
export type Outcome =
  | { readonly status: "ok"; readonly result?: string }
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

/** What happens while a cell runs. */
interface Run {
  interrupted: boolean;
  /** The first error from outside of what the cell awaits. */
  failure?: { readonly error: unknown };
  /** What the cell's own code threw. */
  thrown?: { readonly error: unknown };
  /** The value of the cell's last statement. */
  value?: { readonly it: unknown };
  stopTimer?: NodeJS.Timeout;
}

/** Runs cells through tslab, one at a time, and tells how each ended. */
export class Runner {
  readonly executor: Executor;
  readonly #compiler: Compiler;
  #run: Run | undefined;

  constructor(compiler: Compiler, folder: string) {
    this.#compiler = compiler;
    this.executor = createExecutor(folder, compiler, {
      // tslab logs a cell's last value and what it threw; nothing else.
      log: (it: unknown) => Object.assign(this.#run ?? {}, { value: { it } }),
      error: (error: unknown) => Object.assign(this.#run ?? {}, { thrown: { error } }),
    });
  }

  /** @param title how tracebacks call this code */
  async run(source: string, title: string): Promise<Outcome> {
    const run: Run = { interrupted: false };
    this.#run = run;
    let result: string | undefined;
    try {
      this.#compiler.prepare(source, title);
      // An interrupt that came meanwhile must be heard before tslab starts the cell, or Node drops it.
      await nextTurn();
      if (!run.interrupted && (await this.executor.execute(source))) {
        this.#compiler.accept();
      }
      await nextTurn();
      result = run.value && format(run.value.it);
    } catch (error) {
      // tslab's compiler failed, or the result can't be printed.
      run.thrown = { error };
    } finally {
      this.#run = undefined;
      clearTimeout(run.stopTimer);
    }
    const report = this.#reportFailure(run, source, title);
    return report
      ? { status: "error", report }
      : { status: "ok", ...(result === undefined ? {} : { result }) };
  }

  /** Ends the cell at work with an error that was thrown outside of what it awaits. */
  fail(error: unknown): void {
    if (this.#run) {
      this.#run.failure ??= { error };
      this.executor.interrupt();
    }
  }

  /**
   * Stops the cell at work. What it awaits goes on, unless it listens to SIGINT too, as our training does. Such a
   * listener gets a moment to end in good order: then what the cell assigns is there, such as the record so far. A
   * second interrupt does not wait.
   */
  interrupt(): void {
    if (!this.#run) {
      return;
    }
    const stop = (): void => {
      this.fail(new Interrupted());
    };
    if (process.listenerCount("SIGINT") > 1 && !this.#run.interrupted) {
      this.#run.stopTimer = setTimeout(stop, timeToStop);
    } else {
      stop();
    }
    this.#run.interrupted = true;
  }

  #reportFailure(
    { interrupted, failure, thrown }: Run,
    source: string,
    title: string,
  ): ErrorReport | undefined {
    const { diagnostics } = this.#compiler;
    if (diagnostics.length > 0) {
      return describeDiagnostics(diagnostics, source, title);
    }
    const cause = failure ?? thrown;
    if (interrupted || isSigint(cause?.error)) {
      return describeError(new Interrupted(), this.#compiler);
    }
    return cause && describeError(cause.error, this.#compiler);
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
