/**
 * The declaration files that a page's cells need, with paths as if they were packages beside the notebook.
 * @module
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const library = dirname(createRequire(import.meta.url).resolve("typescript"));

/** @param {ts.CompilerOptions} options those of the page's compiler @returns {Record<string, string>} */
export function typeFiles(options) {
  const probe = join(root, "notebooks", "__probe__.ts");
  const text = 'import "vanishing-gradients"; import "@tensorflow/tfjs-node";';
  /** @type {ts.CompilerOptions} */
  const settings = {
    ...options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(settings);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === probe || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === probe ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  const program = ts.createProgram([probe], settings, host);
  const paths = program
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((path) => path !== probe && !path.includes("/@types/node/"));
  const manifests = new Set(paths.map(manifestOf).filter((path) => path !== undefined));
  return Object.fromEntries(
    [...paths, ...manifests]
      .sort()
      .map((path) => [placeOf(path), path.endsWith(".json") ? shortManifest(path) : shortText(path)]),
  );
}

/** The path of a file as cells see it. @param {string} path */
function placeOf(path) {
  if (dirname(path) === library) return `/lib/${relative(library, path)}`;
  const own = join(realpathSync(join(root, "src", "library")), "/");
  return path.startsWith(own)
    ? `/node_modules/vanishing-gradients/${path.slice(own.length)}`
    : `/${relative(root, path)}`;
}

/** @param {string} path @returns {string | undefined} */
function manifestOf(path) {
  for (let folder = dirname(path); folder !== root && dirname(folder) !== folder; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) continue;
    /** @type {{ name?: string }} */
    const { name } = JSON.parse(readFileSync(manifest, "utf8"));
    if (name !== undefined) return manifest;
  }
  return undefined;
}

/** What the compiler needs of a package's description. @param {string} path */
function shortManifest(path) {
  const { name, version, types, typings, main, exports } = JSON.parse(readFileSync(path, "utf8"));
  return JSON.stringify({ name, version, types, typings, main, exports });
}

/** A file without licenses and source map. @param {string} path */
function shortText(path) {
  return readFileSync(path, "utf8")
    .replace(/^\/\*\*?\s*\n? \* @license[^]*?\*\//m, "")
    .replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");
}
