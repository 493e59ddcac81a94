import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { runInThisContext, Script } from "node:vm";
import { currentCell } from "./cell.js";
import type { CellCompiler, CompiledCell } from "./compiler/cellCompiler.js";
import { runtime } from "./compiler/runtime.js";
import { isAnswer } from "./input.js";
import { Interrupted, type Interrupts } from "./interrupts.js";
import type { Modules } from "./modules.js";
import type { SourceMaps } from "./sourceMaps.js";
import type { ErrorReport } from "./compiler/report.js";
import type { Tracebacks } from "./traceback.js";

/** How a run ended. `result` is the value of the last statement as text, if it has one. */
export type Outcome =
  | { readonly status: "ok"; readonly result?: string }
  | { readonly status: "error"; readonly report: ErrorReport };

/** How long an interrupted cell may take to end by itself, in milliseconds, if something in it heard the interrupt. */
const timeToStop = 2000;

/**
 * Starts the code of a cell that awaits something. Until it first waits, Node itself ends it at an interrupt, and so work
 * that listens to interrupts would not hear it.
 */
const waitForStart = "await null;";

/** What the code of a cell calls and sets. */
interface Context {
  value: unknown;
  /** The last of its statements that declared something. */
  done: number;
  readonly meta: object;
  readonly require: NodeJS.Require;
  readonly check: () => void;
  readonly load: (specifier: string) => Promise<object>;
  readonly bind: (
    exports: Readonly<Record<string, unknown>>,
    table: Readonly<Record<string, string>>,
  ) => void;
}

/** What happens while a cell runs. */
interface Run {
  interrupted: boolean;
  /** The first error from outside of what the cell awaits. */
  failure?: { readonly error: unknown };
  readonly stop: (error: unknown) => void;
  stopTimer?: NodeJS.Timeout;
}

/** Runs cells, one at a time, and tells how each ended. */
export class Runner {
  readonly compiler: CellCompiler;
  readonly tracebacks: Tracebacks;
  readonly #maps: SourceMaps;
  readonly #modules: Modules;
  readonly #interrupts: Interrupts;
  /** Where variables are that can't be global. */
  readonly #scope = Object.create(null) as Record<string, unknown>;
  #run: Run | undefined;
  #count = 0;

  constructor(
    compiler: CellCompiler,
    maps: SourceMaps,
    tracebacks: Tracebacks,
    modules: Modules,
    interrupts: Interrupts,
  ) {
    this.compiler = compiler;
    this.tracebacks = tracebacks;
    this.#maps = maps;
    this.#modules = modules;
    this.#interrupts = interrupts;
  }

  /** @param title how tracebacks call this code */
  async run(source: string, title: string): Promise<Outcome> {
    let stop!: (error: unknown) => void;
    const stopped = new Promise<never>((_, reject) => (stop = reject));
    stopped.catch(() => undefined);
    const run: Run = { interrupted: false, stop };
    this.#run = run;
    let thrown: { readonly error: unknown } | undefined;
    let result: string | undefined;
    try {
      const cell = this.compiler.compile(source);
      if (cell.problems.length > 0) {
        return { status: "error", report: this.tracebacks.describeProblems(cell.problems, source, title) };
      }
      if (cell.module !== undefined) {
        process.stdout.write(
          `This cell is now the module "./${cell.module}", which other cells can import.\n`,
        );
        return { status: "ok" };
      }
      // An interrupt may have come meanwhile.
      await nextTurn();
      if (!run.interrupted) {
        result = await this.#execute(cell, title, source, stopped);
      }
      await nextTurn();
    } catch (error) {
      thrown = { error };
    } finally {
      this.#run = undefined;
      clearTimeout(run.stopTimer);
    }
    const report = this.#reportFailure(run, thrown);
    return report
      ? { status: "error", report }
      : { status: "ok", ...(result === undefined ? {} : { result }) };
  }

  /** Ends the cell at work with an error that was thrown outside of what it awaits. */
  fail(error: unknown): void {
    if (this.#run) {
      this.#run.failure ??= { error };
      this.#run.stop(error);
    }
  }

  /**
   * Stops the cell at work, and its loops. If something in it listens to SIGINT too, as our training does, it gets a
   * moment to end in good order: then what the cell assigns is there, such as the record so far. A second interrupt does
   * not wait.
   */
  interrupt(): void {
    const run = this.#run;
    const cell = currentCell();
    if (!run || !cell) {
      return;
    }
    const delay = process.listenerCount("SIGINT") > 1 && !run.interrupted ? timeToStop : 0;
    run.interrupted = true;
    cell.stopAt = Date.now() + delay;
    this.#interrupts.end();
    const stop = (): void => {
      run.stop(new Interrupted());
    };
    if (delay > 0) {
      run.stopTimer = setTimeout(stop, delay);
    } else {
      stop();
    }
  }

  async #execute(
    { javascript, sourceMap, names }: CompiledCell,
    title: string,
    source: string,
    stopped: Promise<never>,
  ): Promise<string | undefined> {
    const name = `cell-${++this.#count}`;
    this.#maps.add(name, sourceMap);
    this.tracebacks.addCell(name, title, source);
    const restore = this.#declare(names);
    const { require, meta } = this.#modules;
    const cell: Context = {
      value: undefined,
      done: -1,
      meta,
      require,
      check: this.#interrupts.check,
      load: (specifier) => this.#modules.load(specifier),
      bind: (exports, table) => {
        this.#bind(exports, table);
      },
    };
    const module = { exports: {} };
    const given = {
      [runtime.cell]: cell,
      [runtime.scope]: this.#scope,
      [runtime.stop]: this.#interrupts.flag,
      require,
      module,
      exports: module.exports,
      __filename: meta["filename"],
      __dirname: meta["dirname"],
    };
    const start = /\bawait\b/.test(javascript) ? waitForStart : "";
    const head = `"use strict"; (async function ({ ${Object.keys(given).join(", ")} }) { ${start}`;
    let isWhole = false;
    try {
      const run = runInThisContext(`${head}\n${javascript}\n})`, { filename: name, lineOffset: -1 }) as (
        values: object,
      ) => Promise<void>;
      Object.assign(globalThis, { __start: () => run(given) });
      // While the code does not wait for anything, Node itself ends it at an interrupt.
      const running = starter.runInThisContext({ breakOnSigint: true }) as Promise<void>;
      await Promise.race([running, stopped]);
      if (isAnswer(cell.value)) {
        cell.value = await Promise.race([cell.value, stopped]);
      }
      isWhole = true;
    } finally {
      this.compiler.keep(isWhole ? Infinity : cell.done).forEach(restore);
    }
    const { value } = cell;
    return value === undefined ? undefined : typeof value === "string" ? value : inspect(value);
  }

  /**
   * Makes variables of these names. They keep their values until the cell assigns new ones.
   *
   * @returns a function that gives one its old value back
   */
  #declare(names: readonly string[]): (name: string) => void {
    const old = names.map((name): [string, unknown] => [name, this.#placeOf(name)[name]]);
    for (const [name, value] of old) {
      Object.defineProperty(this.#placeOf(name), name, { value, writable: true, configurable: true });
    }
    const values = new Map(old);
    return (name) => {
      this.#placeOf(name)[name] = values.get(name);
    };
  }

  #placeOf(name: string): Record<string, unknown> {
    return this.compiler.reserved.has(name) ? this.#scope : globalThis;
  }

  #bind(...[exports, table]: Parameters<Context["bind"]>): void {
    for (const [name, from] of Object.entries(table)) {
      const isWhole = from === "*" || from === "=";
      const value = from === "=" && !("__esModule" in exports) ? exports["default"] : exports;
      // A module may assign its exported variables later.
      const property = isWhole ? { value, writable: true } : { get: () => exports[from] };
      Object.defineProperty(this.#placeOf(name), name, { ...property, configurable: true });
    }
  }

  #reportFailure(
    { interrupted, failure }: Run,
    thrown: { readonly error: unknown } | undefined,
  ): ErrorReport | undefined {
    const cause = failure ?? thrown;
    if (interrupted || isSigint(cause?.error)) {
      return this.tracebacks.describe(new Interrupted());
    }
    return cause && this.tracebacks.describe(cause.error);
  }
}

const starter = new Script(
  "(() => { const start = __start; delete globalThis.__start; return start(); })()",
  { filename: "node:cell" },
);

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
