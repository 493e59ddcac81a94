/**
 * Stamps: small files that say of a step that it was finished, and with which inputs.
 * A stamp is removed before its step starts and written after the step has ended well, so a step that was
 * killed has none and is done again.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A step of the set-up.
 * @typedef {object} Step
 * @property {string} title what it does, as shown: "npm packages"
 * @property {string} stamp its stamp's path
 * @property {() => string} key a hash of all that its result depends on
 * @property {string[]} outputs paths that exist when it was finished
 * @property {number} megabytes the room it takes on the disk, about
 * @property {(report: (detail: string) => void) => Promise<void>} run does it; `report` shows a detail
 */

/**
 * A hash of texts, and of files' names and contents.
 * @param {readonly string[]} texts
 * @param {readonly string[]} [files] a missing file counts as a content of its own
 */
export function hashOf(texts, files = []) {
  const hash = createHash("sha256").update(JSON.stringify(texts));
  for (const file of files) {
    hash.update(`\0${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** What compiled programs depend on, besides their sources. */
export const machine = [process.platform, process.arch, `abi ${process.versions.modules}`];

/**
 * The files below a folder, in a fixed order.
 * @param {string} folder
 * @param {(path: string) => boolean} wanted asked for files, and for folders before they are entered
 * @returns {string[]}
 */
export function filesBelow(folder, wanted) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!wanted(path)) return [];
      return entry.isDirectory() ? filesBelow(path, wanted) : [path];
    });
}

/**
 * Whether a step was finished with the inputs of now.
 * @param {Step} step
 */
export function isFinished(step) {
  return (
    existsSync(step.stamp) &&
    step.outputs.every((path) => existsSync(path)) &&
    readFileSync(step.stamp, "utf8").trim() === step.key()
  );
}

/**
 * Does a step between the removal of its stamp and the writing of a new one.
 * @param {Step} step
 * @param {(detail: string) => void} report
 */
export async function perform(step, report) {
  const key = step.key();
  rmSync(step.stamp, { force: true });
  await step.run(report);
  mkdirSync(dirname(step.stamp), { recursive: true });
  const unfinished = `${step.stamp}.${process.pid}`;
  writeFileSync(unfinished, `${key}\n`);
  renameSync(unfinished, step.stamp);
}
