import * as ts from "typescript";
import { CellCompiler, type CompiledCell } from "../../kernel/compiler/cellCompiler.js";
import { completionsAt } from "../../kernel/compiler/help.js";
import { describeProblems } from "../../kernel/compiler/report.js";
import { filesOf, type TypeFiles } from "./typeFiles.js";

/** The folder that cells are in, and the one of TypeScript's own declarations. */
const FOLDER = "/notebook";
const LIBRARY = "/lib";

/** What a page's cells are compiled with. */
export const options: ts.CompilerOptions = {
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.webworker.d.ts"],
  types: [],
};

/** What a page has of Node's `process`, for cells that ask where they run. */
const ambient = "declare const process: { readonly env: Readonly<Record<string, string | undefined>> };\n";

/** All names that cells declare are kept in the scope object: a browser's global object has too many of its own. */
const allNames = { has: () => true } as unknown as ReadonlySet<string>;

/** Compiles the cells of a page. The same code does it when the site is built. */
export class PageCompiler {
  readonly #compiler: CellCompiler;

  constructor(types: TypeFiles) {
    this.#compiler = new CellCompiler(
      { folder: FOLDER, files: filesOf(types), libFolder: LIBRARY, ambient },
      options,
      allNames,
    );
  }

  /** @param title how tracebacks call the cell */
  compile(
    source: string,
    title: string,
  ): CompiledCell & { readonly report?: ReturnType<typeof describeProblems> } {
    const compiled = this.#compiler.compile(source);
    const { problems } = compiled;
    return problems.length > 0
      ? { ...compiled, report: describeProblems(problems, source, title, (path) => path) }
      : compiled;
  }

  /** Keeps what the latest cell declares, up to the statement up to which it ran. Gives the names that are not kept. */
  keep(done?: number): string[] {
    return this.#compiler.keep(done);
  }

  /** Takes over a cell that was compiled before and has run. */
  adopt(source: string): void {
    this.#compiler.adopt(source);
  }

  complete(source: string, at: number): { readonly from: number; readonly names: readonly string[] } {
    const { start, matches } = completionsAt(this.#compiler, source, at);
    return { from: start, names: matches.slice(0, 200) };
  }
}
