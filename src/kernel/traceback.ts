import { join, relative, resolve, sep } from "node:path";
import { inspect, types } from "node:util";
import { describeProblems, type ErrorReport, quoteLine } from "./compiler/report.js";
import type { Problem } from "./compiler/problems.js";
import type { SourceMaps } from "./sourceMaps.js";

/** How many places of a traceback are shown. */
const longest = 20;

/** The project's folder, and this kernel's. */
const projectFolder = resolve(__dirname, "..", "..", "..");
const kernelFolder = __dirname + sep;

/** Tells what went wrong in cells, in terms of what the reader wrote. */
export class Tracebacks {
  readonly #maps: SourceMaps;
  /** The sources of cells by the names of their code, and by their titles. */
  readonly #titles = new Map<string, string>();
  readonly #sources = new Map<string, string>();

  constructor(maps: SourceMaps) {
    this.#maps = maps;
    // Node calls this for each error whose stack is looked at, so that all see the same: a cell that prints the stack of
    // an error that it caught, console.trace, and whoever reads a traceback.
    Error.prepareStackTrace = (error, sites) =>
      [headOf(error), ...sites.flatMap((site) => this.#describeSite(site))].join("\n    at ");
  }

  /** @param name of the cell's code in stack traces @param title how tracebacks call the cell */
  addCell(name: string, title: string, source: string): void {
    this.#titles.set(name, title);
    this.#sources.set(title, source);
  }

  /** Describes a thrown value: what it says, and the lines of cells and of this project that led to it. */
  describe(error: unknown): ErrorReport {
    try {
      return this.#describe(error, []);
    } catch {
      const evalue = "an error that throws another when it is looked at";
      return { ename: "Error", evalue, traceback: [`Error: ${evalue}`] };
    }
  }

  #describe(error: unknown, seen: readonly unknown[]): ErrorReport {
    if (!isError(error)) {
      const evalue = inspect(error);
      return { ename: "Thrown value", evalue, traceback: [`Thrown value: ${evalue}`] };
    }
    const { name: ename, message: evalue } = error;
    const traceback = [evalue ? `${ename}: ${evalue}` : ename, ...this.#describeFrames(error.stack)];
    for (const [name, value] of Object.entries(error) as [string, unknown][]) {
      if (!["name", "message", "stack", "cause", "errors"].includes(name)) {
        traceback.push(`    ${name}: ${inspect(value).replaceAll("\n", "\n    ")}`);
      }
    }
    const { cause, errors } = error as Error & { readonly errors?: unknown };
    const tell = (what: string, other: unknown): void => {
      const [first, ...rest] = [error, ...seen].includes(other)
        ? ["(an error that is told above)"]
        : this.#describe(other, [error, ...seen]).traceback;
      traceback.push(`${what} ${first ?? ""}`, ...rest);
    };
    if (cause !== undefined) {
      tell("Caused by", cause);
    }
    if (Array.isArray(errors)) {
      errors.forEach((other: unknown, i) => {
        tell(`Error ${i + 1} of ${errors.length}:`, other);
      });
    }
    return { ename, evalue, traceback };
  }

  /** Describes what is wrong in a cell that was not run. */
  describeProblems(problems: readonly Problem[], source: string, title: string): ErrorReport {
    return describeProblems(problems, source, title, shorten);
  }

  /** A frame by its place in the source; none if it is one of the kernel's or of Node's. */
  #describeSite(site: NodeJS.CallSite): string[] {
    const file = site.getFileName() ?? "";
    if (file.startsWith(kernelFolder) || file.startsWith("node:")) {
      return [];
    }
    const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
    const place = this.#maps.locate({ file, line, column });
    if (!place) {
      return [];
    }
    const name = this.#titles.get(place.file) ?? place.file;
    return [
      (site as { toString(): string })
        .toString()
        .replace(`${file}:${line}:${column}`, `${name}:${place.line}:${place.column}`),
    ];
  }

  /** Keeps the frames that a reader can act on. */
  #describeFrames(stack: unknown): string[] {
    const frames: string[][] = [];
    let skipped = 0;
    for (const [, owner, file, line, column] of String(stack).matchAll(
      /^ +at (?:async )?(?:(.*?) \()?([^()\n]+?):(\d+):(\d+)\)?$/gm,
    )) {
      const name = owner === undefined ? "" : ` in ${owner.replace(/^(Proxy|Object|Timeout)\./, "")}`;
      const source = this.#sources.get(file!);
      if (source === undefined && (file!.includes("node_modules") || !file!.startsWith(sep))) {
        continue;
      }
      const frame =
        source === undefined
          ? [`    at ${shorten(file!)}:${line}:${column}${name}`]
          : [`    at ${file}, line ${line}${name}`, ...quoteLine(source, Number(line), Number(column) - 1)];
      const isRepeated = frames.slice(-3).filter(([first]) => first === frame[0]).length === 3;
      if (isRepeated || frames.length >= longest) {
        skipped++;
      } else {
        frames.push(frame);
      }
    }
    const isCut = skipped > 0 && String(stack).split("\n    at ").length > Error.stackTraceLimit;
    const more = skipped > 0 ? [`    ... and ${skipped} more calls${isCut ? " or more" : ""}`] : [];
    return [...frames.flat(), ...more];
  }
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function headOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** A path from the notebook's folder, or from the project's. */
function shorten(path: string): string {
  const from = [process.cwd(), projectFolder].find((folder) => path.startsWith(join(folder, sep)));
  return from === undefined ? path : relative(from, path);
}
