import { currentCell, runningCell } from "./cell.js";
import { inspect } from "node:util";
import { hookChildren } from "./children.js";
import type { Runner } from "./runner.js";

class ProcessExit extends Error {
  override readonly name = "ProcessExit";
}

/**
 * Ties the process to the cells: what they print, throw in the background or do to end the process is theirs.
 *
 * @returns a function that ends the process
 */
export function hookProcess(runner: Runner): (code: number) => never {
  // Cells want to see frames of their own below those of a deep library.
  Error.stackTraceLimit = 50;
  hookStream("stdout");
  hookStream("stderr");
  hookErrors(runner);
  hookInterrupts(runner);
  hookChildren();
  hideStorage();
  const exit = process.exit.bind(process);
  process.exit = (code): never => {
    throw new ProcessExit(`process.exit(${code ?? ""}) was called; a cell can't end the kernel`);
  };
  return exit;
}

function hookStream(name: "stdout" | "stderr"): void {
  const stream = process[name];
  const original = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
    const cell = currentCell();
    if (!cell) {
      return original(chunk, ...rest);
    }
    const [encoding] = rest;
    const isEncoded = typeof chunk === "string" && isEncoding(encoding) && !/^utf-?8$/i.test(encoding);
    cell.write(name, isEncoded ? Buffer.from(chunk, encoding) : chunk);
    const done = rest.at(-1);
    if (typeof done === "function") {
      process.nextTick(done);
    }
    return true;
  };
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === "string" && Buffer.isEncoding(value);
}

/** Errors that nobody caught end the cell that caused them, or are added to it, if it has ended. */
function hookErrors(runner: Runner): void {
  const report = (error: unknown): void => {
    const cell = currentCell();
    if (cell?.running) {
      runner.fail(error);
    } else if (cell) {
      cell.fail(runner.tracebacks.describe(error));
    } else {
      console.error(error);
    }
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
}

/** An interrupt stops the cell at work. */
function hookInterrupts(runner: Runner): void {
  process.on("SIGINT", () => {
    const cell = runningCell();
    if (cell) {
      cell.interrupted = true;
      runner.interrupt();
    }
  });
  // An interrupted cell may yet start work that would listen for the interrupt: the next training of a loop.
  process.on("newListener", (event, listener: () => void) => {
    if (event === "SIGINT" && currentCell()?.interrupted) {
      setImmediate(listener);
    }
  });
}

/**
 * Node notes in each promise and timer to which cell it belongs. A reader who looks at one does not want to see that.
 */
function hideStorage(): void {
  const timer = setTimeout(() => undefined, 0);
  const immediate = setImmediate(() => undefined);
  for (const value of [Promise.resolve(), timer, immediate] as object[]) {
    Object.defineProperty(Object.getPrototypeOf(value), inspect.custom, {
      configurable: true,
      value: function (this: object) {
        for (const symbol of Object.getOwnPropertySymbols(this)) {
          Object.defineProperty(this, symbol, { enumerable: false });
        }
        return this;
      },
    });
  }
  clearTimeout(timer);
  clearImmediate(immediate);
}
