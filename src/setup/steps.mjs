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
import { noSpace, wrongNode, wrongPlatform } from "./messages.mjs";
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
      await Promise.race([
        interruption.happened,
        progress.show(`${index + 1}/${steps.length} ${step.title}`, (report) => perform(step, report)),
      ]);
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
  const { bavail, bsize } = statfsSync(project.cache);
  const free = Math.floor((bavail * bsize) / 1e6);
  if (free < needed) throw noSpace(needed, free);
}

/** Thrown when the user or the system ends the set-up. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super("Interrupted. The next run goes on from here.");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/**
 * Notes the tools that run in the lock, and ends them when a signal asks for the end.
 * @param {Lock} lock
 */
function interruptible(lock) {
  /** @type {Set<import("node:child_process").ChildProcess>} */
  const running = new Set();
  watchTools({
    started: (child) => {
      running.add(child);
      if (child.pid !== undefined) lock.add(child.pid);
    },
    ended: (child) => {
      running.delete(child);
      if (child.pid !== undefined) lock.remove(child.pid);
    },
  });
  /** @type {(error: Error) => void} */
  let reject;
  /** @type {Promise<never>} */
  const happened = new Promise((_resolve, reject_) => {
    reject = reject_;
  });
  happened.catch(() => {});
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    const ended = [...running].map(
      (child) =>
        new Promise((resolve) => {
          child.once("close", resolve);
          child.kill("SIGTERM");
        }),
    );
    // The lock is released once nothing writes any more.
    void Promise.all(ended).then(() => {
      reject(new Interrupted(signal));
    });
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, onSignal);
  return {
    happened,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
