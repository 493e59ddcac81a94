import { dirname, join } from "node:path";
import * as ts from "typescript";
import { CellCompiler } from "./compiler/cellCompiler.js";

/** The compiler for cells of notebooks in a folder, with the types of this Node. */
export function createCompiler(folder: string): CellCompiler {
  const isOld = Number(process.versions.node.split(".")[0]) < 22;
  const library = isOld ? ["es2023", "esnext.disposable", "es2024.string"] : ["es2024", "esnext.disposable"];
  return new CellCompiler(
    { folder, files: ts.sys, libFolder: dirname(require.resolve("typescript")), fallbackFolder: __dirname },
    {
      lib: library.map((name) => `lib.${name}.d.ts`),
      types: ["node"],
      typeRoots: [dirname(dirname(require.resolve("@types/node/package.json")))],
      paths: { tslab: [join(dirname(require.resolve("tslab/package.json")), "dist", "public.d.ts")] },
    },
  );
}
