import { createConverter, type Converter, type Diagnostic } from "tslab/dist/converter";
import type { ConverterSet } from "tslab/dist/executor";

/** A cell's code before and after tslab compiled it. */
export interface CompiledCell {
  /** How a traceback calls the cell. */
  readonly title: string;
  readonly source: string;
  readonly compiled: string;
  /** How many characters tslab puts before the compiled code, on its first line. */
  readonly prefixLength: number;
}

/**
 * tslab's compiler for cells. It gives each cell's code a name, so that stack traces tell one cell from another, and
 * keeps the compile errors, which tslab would print.
 */
export class Compiler implements ConverterSet {
  readonly node: Converter;
  diagnostics: readonly Diagnostic[] = [];
  #browser: Converter | undefined;
  #title = "";
  readonly #cells: CompiledCell[] = [];

  constructor() {
    const converter = createConverter({ isJS: false, isBrowser: false });
    this.node = {
      ...converter,
      convert: (declarations, source) => {
        const result = converter.convert(declarations, source);
        this.diagnostics = result.diagnostics;
        const { output: compiled } = result;
        if (!compiled) {
          return result;
        }
        const prefixLength = `${result.hasToplevelAwait ? "async " : ""}(function(exports, require) { `
          .length;
        const number = this.#cells.push({ title: this.#title, source, compiled, prefixLength });
        return { ...result, output: `${compiled}\n//# sourceURL=cell-${number}` };
      },
      addModule: (name, source, metadata) => {
        this.diagnostics = converter.addModule(name, source, metadata);
        return [...this.diagnostics];
      },
    };
  }

  /** tslab's compiler for cells marked `@browser`. It takes a second to make and is rarely wanted. */
  get browser(): Converter {
    return (this.#browser ??= createConverter({ isJS: false, isBrowser: true }));
  }

  /** To be called before a cell is compiled. `title` is how tracebacks shall call it. */
  begin(title: string): void {
    this.#title = title;
    this.diagnostics = [];
  }

  /** The cell whose code bears this name in stack traces, if it is one. */
  find(name: string): CompiledCell | undefined {
    const number = /^cell-(\d+)$/.exec(name)?.[1];
    return number === undefined ? undefined : this.#cells[Number(number) - 1];
  }

  close(): void {
    this.node.close();
    this.#browser?.close();
  }
}
