import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, runInThisContext } from "node:vm";
import type { CellCompiler } from "./compiler/cellCompiler.js";
import { isPackage } from "./compiler/program.js";
import type { SourceMaps } from "./sourceMaps.js";

/** Parts of Node's loader that its types leave out. */
interface Loader {
  readonly _extensions: Record<string, (module: Module, path: string) => void>;
  _resolveFilename: (request: string, parent: Module | undefined, ...rest: unknown[]) => string;
}
type Compiling = Module & { _compile: (code: string, path: string) => void };

type Exports = Readonly<Record<string, unknown>>;

/** Loads what cells import: packages, JSON, TypeScript beside the notebook, and modules that cells hold. */
export class Modules {
  readonly require: NodeJS.Require;
  readonly meta: Readonly<Record<string, string>>;
  readonly #compiler: CellCompiler;
  readonly #maps: SourceMaps;
  readonly #importEs: (specifier: string) => Promise<Exports>;
  /** The reader's own modules and data that are loaded, with their text. */
  readonly #loaded = new Map<string, string>();

  constructor(compiler: CellCompiler, maps: SourceMaps, folder: string) {
    this.#compiler = compiler;
    this.#maps = maps;
    const filename = join(folder, "notebook.ts");
    this.meta = { url: pathToFileURL(filename).href, filename, dirname: folder };
    this.require = Module.createRequire(filename);
    this.#importEs = runInThisContext("(specifier) => import(specifier)", {
      filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }) as (specifier: string) => Promise<Exports>;
    const loader = Module as unknown as Loader;
    for (const kind of [".ts", ".mts", ".cts"]) {
      loader._extensions[kind] = (module, path) => {
        this.#compile(module as Compiling, path);
      };
    }
    for (const kind of [".json", ".js", ".cjs"]) {
      const load = loader._extensions[kind] ?? loader._extensions[".js"]!;
      loader._extensions[kind] = (module, path) => {
        if (path.startsWith(join(folder, sep)) && !isInPackage(path)) {
          this.#loaded.set(path, this.#textOf(path));
        }
        load(module, path);
      };
    }
    const find = loader._resolveFilename.bind(Module);
    const own = Module.createRequire(__filename);
    const tslab = own.resolve("tslab");
    loader._resolveFilename = (request, parent, ...rest) => {
      const path = `${resolve(parent?.path ?? folder, request)}.ts`;
      const isHeld = /^\.{1,2}\//.test(request) && compiler.program.moduleText(path) !== undefined;
      if (isHeld || request === "tslab") {
        return isHeld ? path : tslab;
      }
      try {
        return find(request, parent, ...rest);
      } catch (error) {
        // TypeScript may be imported by the name of the JavaScript that it would become.
        const typed = resolve(parent?.path ?? folder, request.replace(/\.([mc]?)js$/, ".$1ts"));
        if (!isPackage(request) && /\.[mc]?ts$/.test(typed) && existsSync(typed)) {
          return typed;
        }
        // A notebook may lie anywhere: what it does not find in its own folders, it has of those that the kernel came with.
        const isOwn = parent !== undefined && !isInPackage(parent.filename);
        const mayBe = codeOf(error) === "MODULE_NOT_FOUND" && isPackage(request) && isOwn;
        const found = mayBe ? resolved(own, request) : undefined;
        if (found === undefined) {
          throw error;
        }
        return found;
      }
    };
  }

  /** The names that a module exports. */
  async load(specifier: string): Promise<Exports> {
    this.#forgetChanged();
    try {
      return toNamespace(this.require(specifier));
    } catch (error) {
      const code = codeOf(error);
      if (
        code === "ERR_REQUIRE_ESM" ||
        code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ||
        code === "ERR_REQUIRE_ASYNC_MODULE"
      ) {
        return await this.#importEs(specifier);
      }
      throw error;
    }
  }

  #compile(module: Compiling, path: string): void {
    const source = this.#textOf(path);
    const { javascript, sourceMap } = this.#compiler.transpile(source, path);
    this.#maps.add(path, sourceMap);
    this.#loaded.set(path, source);
    module._compile(javascript, path);
  }

  #textOf(path: string): string {
    return this.#compiler.program.moduleText(path) ?? readFileSync(path, "utf8");
  }

  /** A module that was changed is loaded again, with those that import it. */
  #forgetChanged(): void {
    const { cache } = this.require;
    const isGone = (path: string, seen: ReadonlySet<string>): boolean =>
      !seen.has(path) &&
      (this.#isChanged(path) ||
        (cache[path]?.children ?? []).some((child) => isGone(child.filename, new Set([...seen, path]))));
    for (const path of [...this.#loaded.keys()].filter((loaded) => isGone(loaded, new Set()))) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- this is how Node's cache is emptied
      delete cache[path];
      this.#loaded.delete(path);
    }
  }

  #isChanged(path: string): boolean {
    const text = this.#loaded.get(path);
    try {
      return text !== undefined && !isInPackage(path) && this.#textOf(path) !== text;
    } catch {
      return true;
    }
  }
}

/** Whether a file is a package's, which does not change. */
const isInPackage = (path: string): boolean => path.includes(`${sep}node_modules${sep}`);

/** Where a package is, if it is found. */
function resolved({ resolve }: NodeJS.Require, request: string): string | undefined {
  try {
    return resolve(request);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string }).code;
}

/** What `import * as` gives: TypeScript's rules for modules that were not written as such. */
function toNamespace(exports: unknown): Exports {
  const isObject = (typeof exports === "object" && exports !== null) || typeof exports === "function";
  if (isObject && (exports as Exports)["__esModule"] === true) {
    return exports as Exports;
  }
  return Object.assign(Object.create(null) as object, isObject ? exports : {}, { default: exports });
}
