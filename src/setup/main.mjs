/**
 * What package.json's scripts call: `node src/setup/main.mjs start|setup|python|test|bench ...`.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Interrupted, SetupError } from "./messages.mjs";
import { measurePeers, peers } from "./peers.mjs";
import { Progress } from "./progress.mjs";
import { describeProject } from "./project.mjs";
import { filesBelow, isFinished } from "./stamps.mjs";
import { checkNode, setUp, stepsOf } from "./steps.mjs";

const project = describeProject();

/**
 * Runs a program in the foreground until it ends. An interrupt is its to deal with.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
async function foreground(program, args) {
  const child = spawn(program, args, { cwd: project.root, env: project.env, stdio: "inherit" });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

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
    const jupyter = [
      "-m",
      "jupyterlab",
      "--ServerApp.answer_yes=True",
      `--ServerApp.root_dir=${project.root}`,
    ];
    const lesson = "notebooks/01-see-it-vanish.ipynb";
    if (existsSync(join(project.root, lesson))) jupyter.push(`--LabApp.default_url=/lab/tree/${lesson}`);
    return await foreground(project.python, [...jupyter, ...args]);
  },
  /** Runs the project's Python. */
  python: (args) => foreground(project.python, args),
  /** Runs the benchmarks; with --peers, PyTorch and JAX are installed to compare with. Once installed, they always are. */
  bench: async (args) => {
    const step = peers(project);
    if (args.includes("--peers")) await setUp(project, [step], new Progress(process.stderr));
    if (isFinished(step)) project.env.BENCH_PEERS = await measurePeers(project);
    const code = await foreground(process.execPath, [join("src", "tools", "dist", "bench", "training.js")]);
    return code === 0 ? await foreground(project.python, ["-m", "tools.bench.kernel"]) : code;
  },
  /** Runs the tests of the TypeScript code and of the set-up, or those files of them that are named. */
  test: (args) => {
    const src = join(project.root, "src");
    const tests = filesBelow(src, () => true).filter((path) =>
      /(\/dist\/.*\.test\.js|\/setup\/.*\.test\.mjs)$/.test(path),
    );
    const named = args.filter((arg) => !arg.startsWith("-"));
    const wanted =
      named.length === 0 ? tests : tests.filter((path) => named.some((name) => path.includes(name)));
    return foreground(process.execPath, ["--test", ...args.filter((arg) => arg.startsWith("-")), ...wanted]);
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
