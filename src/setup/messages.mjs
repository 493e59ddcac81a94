/**
 * What the set-up says when it cannot go on: one message for each cause, with what to do about it.
 * @module
 */

/** An expected failure. Its message is all that is shown: no stack trace. */
export class SetupError extends Error {
  /**
   * @param {string} message what is wrong, and what to do
   * @param {string[]} [output] the last lines of the tool that failed
   */
  constructor(message, output = []) {
    super(message);
    this.name = "SetupError";
    this.output = output;
  }
}

/** Thrown when the user or the system ends the set-up. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super("Stopped. The next run goes on from here.");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** @param {string} version */
export const wrongNode = (version) =>
  new SetupError(
    `Node ${version} does not fit: this course runs on Node 20 (from 20.19) and 22 (from 22.13).\n` +
      "TensorFlow's bindings call a function that Node 23 removed. Install Node 22 and try again.",
  );

export const wrongPlatform = () =>
  new SetupError("The course runs on Linux and macOS. On Windows, run it inside WSL (the Linux subsystem).");

/** @param {string} found what was looked at, one finding a line; may be empty */
export const noPython = (found) =>
  new SetupError(
    "No Python from 3.11 to 3.14 was found; JupyterLab needs one.\n" +
      (found === "" ? "" : `${found}\n`) +
      "Install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: PYTHON=/path/to/python3 npm start",
  );

/** @param {string} python */
export const noVenv = (python) =>
  new SetupError(
    `${python} lacks the venv module, which makes the course's own Python environment.\n` +
      "Install it (Debian, Ubuntu: apt install python3-venv) and try again.",
  );

/** @param {string[]} missing names of programs */
export const noCompiler = (missing) =>
  new SetupError(
    `TensorFlow's bindings have to be compiled here, and ${missing.join(" and ")} cannot be found.\n` +
      "Install a C++ compiler and make (Debian, Ubuntu: apt install build-essential; " +
      "macOS: xcode-select --install) and try again.",
  );

/** @param {string[]} output */
export const noHeaders = (output) =>
  new SetupError(
    "Compiling TensorFlow's bindings needs Node's header files. They do not lie beside this Node " +
      "(include/node), and could not be downloaded.\n" +
      "Use a Node that has them (nodejs.org, nvm, conda-forge; Debian: apt install libnode-dev), " +
      "or name their folder: npm_config_nodedir=/path npm start",
    output,
  );

/** @param {string[]} output */
export const noLibtensorflow = (output) =>
  new SetupError(
    "TensorFlow's C library could not be had: neither its download host nor, on Linux x64, " +
      "the tensorflow-cpu package on PyPI could be reached.\n" +
      "Check the network and proxy settings, or force one of the ways: " +
      "LIBTENSORFLOW=download npm start, LIBTENSORFLOW=wheel npm start",
    output,
  );

/** @param {string} value */
export const wrongRoute = (value) =>
  new SetupError(`LIBTENSORFLOW is "${value}". It can be "download", or "wheel" on Linux x64 only.`);

/**
 * @param {string} tool
 * @param {string[]} output
 */
export const noNetwork = (tool, output) =>
  new SetupError(`${tool} could not reach its package index. Check the network and proxy settings.`, output);

/**
 * @param {number} needed megabytes
 * @param {number} free megabytes
 */
export const noSpace = (needed, free) =>
  new SetupError(
    `The disk is too full: the set-up needs about ${needed} MB more, and ${free} MB are free. ` +
      "Make room and try again; what is finished is kept.",
  );

/** @param {string} prefix */
export const noRights = (prefix) =>
  new SetupError(
    `${prefix} can't be written to. Run the command as its owner (such as by sudo), or name another folder.`,
  );

/** @param {string} prefix */
export const notForAll = (prefix) =>
  new SetupError(
    `Other users of this machine can't get into ${prefix}. Name a folder that they can, such as /usr/local.`,
  );

/** @param {string[]} output */
export const diskFull = (output) =>
  new SetupError("The disk became full. Make room and try again; what is finished is kept.", output);

/**
 * @param {number} pid
 * @param {string} file
 */
export const locked = (pid, file) =>
  new SetupError(
    `Another set-up of this folder is running (process ${pid}). Wait for it, or stop it.\n` +
      `If there is none, delete ${file}`,
  );

/**
 * @param {string} command
 * @param {string} how how it ended
 * @param {string} log
 * @param {string[]} output
 */
export const toolFailed = (command, how, log, output) =>
  new SetupError(`"${command}" ${how}. All of its output is in ${log}`, output);
