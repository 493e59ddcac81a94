/**
 * The course's own code, compiled from `src` to `src/dist`.
 * @module
 */
import { existsSync, rmSync } from "node:fs";
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
    outputs: [join(dist, "index.js"), join(dist, "kernel", "install.js")],
    megabytes: 5,
    run: async () => {
      removeOrphans(src, dist);
      // It lets tsc write only what changed: not to be believed if files of the result are missing.
      if (!existsSync(join(dist, "index.js"))) rmSync(join(dist, "build.tsbuildinfo"), { force: true });
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      await must(project, [process.execPath, tsc, "--pretty", "false"]);
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
