/**
 * tfjs-node's addon: the library linked to where it is looked for, the addon fetched or compiled, and loaded.
 * @module
 */
import { accessSync, constants, existsSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { failureOf, npm, run, tail } from "./command.mjs";
import { tfjsNodeOf } from "./libtensorflow.mjs";
import { noCompiler, noHeaders, SetupError } from "./messages.mjs";
import { libraryOf, presentRoute } from "./route.mjs";
import { hashOf, machine } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function addon(project) {
  const tfjsNode = tfjsNodeOf(project);
  const deps = join(tfjsNode, "deps");
  return {
    title: "TensorFlow's bindings for Node",
    stamp: join(project.stamps, "addon"),
    key: () =>
      hashOf(
        [...machine, libraryOf(project)],
        [join(tfjsNode, "scripts", "install.js"), join(tfjsNode, "binding.gyp")],
      ),
    outputs: [join(deps, "lib"), join(tfjsNode, "lib")],
    megabytes: 20,
    run: async () => {
      rmSync(deps, { recursive: true, force: true });
      symlinkSync(relative(tfjsNode, libraryOf(project)), deps);
      rmSync(join(tfjsNode, "lib"), { recursive: true, force: true });
      await build(project, presentRoute(project) === "wheel");
      await load(project);
    },
  };
}

/**
 * @param {Project} project
 * @param {boolean} fromSource whether to compile without a look for a compiled one
 */
async function build(project, fromSource) {
  const missing = missingTools(project.env);
  if (fromSource && missing.length > 0) throw noCompiler(missing);
  const headers = project.env.npm_config_nodedir ?? headersBeside(process.execPath);
  const command = npm(project, [
    "rebuild",
    "@tensorflow/tfjs-node",
    "--ignore-scripts=false",
    "--foreground-scripts",
  ]);
  const ended = await run(project, command, {
    ...(fromSource && { npm_config_build_from_source: "true" }),
    ...(headers !== undefined && { npm_config_nodedir: headers }),
    // node-gyp is a Python program, and would keep headers in the user's home folder.
    npm_config_python: project.python,
    npm_config_devdir: join(project.cache, "node-gyp"),
  });
  if (ended.code === 0) return;
  const failure = failureOf(project, command, ended);
  if (failure.message.startsWith("The disk")) throw failure;
  if (missing.length > 0) throw noCompiler(missing);
  if (headers === undefined && !existsSync(join(project.cache, "node-gyp"))) throw noHeaders(failure.output);
  if (/node_api\.h: No such file|node_api\.h' file not found|https?:\/\/\S*headers\.tar/.test(ended.output)) {
    throw noHeaders(failure.output);
  }
  throw failure;
}

/**
 * Loads TensorFlow once, in a process of its own.
 * @param {Project} project
 */
async function load(project) {
  const command = [process.execPath, "-e", "require('@tensorflow/tfjs-node').scalar(1).dataSync()"];
  const ended = await run(project, command);
  if (ended.code !== 0) {
    throw new SetupError(
      `TensorFlow was installed and cannot be loaded. Delete ${project.cache} and try again, if need be ` +
        "the other way: LIBTENSORFLOW=download npm start, LIBTENSORFLOW=wheel npm start",
      tail(ended.output),
    );
  }
}

/**
 * What compiling needs and PATH does not have.
 * @param {NodeJS.ProcessEnv} env
 */
export function missingTools(env) {
  const compiler = env.CXX?.split(" ")[0] ?? (process.platform === "darwin" ? "c++" : "g++");
  const folders = (env.PATH ?? "").split(delimiter);
  return ["make", compiler].filter(
    (tool) => !folders.some((folder) => isProgram(tool.includes("/") ? tool : join(folder, tool))),
  );
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The folder that holds include/node for a Node, if its headers lie beside it.
 * @param {string} node
 */
export function headersBeside(node) {
  const folder = dirname(dirname(realpathSync(node)));
  return existsSync(join(folder, "include", "node", "node_api.h")) ? folder : undefined;
}
