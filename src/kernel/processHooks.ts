import { currentCell, runningCell } from "./cell.js";
import type { Compiler } from "./compiler.js";
import type { Runner } from "./runner.js";
import { describeError } from "./traceback.js";

class ProcessExit extends Error {
  override readonly name = "ProcessExit";
}

/**
 * Ties the process to the cells: what they print, throw in the background or do to end the process is theirs.
 *
 * @returns a function that ends the process
 */
export function hookProcess(runner: Runner, compiler: Compiler): (code: number) => never {
  // Cells want to see frames of their own below those of a deep library.
  Error.stackTraceLimit = 50;
  hookStream("stdout");
  hookStream("stderr");
  hookErrors(runner, compiler);
  hookInterrupts(runner);
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
    const buffer =
      typeof chunk === "string" ? Buffer.from(chunk, isEncoding(encoding) ? encoding : "utf8") : chunk;
    cell.write(name, Buffer.from(buffer).toString("utf8"));
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
function hookErrors(runner: Runner, compiler: Compiler): void {
  const report = (error: unknown): void => {
    const cell = currentCell();
    if (cell?.running) {
      runner.fail(error);
    } else if (cell) {
      cell.fail(describeError(error, compiler));
    } else {
      console.error(error);
    }
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
}

/**
 * An interrupt stops the cell at work. While a cell does not wait for anything Node ends its code by itself, because tslab
 * runs it with `breakOnSigint`. A loop that spins after an `await` can't be stopped: then the kernel must be restarted.
 */
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
