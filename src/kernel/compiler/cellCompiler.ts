import * as ts from "typescript";
import { rewriteDeclarations } from "./declarations.js";
import { declaredNames, inOrder, isImport, reservedNames } from "./names.js";
import { foreignSyntax, problemsOf, type Problem } from "./problems.js";
import { CellProgram, type Place } from "./program.js";
import { rewriteReferences } from "./references.js";

export interface CompiledCell {
  /** The body of an async function with the parameters that are named in names.ts. Empty if there are problems. */
  readonly javascript: string;
  /** JSON, version 3. */
  readonly sourceMap: string;
  readonly problems: readonly Problem[];
  /** The names that the cell declares and that are to be there as variables before it runs. */
  readonly names: readonly string[];
  /** The name of the module that the cell is, instead of code to run. */
  readonly module?: string;
}

const nothing = { javascript: "", sourceMap: "", names: [] };

/**
 * Compiles cells: from a source, and what the cells so far declare, to JavaScript, a source map and what is wrong. It
 * knows of no Jupyter and no Node.
 */
export class CellCompiler {
  readonly program: CellProgram;
  /** The names that are kept in the scope object. */
  readonly reserved: ReadonlySet<string>;
  readonly #options: ts.CompilerOptions;
  readonly #checked = new Map<string, ts.SourceFile>();
  /** How many cells are kept. */
  #kept = 0;
  #latest: ts.SourceFile | undefined;

  /** @param reserved the names that cells may not declare as properties of the global object: by default, where this runs */
  constructor(
    place: Omit<Place, "options">,
    options: ts.CompilerOptions,
    reserved: ReadonlySet<string> = reservedNames(),
  ) {
    this.reserved = reserved;
    this.#options = {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      moduleDetection: ts.ModuleDetectionKind.Force,
      target: ts.ScriptTarget.ES2024,
      strict: false,
      esModuleInterop: true,
      experimentalDecorators: true,
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      preserveConstEnums: true,
      skipLibCheck: true,
      sourceMap: true,
      newLine: ts.NewLineKind.LineFeed,
      ...options,
    };
    this.program = new CellProgram({ ...place, options: this.#options });
  }

  /** The number of the cell that is compiled next. */
  get next(): number {
    return this.#kept + 1;
  }

  compile(source: string): CompiledCell {
    const module = /^\s*\/\*\*(?:(?!\*\/)[^])*?@module\s+([\w./-]+)\s*?[\r\n*]/.exec(source)?.[1];
    return module === undefined ? this.#compileCell(source) : this.#addModule(module, source);
  }

  /**
   * Keeps what the latest cell declares for the next ones.
   *
   * @param done the statement of the cell up to which it ran, if it did not run to its end; what stands behind was not
   *   declared, but for types and functions
   * @returns the names of variables that were not declared, though some may have a value by now: of the statement that failed
   */
  keep(done = Infinity): string[] {
    const file = this.#latest;
    const behind = inOrder(file?.statements ?? []).slice(done + 1);
    const lost = behind.filter(
      (statement) =>
        isImport(statement) || (!ts.isFunctionDeclaration(statement) && declaredNames(statement).length > 0),
    );
    let text = file?.text ?? "";
    for (const statement of lost) {
      const [start, end] = [statement.getStart(file), statement.end];
      text = text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, " ") + text.slice(end);
    }
    // While the cell ran, help may have been asked for, in its place.
    const path = this.program.pathOfCell(this.next);
    if (this.program.moduleText(path) !== text) {
      this.program.setText(path, text);
    }
    this.#kept++;
    const kept = new Set(file?.statements.filter((of) => !lost.includes(of)).flatMap(declaredNames));
    return lost.flatMap((of) => (isImport(of) ? [] : declaredNames(of))).filter((name) => !kept.has(name));
  }

  /** Takes over a cell that was compiled elsewhere and has run, so that the next cells know what it declares. */
  adopt(source: string): void {
    this.program.setText(this.program.pathOfCell(this.next), source);
    this.#kept++;
  }

  /** A module that cells import, as CommonJS. */
  transpile(source: string, path: string): { readonly javascript: string; readonly sourceMap: string } {
    const { outputText, sourceMapText } = ts.transpileModule(source, {
      fileName: path,
      compilerOptions: { ...this.#options, module: ts.ModuleKind.CommonJS },
    });
    return { javascript: withoutComment(outputText), sourceMap: sourceMapText ?? "" };
  }

  #compileCell(source: string): CompiledCell {
    const { program, file } = this.program.withCell(this.next, source);
    this.#latest = file;
    const problems = problemsOf(program, file, true);
    const foreign = problems.length > 0 ? foreignSyntax(source, problems) : undefined;
    if (foreign !== undefined) {
      return { ...nothing, problems: [{ code: 0, message: foreign, details: [] }] };
    }
    problems.push(...this.#problemsOfModules(program));
    if (problems.length > 0) {
      return { ...nothing, problems };
    }
    const { reserved } = this;
    const names = file.statements.filter((statement) => !isImport(statement)).flatMap(declaredNames);
    let javascript = "";
    let sourceMap = "";
    program.emit(
      file,
      (path, text) => {
        if (path.endsWith(".map")) {
          sourceMap = text;
        } else {
          javascript = withoutComment(text);
        }
      },
      undefined,
      false,
      {
        before: [rewriteReferences(program.getTypeChecker(), (of) => this.program.isCell(of), reserved)],
        after: [rewriteDeclarations(new Set(names), reserved)],
      },
    );
    return { javascript, sourceMap, problems, names };
  }

  #addModule(module: string, source: string): CompiledCell {
    const path = this.program.setModule(module, source);
    const { program } = this.program.withCell(this.next, `import ${JSON.stringify(`./${module}`)};`);
    const file = program.getSourceFile(path);
    return { ...nothing, problems: file ? problemsOf(program, file, false) : [], module };
  }

  /** What is wrong in the reader's own modules, each looked at once, until it changes. */
  #problemsOfModules(program: ts.Program): Problem[] {
    return program.getSourceFiles().flatMap((file) => {
      const isOwn = !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file);
      if (!isOwn || this.program.isCell(file) || this.#checked.get(file.fileName) === file) {
        return [];
      }
      const problems = file.fileName.endsWith(".json") ? [] : problemsOf(program, file, false);
      if (problems.length === 0) {
        this.#checked.set(file.fileName, file);
      }
      return problems;
    });
  }
}

function withoutComment(javascript: string): string {
  return javascript.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}
