import * as ts from "typescript";

/** What the compiler needs of a file system; `ts.sys` has it all. */
export type Files = Pick<
  ts.System,
  "readFile" | "fileExists" | "directoryExists" | "getDirectories" | "getModifiedTime"
> & { readonly realpath?: (path: string) => string; readonly readDirectory?: ts.System["readDirectory"] };

export interface Place {
  /** The folder that relative imports start from. */
  readonly folder: string;
  readonly files: Files;
  readonly options: ts.CompilerOptions;
  /** Where TypeScript's own declarations are. */
  readonly libFolder: string;
  /** Where packages are looked for that are not found from `folder`. */
  readonly fallbackFolder?: string;
  /** Declarations of what else is there when cells run. */
  readonly ambient?: string;
}

/** Declared in every cell. */
const ambient = "declare function prompt(question?: string): Promise<string>;\n";

/** How many cells are made room for at a time: a program with the same list of files is made faster. */
const block = 128;

/**
 * All cells as modules of one program. A cell's names are looked up in the cell itself, then in the one before it, and so
 * on: its file is made a child of the one before. So a declared name replaces an earlier one of the same meaning (value or
 * type), and types need no name to reach the next cell.
 */
export class CellProgram {
  readonly service: ts.LanguageService;
  readonly #place: Place;
  readonly #virtual = new Map<string, { readonly version: number; readonly snapshot: ts.IScriptSnapshot }>();
  readonly #disk = new Map<
    string,
    { readonly version: string; readonly snapshot: ts.IScriptSnapshot | undefined }
  >();
  #version = 0;
  #room = block;

  constructor(place: Place) {
    this.#place = place;
    this.setText(this.#pathOf("__kernel__.d.ts"), ambient + (place.ambient ?? ""));
    this.service = ts.createLanguageService(this.#host());
  }

  pathOfCell(number: number): string {
    return this.#pathOf(`__cell_${number}__.ts`);
  }

  isCell(file: ts.SourceFile): boolean {
    return /[\\/]__cell_\d+__\.ts$/.test(file.fileName);
  }

  /** Puts a file there that is on no disk: a cell, or a module that a cell holds. */
  setText(path: string, text: string): void {
    this.#virtual.set(path, { version: ++this.#version, snapshot: ts.ScriptSnapshot.fromString(text) });
  }

  setModule(name: string, text: string): string {
    const path = this.#pathOf(`${name}.ts`);
    this.setText(path, text);
    return path;
  }

  /** The text of a module that a cell holds. */
  moduleText(path: string): string | undefined {
    const snapshot = this.#virtual.get(path)?.snapshot;
    return snapshot?.getText(0, snapshot.getLength());
  }

  /** The program with this text as the cell of this number, and the cell's file in it. */
  withCell(number: number, text: string): { readonly program: ts.Program; readonly file: ts.SourceFile } {
    while (number > this.#room) {
      this.#room += block;
    }
    this.setText(this.pathOfCell(number), text);
    const program = this.service.getProgram()!;
    const fileOf = (of: number): ts.SourceFile => program.getSourceFile(this.pathOfCell(of))!;
    // The way that TypeScript looks up a name goes from each node to its parent. A cell whose text was changed is new too.
    for (let i = number; i > 1 && (fileOf(i).parent as ts.Node | undefined) !== fileOf(i - 1); i--) {
      Object.assign(fileOf(i), { parent: fileOf(i - 1) });
    }
    const file = fileOf(number);
    return { program, file };
  }

  #pathOf(name: string): string {
    return `${this.#place.folder}/${name}`;
  }

  #host(): ts.LanguageServiceHost & Pick<ts.CompilerHost, "getModuleResolutionCache"> {
    const { files, folder, options, libFolder } = this.#place;
    const empty = { version: 0, snapshot: ts.ScriptSnapshot.fromString("") };
    const cells = new Set<string>();
    const virtual = (path: string): { version: number; snapshot: ts.IScriptSnapshot } | undefined =>
      this.#virtual.get(path) ?? (cells.has(path) ? empty : undefined);
    const fileExists = (path: string): boolean => virtual(path) !== undefined || files.fileExists(path);
    const readFile = (path: string): string | undefined => this.moduleText(path) ?? files.readFile(path);
    // What packages import does not change. A reader may add files of their own.
    const cache = ts.createModuleResolutionCache(folder, (name) => name);
    return {
      getCompilationSettings: () => options,
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (of) => `${libFolder}/${ts.getDefaultLibFileName(of)}`,
      getScriptFileNames: () => {
        for (let i = cells.size + 1; i <= this.#room; i++) {
          cells.add(this.pathOfCell(i));
        }
        return [this.#pathOf("__kernel__.d.ts"), ...cells];
      },
      getScriptVersion: (path) => String(virtual(path)?.version ?? this.#onDisk(path).version),
      getScriptSnapshot: (path) => virtual(path)?.snapshot ?? this.#onDisk(path).snapshot,
      fileExists,
      readFile,
      directoryExists: files.directoryExists,
      resolveModuleNameLiterals: this.#resolver({ ...files, fileExists, readFile }, cache),
      // Without it each cell reads the package.json of every package again.
      getModuleResolutionCache: () => cache,
      getDirectories: files.getDirectories,
      ...(files.readDirectory ? { readDirectory: files.readDirectory } : {}),
      ...(files.realpath ? { realpath: files.realpath } : {}),
      useCaseSensitiveFileNames: () => true,
    };
  }

  /** Finds what files import: beside them or in their folders' packages, or else in the packages of the fallback. */
  #resolver(
    host: ts.ModuleResolutionHost,
    cache: ts.ModuleResolutionCache,
  ): NonNullable<ts.LanguageServiceHost["resolveModuleNameLiterals"]> {
    const { fallbackFolder } = this.#place;
    return (literals, path, redirected, options, file) =>
      literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(file, literal, options);
        const find = (from: string, isFixed: boolean): ReturnType<typeof ts.resolveModuleName> =>
          ts.resolveModuleName(
            literal.text,
            from,
            options,
            host,
            isFixed ? cache : undefined,
            redirected,
            mode,
          );
        const isFixed = path.endsWith(".d.ts");
        const found = find(path, isFixed);
        const isElsewhere = found.resolvedModule === undefined && fallbackFolder !== undefined;
        const mayBe = isElsewhere && !isFixed && isPackage(literal.text);
        return mayBe ? find(`${fallbackFolder}/index.ts`, true) : found;
      });
  }

  /**
   * A file is read once, with the exception of the reader's own modules: what is declared for a package that was built
   * again would no longer be what the code does that is loaded.
   */
  #onDisk(path: string): { readonly version: string; readonly snapshot: ts.IScriptSnapshot | undefined } {
    const { files } = this.#place;
    const known = this.#disk.get(path);
    const isOwn = !path.endsWith(".d.ts") && !path.includes("/node_modules/");
    if (known && !isOwn) {
      return known;
    }
    const version = isOwn ? String(files.getModifiedTime?.(path)?.getTime()) : "1";
    if (known?.version === version) {
      return known;
    }
    const text = files.readFile(path);
    const read = { version, snapshot: text === undefined ? undefined : ts.ScriptSnapshot.fromString(text) };
    this.#disk.set(path, read);
    return read;
  }
}

/** Whether an import names a package, and no file beside the one that imports. */
export function isPackage(specifier: string): boolean {
  return !/^(\.{1,2}(\/|$)|\/|node:)/.test(specifier);
}
