/**
 * The npm packages, as the lockfile names them. No install script runs.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { must, npm } from "./command.mjs";
import { hashOf, machine } from "./stamps.mjs";

/** The folders of src that are npm packages of their own. */
const packages = ["library", "kernel"];

/** @typedef {import("./project.mjs").Project} Project */

/**
 * The parts of a package.json that decide what is installed.
 * @param {string} file
 */
function dependenciesOf(file) {
  const manifest = /** @type {Record<string, unknown>} */ (JSON.parse(readFileSync(file, "utf8")));
  const { workspaces, dependencies, devDependencies, peerDependencies } = manifest;
  return JSON.stringify([workspaces, dependencies, devDependencies, peerDependencies]);
}

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function npmPackages(project) {
  const { root } = project;
  const manifests = [root, ...packages.map((name) => join(root, "src", name))].map((folder) =>
    join(folder, "package.json"),
  );
  return {
    title: "npm packages",
    stamp: join(project.stamps, "npm"),
    key: () =>
      hashOf(
        [...machine, root, ...manifests.map(dependenciesOf)],
        [join(root, "package-lock.json"), join(root, ".npmrc")],
      ),
    outputs: [join(root, "node_modules", "@tensorflow", "tfjs-node", "package.json")],
    megabytes: 600,
    run: async () => {
      await must(project, npm(project, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    },
  };
}
