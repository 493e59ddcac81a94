/**
 * Where the project's things are: its folder, its Python environment, its log.
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Project
 * @property {string} root the project's folder
 * @property {string} cache what may be deleted at any time, and what need not be fetched twice
 * @property {string} stamps where the stamps of steps are kept that npm's folder holds the results of
 * @property {string} log the output of all tools
 * @property {boolean} conda whether the Python of an active conda environment is used
 * @property {string} prefix the Python environment (what Python calls sys.prefix)
 * @property {string} python its interpreter
 * @property {NodeJS.ProcessEnv} env the environment of all tools
 */

const here = dirname(fileURLToPath(import.meta.url));

/**
 * @param {string} [root]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Project}
 */
export function describeProject(root = resolve(here, "../.."), env = process.env) {
  const condaPrefix = env.CONDA_PREFIX;
  // conda's "base" holds conda itself and is often active unasked: it is left alone.
  const conda = condaPrefix !== undefined && condaPrefix !== "" && env.CONDA_DEFAULT_ENV !== "base";
  const prefix = conda ? condaPrefix : join(root, ".venv");
  const cache = join(root, ".cache");
  return {
    root,
    cache,
    stamps: join(root, "node_modules", ".setup"),
    log: join(cache, "setup.log"),
    conda,
    prefix,
    python: join(prefix, "bin", "python"),
    env: {
      ...env,
      PATH: `${join(prefix, "bin")}:${env.PATH ?? ""}`,
      // Packages and kernels of the user's home folder are not to mix with the project's.
      PYTHONNOUSERSITE: "1",
      JUPYTER_PREFER_ENV_PATH: "1",
      // The large arrays of a training are freed and taken again at each step: pages that are handed back to the system
      // meanwhile cost more than the step.
      MALLOC_TRIM_THRESHOLD_: "134217728",
      MALLOC_MMAP_THRESHOLD_: "33554432",
    },
  };
}
