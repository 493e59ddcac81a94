/**
 * Runs a tool, with its output in the log or in the foreground.
 * @module
 */
import { spawn } from "node:child_process";
import { appendFileSync, createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { diskFull, noNetwork, toolFailed } from "./messages.mjs";

/** @typedef {import("./project.mjs").Project} Project */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, output: string }} Ended */

/** @typedef {(child: import("node:child_process").ChildProcess) => void} Listener */

/** @type {{ started: Listener, ended: Listener }} */
let watch = { started: () => {}, ended: () => {} };

/**
 * Has each tool's start and end told.
 * @param {typeof watch} watcher
 */
export function watchTools(watcher) {
  watch = watcher;
}

/**
 * Runs a tool to its end, whatever that is.
 * @param {Project} project
 * @param {readonly string[]} command program and arguments
 * @param {NodeJS.ProcessEnv} [env] in addition to the project's
 * @returns {Promise<Ended>}
 */
export async function run(project, command, env = {}) {
  const [program = "", ...args] = command;
  mkdirSync(dirname(project.log), { recursive: true });
  appendFileSync(project.log, `\n$ ${command.join(" ")}\n`);
  const log = createWriteStream(project.log, { flags: "a" });
  let output = "";
  const child = spawn(program, args, {
    cwd: project.root,
    env: { ...project.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (/** @type {string} */ text) => {
      // The log may fail (a full disk): that must not hide what the tool says.
      log.write(text);
      output = (output + text).slice(-100_000);
    });
  }
  log.on("error", () => {});
  watch.started(child);
  try {
    return await new Promise((resolve) => {
      child.on("error", (error) => {
        resolve({ code: 127, signal: null, output: error.message });
      });
      child.on("close", (code, signal) => {
        resolve({ code, signal, output });
      });
    });
  } finally {
    watch.ended(child);
    log.end();
    await finished(log).catch(() => {});
  }
}

/**
 * Runs a program in the foreground until it ends. An interrupt is its to deal with.
 * @param {Project} project
 * @param {readonly string[]} command program and arguments
 * @param {{ folder?: string, env?: NodeJS.ProcessEnv }} [options] where, and what is added to the environment
 * @returns {Promise<number>} its exit code
 */
export async function foreground(project, command, { folder = project.root, env = {} } = {}) {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: folder, env: { ...project.env, ...env }, stdio: "inherit" });
  const wait = () => {};
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", wait);
  process.on("SIGTERM", pass);
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        resolve(code ?? (signal === "SIGINT" ? 130 : 143));
      });
    });
  } finally {
    process.off("SIGINT", wait);
    process.off("SIGTERM", pass);
  }
}

/**
 * The last lines of an output.
 * @param {string} output
 */
export function tail(output) {
  return output
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .slice(-12);
}

/**
 * The error for a tool that failed, from what it said.
 * @param {Project} project
 * @param {readonly string[]} command
 * @param {Ended} ended
 */
export function failureOf(project, command, { code, signal, output }) {
  const lines = tail(output);
  const tool = /\bpip\b/.test(command.join(" ")) ? "pip" : "npm";
  if (/ENOSPC|No space left on device/i.test(output)) return diskFull(lines);
  if (
    /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|network is unreachable|NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|Temporary failure in name resolution/i.test(
      output,
    )
  ) {
    return noNetwork(tool, lines);
  }
  const how = signal === null ? `failed (exit code ${code ?? "unknown"})` : `was ended by ${signal}`;
  return toolFailed(command.join(" "), how, project.log, lines);
}

/**
 * Runs a tool that has to succeed.
 * @param {Project} project
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} its output
 */
export async function must(project, command, env = {}) {
  const ended = await run(project, command, env);
  if (ended.code !== 0) throw failureOf(project, command, ended);
  return ended.output;
}

/**
 * The command that runs npm: the one that runs us, if it does.
 * @param {Project} project
 * @param {readonly string[]} args
 */
export function npm(project, args) {
  const script = project.env.npm_execpath;
  return script?.endsWith("npm-cli.js") === true ? [process.execPath, script, ...args] : ["npm", ...args];
}
