import { basename } from "node:path";
import * as ts from "@tslab/typescript-for-tslab";
import { createConverter, type Converter, type ConvertResult, type Diagnostic } from "tslab/dist/converter";
import type { ConverterSet } from "tslab/dist/executor";
import { getCodeMetadata } from "tslab/dist/metadata";
import { mendShorthand } from "./shorthand.js";

/** A cell's code before and after tslab compiled it. */
export interface CompiledCell {
  /** How a traceback calls the cell. */
  readonly title: string;
  readonly source: string;
  readonly compiled: string;
  /** How many characters stand before the compiled code, on its first line, when it is run. */
  readonly prefixLength: number;
}

/**
 * Starts the code of a cell that awaits something. While tslab starts a cell, Node's vm takes over the handling of SIGINT,
 * and an interrupt that comes as it hands back is lost. This lets the cell's own code begin after that.
 */
const waitForStart = "await null; ";

/**
 * Without this, every package in node_modules/@types is loaded for each notebook: a quarter more time to start, and names
 * in the cells that are not there when they run, such as the browser's, which some of these packages need. Types of what
 * a cell imports are found all the same.
 */
function loadTypesOfNodeOnly(): void {
  const list = ts.sys.getDirectories.bind(ts.sys);
  ts.sys.getDirectories = (path) =>
    list(path).filter((name) => name === "node" || basename(path) !== "@types");
}

/**
 * TypeScript would watch every file that a cell's imports lead to. If one changed (`npm run build` writes `src/library/dist`),
 * the next cell would fail with "Unexpected pending rebuildTimer", and types would no longer be those of the code that
 * is loaded. A package that was changed needs a new kernel. Only the user's own modules are watched.
 */
function watchOwnModulesOnly(): void {
  const watchFile = ts.sys.watchFile?.bind(ts.sys);
  const unwatched = { close: () => undefined };
  ts.sys.watchFile = (path, ...rest) =>
    watchFile && !path.endsWith(".d.ts") && !path.endsWith(".json") ? watchFile(path, ...rest) : unwatched;
  ts.sys.watchDirectory = () => unwatched;
}

/**
 * tslab's compiler for cells. It gives each cell's code a name, so that stack traces tell one cell from another, and
 * keeps the compile errors, which tslab would print.
 */
export class Compiler implements ConverterSet {
  readonly node: Converter;
  /** What was wrong with the latest cell. */
  diagnostics: readonly Diagnostic[] = [];
  readonly #tslab: Converter;
  #browser: Converter | undefined;
  #title = "";
  #prepared:
    { readonly declarations: string; readonly source: string; readonly result: ConvertResult } | undefined;
  /** The declarations of all cells that succeeded: tslab's executor compiles the next cell below them. */
  #declarations = "";
  readonly #cells: CompiledCell[] = [];

  constructor() {
    loadTypesOfNodeOnly();
    watchOwnModulesOnly();
    this.#tslab = createConverter({ isJS: false, isBrowser: false });
    this.node = {
      ...this.#tslab,
      convert: (declarations, source) => this.#convert(declarations, source),
      addModule: (name, source, metadata) => {
        const diagnostics = this.#tslab.addModule(name, source, metadata);
        this.diagnostics = diagnostics;
        return diagnostics;
      },
    };
  }

  /** tslab's compiler for cells marked `@browser`. It takes a second to make and is rarely wanted. */
  get browser(): Converter {
    return (this.#browser ??= createConverter({ isJS: false, isBrowser: true }));
  }

  /** Compiles a cell ahead of its run. `title` is how tracebacks shall call it. */
  prepare(source: string, title: string): void {
    this.#title = title;
    this.diagnostics = [];
    this.#prepared = undefined;
    const { module, mode } = getCodeMetadata(source);
    // tslab treats modules and code for browsers in other ways.
    if (module === undefined && mode !== "browser") {
      const declarations = this.#declarations;
      this.#prepared = { declarations, source, result: this.#tslab.convert(declarations, source) };
    }
  }

  /** To be called when the prepared cell has run to its end: what it declares is there for the next ones. */
  accept(): void {
    if (this.#prepared) {
      this.#declarations = this.#prepared.result.declOutput ?? "";
    }
  }

  /** The cell whose code bears this name in stack traces, if it is one. */
  find(name: string): CompiledCell | undefined {
    const number = /^cell-(\d+)$/.exec(name)?.[1];
    return number === undefined ? undefined : this.#cells[Number(number) - 1];
  }

  close(): void {
    this.#tslab.close();
    this.#browser?.close();
  }

  #convert(declarations: string, source: string): ConvertResult {
    const prepared = this.#prepared;
    const isPrepared = prepared?.source === source && prepared.declarations === declarations;
    const result = isPrepared ? prepared.result : this.#tslab.convert(declarations, source);
    this.diagnostics = result.diagnostics;
    const { output, hasToplevelAwait } = result;
    if (!output) {
      return result;
    }
    const compiled = mendShorthand(output, declarations);
    const start = hasToplevelAwait ? waitForStart : "";
    const wrapper = hasToplevelAwait
      ? "(async function(exports, require) { "
      : "(function(exports, require) { ";
    const prefixLength = wrapper.length + start.length;
    const number = this.#cells.push({ title: this.#title, source, compiled, prefixLength });
    return { ...result, output: `${start}${compiled}\n//# sourceURL=cell-${number}` };
  }
}
