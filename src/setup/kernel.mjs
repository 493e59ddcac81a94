/**
 * The Jupyter kernel `tslab`, registered with the project's Python environment.
 * @module
 */
import { join } from "node:path";
import { must } from "./command.mjs";
import { hashOf } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function registeredKernel(project) {
  const { root, prefix } = project;
  const script = join(root, "src", "kernel", "dist", "install.js");
  return {
    title: "Jupyter kernel",
    stamp: join(project.stamps, "kernel"),
    key: () => hashOf([process.execPath, prefix, root], [script]),
    outputs: [join(prefix, "share", "jupyter", "kernels", "tslab", "kernel.json")],
    megabytes: 0,
    run: async () => {
      await must(project, [process.execPath, script, "--prefix", prefix]);
    },
  };
}
