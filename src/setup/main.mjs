/**
 * What package.json's scripts call: `node src/setup/main.mjs start|teach|setup|classroom|python|check|test|bench|diagnosis ...`.
 * @module
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { check } from "./checks.mjs";
import { installForAll, removeForAll } from "./classroom.mjs";
import { foreground } from "./command.mjs";
import { Interrupted, SetupError } from "./messages.mjs";
import { measurePeers, peers } from "./peers.mjs";
import { Progress } from "./progress.mjs";
import { describeProject } from "./project.mjs";
import { filesBelow, isFinished } from "./stamps.mjs";
import { reading, teaching } from "./start.mjs";
import { checkNode, setUp, stepsOf } from "./steps.mjs";

const project = describeProject();

/** @param {import("./start.mjs").Start} start */
const foregroundLab = ({ args, ...options }) => foreground(project, [project.python, ...args], options);

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const commands = {
  /** Sets up what is missing. */
  setup: async () => {
    await setUp(project, stepsOf(project), new Progress(process.stderr));
    return 0;
  },
  /** Sets up what is missing and opens the first lesson. */
  start: async (args) => {
    await commands.setup?.([]);
    return await foregroundLab(reading(project, args));
  },
  /** Sets up what is missing and opens JupyterLab with nbgrader. */
  teach: async (args) => {
    await commands.setup?.([]);
    return await foregroundLab(teaching(project, args));
  },
  /** Installs kernel and library for all users of this machine, or takes them away. */
  classroom: async ([action = "", prefix = "", ...more]) => {
    if (!/^(install|remove)$/.test(action) || prefix === "" || more.length > 0) {
      throw new SetupError("Usage: npm run classroom -- install PREFIX, or remove PREFIX. See the README.");
    }
    if (action === "remove") {
      removeForAll(prefix);
      return 0;
    }
    await commands.setup?.([]);
    await new Progress(process.stderr).show(`Kernel and library for all users, in ${prefix}`, async () => {
      await installForAll(project, prefix);
    });
    return 0;
  },
  /** Runs the project's Python. */
  python: (args) => foreground(project, [project.python, ...args]),
  /** Runs the benchmarks; with --peers, PyTorch and JAX are installed to compare with. Once installed, they always are. */
  bench: async (args) => {
    const step = peers(project);
    if (args.includes("--peers")) await setUp(project, [step], new Progress(process.stderr));
    if (isFinished(step)) project.env.BENCH_PEERS = await measurePeers(project);
    let code = await foreground(project, [
      process.execPath,
      join("src", "tools", "dist", "bench", "training.js"),
    ]);
    for (const part of ["kernel", "grading"])
      if (code === 0) code = await foreground(project, [project.python, "-m", `tools.bench.${part}`]);
    return code;
  },
  /** Measures how often `diagnose` is right: on real programs, and on networks drawn at random. */
  diagnosis: (args) =>
    foreground(project, [process.execPath, join("src", "tools", "dist", "diagnosis", "measure.js"), ...args]),
  /** Runs what `npm test` checks: what has changed since it passed, or with --all, everything. */
  check: (args) => check(project, { all: args.includes("--all") || project.env.CI === "true" }),
  /** Runs the tests of the TypeScript code and of the set-up, or those files of them that are named. */
  test: (args) => {
    const src = join(project.root, "src");
    const compiled = filesBelow(src, () => true).filter((path) =>
      /(\/dist\/.*\.test\.js|\/setup\/.*\.test\.mjs)$/.test(path),
    );
    // What drives a browser takes longest, comes first, and is not waited for at the end.
    const isLong = (/** @type {string} */ path) => /\/src\/(tools|browser)\//.test(path);
    const tests = [
      ...compiled.filter(isLong).reverse(),
      ...compiled.filter((path) => !isLong(path)).reverse(),
    ];
    const named = args.filter((arg) => !arg.startsWith("-"));
    const wanted =
      named.length === 0 ? tests : tests.filter((path) => named.some((name) => path.includes(name)));
    if (wanted.length === 0)
      throw new SetupError(
        `No test is in ${named.join(", ")}. Compiled ones are in dist: name a part of such a path.`,
      );
    const reporters = ["spec", join(project.root, "src", "setup", "slowest.mjs")].flatMap((reporter) => [
      `--test-reporter=${reporter}`,
      "--test-reporter-destination=stdout",
    ]);
    const options = ["--test-concurrency=2", ...reporters, ...args.filter((arg) => arg.startsWith("-"))];
    return foreground(project, [process.execPath, "--test", ...options, ...wanted]);
  },
};

/** @param {string} text */
const complain = (text) => writeSync(2, `${text}\n`);

/**
 * @param {unknown} error
 * @returns {number} the exit code
 */
function explain(error) {
  if (error instanceof Interrupted) {
    complain(`\n${error.message}`);
    return error.exitCode;
  }
  if (error instanceof SetupError) {
    for (const line of error.output) complain(`  | ${line}`);
    complain(`\n${error.message}`);
    return 1;
  }
  throw error;
}

const [name = "", ...args] = process.argv.slice(2);
const command = commands[name];
try {
  checkNode(process.versions.node, process.platform);
  if (command === undefined) throw new SetupError(`Commands: ${Object.keys(commands).join(", ")}`);
  process.exitCode = await command(args);
} catch (error) {
  process.exitCode = explain(error);
}
