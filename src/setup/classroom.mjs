/**
 * The kernel and the library for all users of a machine: notebooks that lie anywhere run on them, and need no clone.
 * @module
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { must, npm } from "./command.mjs";
import { diskFull, noRights, notForAll } from "./messages.mjs";
import { requireSpace } from "./steps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * A package as package-lock.json has it.
 * @typedef {object} Locked
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/** The course's own packages, which a notebook runs on. */
const own = ["src/library", "src/kernel"];
/** What an installation takes. */
const megabytes = 900;

/**
 * Where things are below a prefix.
 * @param {string} prefix
 */
const placesOf = (prefix) => ({
  home: join(prefix, "lib", "vanishing-gradients"),
  unfinished: join(prefix, "lib", ".vanishing-gradients-unfinished"),
  old: join(prefix, "lib", ".vanishing-gradients-old"),
  kernel: join(prefix, "share", "jupyter", "kernels", "tslab"),
});

/**
 * Installs kernel and library below a prefix, such as /usr/local or that of a hub's Python environment. An interrupt leaves
 * what was there before.
 * @param {Project} project one that is set up
 * @param {string} prefix
 * @returns {Promise<string>} where the kernel's specification is
 */
export async function installForAll(project, prefix) {
  const { home, unfinished, old, kernel } = placesOf(resolve(prefix));
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    if (!isForAll(unfinished)) throw notForAll(prefix);
    requireSpace(unfinished, megabytes);
    for (const path of packagesOf(project.root))
      copyPackage(join(project.root, path), join(unfinished, path));
    for (const folder of own) await copyOwn(project, folder, join(unfinished, folder));
    const node = isForAll(realpathSync(process.execPath))
      ? process.execPath
      : copyNode(process.execPath, join(unfinished, "bin", basename(process.execPath)));
    openToAll(unfinished);
    rmSync(old, { recursive: true, force: true });
    if (existsSync(home)) renameSync(home, old);
    renameSync(unfinished, home);
    rmSync(old, { recursive: true, force: true });
    const program = node.startsWith(unfinished) ? join(home, node.slice(unfinished.length)) : node;
    await must(project, [
      program,
      join(home, "src", "kernel", "dist", "install.js"),
      "--prefix",
      resolve(prefix),
    ]);
    openToAll(kernel);
    return kernel;
  } catch (error) {
    throw explained(error, prefix);
  }
}

/**
 * Takes away what `installForAll` has put there.
 * @param {string} prefix
 */
export function removeForAll(prefix) {
  const { kernel, ...places } = placesOf(resolve(prefix));
  try {
    // Another kernel of this name stays.
    const file = join(kernel, "kernel.json");
    if (existsSync(file) && readFileSync(file, "utf8").includes(places.home + sep)) {
      rmSync(kernel, { recursive: true });
    }
    for (const place of Object.values(places)) rmSync(place, { recursive: true, force: true });
  } catch (error) {
    throw explained(error, prefix);
  }
}

/**
 * The folders of the packages that the course's own need to run, from the project's folder.
 * @param {string} root
 * @returns {string[]}
 */
export function packagesOf(root) {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const { packages: locked } = /** @type {{ packages: Record<string, Locked> }} */ (JSON.parse(text));
  /** @type {Set<string>} */
  const found = new Set();
  const waiting = [...own];
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    const { dependencies, optionalDependencies, peerDependencies } = locked[from] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const path = lookUp(locked, from, name);
      // What is for another system is not here.
      if (path !== undefined && !found.has(path) && existsSync(join(root, path))) {
        found.add(path);
        waiting.push(path);
      }
    }
  }
  return [...found].sort();
}

/**
 * Where a package finds another, as Node does.
 * @param {Record<string, Locked>} locked
 * @param {string} from
 * @param {string} name
 */
function lookUp(locked, from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in locked) return path;
    if (folder === ".") return undefined;
  }
}

/**
 * Copies a package, less the packages inside it and the source maps, which are half of all bytes. A link that leads out of
 * it is copied as what it leads to.
 * @param {string} from
 * @param {string} to
 */
function copyPackage(from, to) {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => {
      const inside = relative(from, path);
      if (inside.endsWith(".map") || inside.split(sep).includes("node_modules")) return false;
      const isLink = lstatSync(path).isSymbolicLink();
      const target = isLink ? realpathSync(path) : path;
      if (!isLink || target.startsWith(realpathSync(from) + sep)) return true;
      copyPackage(target, join(to, inside));
      return false;
    },
  });
}

/**
 * Copies the files of a package of our own that npm would pack, and makes it findable.
 * @param {Project} project
 * @param {string} folder
 * @param {string} to
 */
async function copyOwn(project, folder, to) {
  const said = await must(
    project,
    npm(project, ["pack", "--dry-run", "--json", "--ignore-scripts", `./${folder}`]),
  );
  const [packed] = /** @type {[{ name: string, files: { path: string }[] }]} */ (
    JSON.parse(said.slice(said.indexOf("[")))
  );
  for (const { path } of packed.files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(project.root, folder, path), join(to, path));
  }
  const modules = join(to, "..", "..", "node_modules");
  mkdirSync(modules, { recursive: true });
  symlinkSync(join("..", folder), join(modules, packed.name));
}

/**
 * @param {string} from
 * @param {string} to
 */
function copyNode(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
  return to;
}

/**
 * Lets all users read what is in a folder, and look into its folders.
 * @param {string} path
 */
function openToAll(path) {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return;
  const isRun = status.isDirectory() || (status.mode & 0o100) !== 0;
  chmodSync(path, (status.mode & 0o777) | (isRun ? 0o555 : 0o444));
  if (status.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

/**
 * Whether all users can get to a file or a folder.
 * @param {string} path
 */
function isForAll(path) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) break;
  }
  return statSync(path).isDirectory() || (statSync(path).mode & 0o005) === 0o005;
}

/**
 * An error that says what to do, where it is one of those that are expected.
 * @param {unknown} error
 * @param {string} prefix
 */
function explained(error, prefix) {
  const { code } = /** @type {{ code?: unknown }} */ (error);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull([]);
  return ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(String(code)) ? noRights(prefix) : error;
}
