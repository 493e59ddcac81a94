/**
 * The course's own code, each folder of `src` compiled to a `dist` in it.
 * @module
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { must } from "./command.mjs";
import { filesBelow, hashOf } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function compiledSource(project) {
  const { root } = project;
  const src = join(root, "src");
  const parts = ["library", "kernel", "tools", "browser"].map((name) => join(src, name));
  const outputs = [join(src, "library", "dist", "index.js"), join(src, "kernel", "dist", "install.js")];
  const stamp = join(project.stamps, "build");
  const sources = () =>
    parts.flatMap((part) =>
      filesBelow(part, (path) => !/[\\/](dist|node_modules|__pycache__)$/.test(path)).filter((path) =>
        /\.ts$|[\\/]tsconfig\.json$/.test(path),
      ),
    );
  return {
    title: "The course's code",
    stamp,
    // The compiler and its types come with the npm packages.
    key: () => hashOf([], [...sources(), join(root, "tsconfig.json"), join(root, "package-lock.json")]),
    outputs,
    megabytes: 5,
    run: async () => {
      for (const part of parts) removeOrphans(part, join(part, "dist"));
      // By the one file tsc writes only what changed. By the other we know that a run was killed, or that files
      // are missing, and what is there is not to be believed.
      const compiling = join(project.cache, "compiling");
      if (existsSync(compiling) || !outputs.every((path) => existsSync(path)))
        for (const part of parts) rmSync(join(part, "dist", "build.tsbuildinfo"), { force: true });
      mkdirSync(project.cache, { recursive: true });
      writeFileSync(compiling, "");
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      await must(project, [process.execPath, tsc, "-b", "--pretty", "false"]);
      rmSync(compiling);
    },
  };
}

/**
 * Deletes compiled files whose source is gone, so that no test or import finds them.
 * @param {string} src
 * @param {string} dist
 */
export function removeOrphans(src, dist) {
  if (!existsSync(dist)) return;
  for (const file of filesBelow(dist, () => true)) {
    const compiled = /^(.*?)(\.d\.ts|\.js|\.js\.map)$/.exec(relative(dist, file));
    if (compiled !== null && !existsSync(join(src, `${compiled[1]}.ts`))) rmSync(file);
  }
}
