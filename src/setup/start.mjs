/**
 * How JupyterLab is started.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** @typedef {import("./project.mjs").Project} Project */
/** @typedef {{ args: string[], folder: string, env: NodeJS.ProcessEnv }} Start what Python is called with, and where */

/**
 * JupyterLab for who reads the course: the first lesson, and nothing of nbgrader.
 * @param {Project} project
 * @param {string[]} args more arguments for JupyterLab
 * @returns {Start}
 */
export function reading(project, args) {
  const lesson = "notebooks/01-see-it-vanish.ipynb";
  const first = existsSync(join(project.root, lesson)) ? [`--LabApp.default_url=/lab/tree/${lesson}`] : [];
  return lab(project, project.root, ["everyone", "students"], [...first, ...args]);
}

/**
 * JupyterLab for who teaches: with nbgrader, in the folder of its settings.
 * @param {Project} project
 * @param {string[]} args more arguments for JupyterLab
 * @returns {Start}
 */
export function teaching(project, args) {
  return lab(project, join(project.root, "notebooks", "assignments"), ["everyone"], args);
}

/**
 * @param {Project} project
 * @param {string} folder
 * @param {string[]} settings folders of src/tools/lab
 * @param {string[]} args
 * @returns {Start}
 */
function lab(project, folder, settings, args) {
  const { root, env } = project;
  const paths = settings.map((name) => join(root, "src", "tools", "lab", name));
  if (env.JUPYTER_CONFIG_PATH !== undefined) paths.push(env.JUPYTER_CONFIG_PATH);
  // Root is who one is in a container. The server listens on loopback only, and asks for its token.
  const rights = process.getuid?.() === 0 ? ["--allow-root"] : [];
  return {
    args: ["-m", "jupyterlab", `--ServerApp.root_dir=${root}`, ...rights, ...args],
    folder,
    env: { JUPYTER_CONFIG_PATH: paths.join(":") },
  };
}
