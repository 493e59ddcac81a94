/**
 * TensorFlow's C library (600 MB), kept outside node_modules, which `npm ci` deletes.
 * @module
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { failureOf, must, npm, run } from "./command.mjs";
import { noLibtensorflow, SetupError } from "./messages.mjs";
import { folderOf, libraryOf, presentRoute, routes } from "./route.mjs";
import { filesBelow, hashOf, machine } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/** @param {Project} project */
export const tfjsNodeOf = (project) => join(project.root, "node_modules", "@tensorflow", "tfjs-node");

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function libtensorflow(project) {
  return {
    title: "TensorFlow's C library",
    stamp: join(project.cache, "libtensorflow-stamp"),
    key: () => hashOf(machine.slice(0, 2)),
    get outputs() {
      return [libraryOf(project)];
    },
    megabytes: 1000,
    run: async (report) => {
      // A folder under its final name is complete: it gets that name last.
      if (presentRoute(project) !== undefined) return;
      const ways = routes(project.env);
      for (const [index, route] of ways.entries()) {
        try {
          await (route === "download" ? download(project, report) : fetchWheel(project, report));
          return;
        } catch (error) {
          if (!(error instanceof SetupError)) throw error;
          if (error.message.startsWith("The disk") || index === ways.length - 1) throw error;
        }
      }
    },
  };
}

/**
 * tfjs-node's own download, by its own install script.
 * @param {Project} project
 * @param {(detail: string) => void} report
 */
async function download(project, report) {
  report("from tfjs-node's host");
  const deps = join(tfjsNodeOf(project), "deps");
  rmSync(deps, { recursive: true, force: true });
  const command = npm(project, [
    "rebuild",
    "@tensorflow/tfjs-node",
    "--ignore-scripts=false",
    "--foreground-scripts",
  ]);
  const ended = await watching(deps, report, run(project, command));
  // The script goes on to the addon when the library is complete. The next step sees to the addon.
  if (!ended.output.includes("Building TensorFlow Node.js bindings")) {
    const failure = failureOf(project, command, ended);
    throw failure.message.startsWith("The disk") ? failure : noLibtensorflow(failure.output);
  }
  mkdirSync(project.cache, { recursive: true });
  renameSync(deps, folderOf(project, "download"));
}

/**
 * The library and its headers, from the tensorflow-cpu wheel.
 * @param {Project} project
 * @param {(detail: string) => void} report
 */
async function fetchWheel(project, report) {
  report("from the tensorflow-cpu wheel");
  const { cache, python, root } = project;
  const work = join(cache, "libtensorflow-unfinished");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "tmp"), { recursive: true });
  const command = [
    python,
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
  ];
  command.push("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311");
  command.push("--platform", "manylinux2014_x86_64", "--disable-pip-version-check", "--no-cache-dir");
  command.push("--dest", work, "-r", join(root, "src", "setup", "libtensorflow.txt"));
  const ended = await watching(work, report, run(project, command, { TMPDIR: join(work, "tmp") }));
  if (ended.code !== 0) {
    const failure = failureOf(project, command, ended);
    throw failure.message.startsWith("The disk") ? failure : noLibtensorflow(failure.output);
  }
  const wheel = readdirSync(work).find((name) => name.endsWith(".whl")) ?? "";
  const unpacked = join(work, "unpacked");
  report("unpacking");
  await must(project, [python, join(root, "src", "setup", "unpack.py"), join(work, wheel), unpacked]);
  renameSync(unpacked, folderOf(project, "wheel"));
  rmSync(work, { recursive: true });
}

/**
 * Reports a folder's growth while something goes on.
 * @template T
 * @param {string} folder
 * @param {(detail: string) => void} report
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function watching(folder, report, work) {
  const timer = setInterval(() => {
    try {
      const bytes = filesBelow(folder, () => true).reduce((sum, file) => sum + statSync(file).size, 0);
      report(`${(bytes / 1e6).toFixed(0)} MB`);
    } catch {
      // A file went away, or the folder is not there yet: the next look tells.
    }
  }, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
