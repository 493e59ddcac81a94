/**
 * The steps of the set-up in their order, and the run through those that are not finished.
 * @module
 */
import { mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { addon } from "./addon.mjs";
import { compiledSource } from "./build.mjs";
import { watchTools } from "./command.mjs";
import { registeredKernel } from "./kernel.mjs";
import { libtensorflow } from "./libtensorflow.mjs";
import { Lock } from "./lock.mjs";
import { Interrupted, noSpace, wrongNode, wrongPlatform } from "./messages.mjs";
import { npmPackages } from "./npm.mjs";
import { pythonPackages } from "./python.mjs";
import { isFinished, perform } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */
/** @typedef {import("./stamps.mjs").Step} Step */
/** @typedef {import("./progress.mjs").Progress} Progress */

/**
 * @param {Project} project
 * @returns {Step[]}
 */
export const stepsOf = (project) =>
  [npmPackages, pythonPackages, libtensorflow, addon, compiledSource, registeredKernel].map((step) =>
    step(project),
  );

/**
 * Throws if the course does not run on this Node and system.
 * @param {string} version such as "22.13.1"
 * @param {NodeJS.Platform} platform
 */
export function checkNode(version, platform) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 13))) throw wrongNode(version);
  if (platform !== "linux" && platform !== "darwin") throw wrongPlatform();
}

/**
 * Does the steps that are not finished. If all are, nothing is written and no network used.
 * @param {Project} project
 * @param {Step[]} steps
 * @param {Progress} progress
 */
export async function setUp(project, steps, progress) {
  if (steps.every(isFinished)) return;
  const lock = new Lock(join(project.cache, "setup.lock"));
  lock.take();
  const interruption = interruptible(lock);
  try {
    rmSync(project.log, { force: true });
    for (const [index, step] of steps.entries()) {
      if (isFinished(step)) continue;
      checkSpace(project, steps.slice(index));
      await progress.show(`${index + 1}/${steps.length} ${step.title}`, async (report) => {
        try {
          await perform(step, report);
        } catch (error) {
          throw interruption.signal === undefined ? error : new Interrupted(interruption.signal);
        }
      });
      if (interruption.signal !== undefined) throw new Interrupted(interruption.signal);
    }
  } finally {
    interruption.stop();
    lock.release();
  }
}

/**
 * @param {Project} project
 * @param {Step[]} steps
 */
function checkSpace(project, steps) {
  const needed = steps.filter((step) => !isFinished(step)).reduce((sum, step) => sum + step.megabytes, 0);
  mkdirSync(project.cache, { recursive: true });
  requireSpace(project.cache, needed);
}

/**
 * Throws if the disk that a folder is on has not so much room.
 * @param {string} folder
 * @param {number} megabytes
 */
export function requireSpace(folder, megabytes) {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 1e6);
  if (free < megabytes) throw noSpace(megabytes, free);
}

/**
 * Notes the tools that run in the lock, and ends them when a signal asks for the end.
 * @param {Lock} lock
 */
function interruptible(lock) {
  /** @type {Set<import("node:child_process").ChildProcess>} */
  const running = new Set();
  const interruption = {
    /** @type {NodeJS.Signals | undefined} */
    signal: undefined,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
      watchTools({ started: () => {}, ended: () => {} });
    },
  };
  /** @param {import("node:child_process").ChildProcess} child */
  const end = (child) => {
    child.kill("SIGTERM");
    // Some tidy up for long. There is no need to: the next run does.
    setTimeout(() => {
      if (running.has(child)) child.kill("SIGKILL");
    }, 2000).unref();
  };
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    interruption.signal = signal;
    for (const child of running) end(child);
  };
  watchTools({
    started: (child) => {
      running.add(child);
      if (child.pid !== undefined) lock.add(child.pid);
      if (interruption.signal !== undefined) end(child);
    },
    ended: (child) => {
      running.delete(child);
      if (child.pid !== undefined) lock.remove(child.pid);
    },
  });
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, onSignal);
  return interruption;
}
