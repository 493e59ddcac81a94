import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { inspect } from "node-inspect-extracted";
import { type ErrorReport, quoteLine } from "../../kernel/compiler/report.js";

/** How many places of a traceback are shown. */
const LONGEST = 20;

/** A cell whose code has run. */
interface Known {
  readonly title: string;
  readonly source: string;
  readonly map: TraceMap;
}

/** Tells what went wrong in cells, in terms of what the reader wrote. */
export class Errors {
  readonly #cells = new Map<string, Known>();

  /** @param name of the cell's code in stack traces @param title how tracebacks call the cell */
  add(name: string, title: string, source: string, sourceMap: string): void {
    this.#cells.set(name, { title, source, map: new TraceMap(sourceMap) });
  }

  describe(error: unknown): ErrorReport {
    if (!(error instanceof Error)) {
      const evalue = inspect(error);
      return { ename: "Thrown value", evalue, traceback: [`Thrown value: ${evalue}`] };
    }
    const { name: ename, message: evalue, cause } = error;
    const traceback = [evalue ? `${ename}: ${evalue}` : ename, ...this.#frames(error.stack ?? "")];
    if (cause !== undefined && cause !== error) {
      const [first, ...rest] = this.describe(cause).traceback;
      traceback.push(`Caused by ${first ?? ""}`, ...rest);
    }
    return { ename, evalue, traceback };
  }

  /** The places in cells that a stack names, whatever browser wrote it. */
  #frames(stack: string): string[] {
    const frames: string[][] = [];
    for (const [, name, line, column] of stack.matchAll(/\b(cell-\d+):(\d+):(\d+)/g)) {
      const cell = this.#cells.get(name!);
      const place = cell && originalPositionFor(cell.map, { line: Number(line), column: Number(column) - 1 });
      if (place?.line == null) {
        continue;
      }
      frames.push([
        `    at ${cell!.title}, line ${place.line}`,
        ...quoteLine(cell!.source, place.line, place.column),
      ]);
    }
    const more = frames.length > LONGEST ? [`    ... and ${frames.length - LONGEST} more calls`] : [];
    return [...frames.slice(0, LONGEST).flat(), ...more];
  }
}
