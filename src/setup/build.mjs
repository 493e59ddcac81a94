/**
 * The course's own code, compiled from `src` to `src/dist`.
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
  const dist = join(src, "dist");
  const outputs = [join(dist, "index.js"), join(dist, "kernel", "install.js")];
  const stamp = join(project.stamps, "build");
  const sources = () =>
    filesBelow(src, (path) => path !== dist && !path.endsWith("__pycache__")).filter((path) =>
      path.endsWith(".ts"),
    );
  return {
    title: "The course's code",
    stamp,
    // The compiler and its types come with the npm packages.
    key: () => hashOf([], [...sources(), join(root, "tsconfig.json"), join(root, "package-lock.json")]),
    outputs,
    megabytes: 5,
    run: async () => {
      removeOrphans(src, dist);
      // By the one file tsc writes only what changed. By the other we know that a run was killed, or that files
      // are missing, and what is there is not to be believed.
      const [incremental, compiling] = [join(dist, "build.tsbuildinfo"), join(dist, "unfinished")];
      if (existsSync(compiling) || !outputs.every((path) => existsSync(path)))
        rmSync(incremental, { force: true });
      mkdirSync(dist, { recursive: true });
      writeFileSync(compiling, "");
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      await must(project, [process.execPath, tsc, "--pretty", "false"]);
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
