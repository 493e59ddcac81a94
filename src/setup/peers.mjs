/**
 * The peers of the benchmarks, PyTorch and JAX, in a Python environment of their own: `npm run bench -- --peers`.
 * @module
 */
import { join } from "node:path";
import { must, run } from "./command.mjs";
import { SetupError } from "./messages.mjs";
import { findPython } from "./python.mjs";
import { hashOf } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * JAX brings numpy. PyTorch from PyPI may hold code for graphics cards, which takes several gigabytes; where a build
 * for the processor alone is at hand, pip's own settings lead to it.
 */
const PACKAGES = ["torch==2.13.0", "jax==0.10.2", "jaxlib==0.10.2"];

/** @param {Project} project */
const folderOf = (project) => join(project.cache, "peers");

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function peers(project) {
  const folder = folderOf(project);
  const python = join(folder, "bin", "python");
  return {
    title: "PyTorch and JAX, to compare with",
    stamp: join(folder, "stamp"),
    key: () => hashOf([folder, ...PACKAGES]),
    outputs: [python],
    megabytes: 2000,
    run: async (report) => {
      const base = await findPython(project);
      await must(project, [base, "-m", "venv", "--clear", folder]);
      for (const name of PACKAGES) {
        report(name);
        await must(project, [python, "-m", "pip", "install", "--disable-pip-version-check", name]);
      }
    },
  };
}

/**
 * Measures the peers.
 * @param {Project} project
 * @returns {Promise<string>} their times as JSON: see src/tools/bench/peers.py
 */
export async function measurePeers(project) {
  const python = join(folderOf(project), "bin", "python");
  const { code, output } = await run(project, [python, join("src", "tools", "bench", "peers.py")]);
  const json = /^\{.*\}$/m.exec(output);
  if (code !== 0 || json === null) {
    throw new SetupError(`PyTorch and JAX were not measured:\n${output.slice(-2000)}`);
  }
  return json[0];
}
