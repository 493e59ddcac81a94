/**
 * What `npm test` checks, in what order. A check has parts, each with the files that it depends on: a part that passed is
 * left out until one of them changes. Some parts take long: they are run with `all` only. With `all`, as in CI, nothing is left out.
 * @module
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { foreground, npm } from "./command.mjs";
import { filesBelow, hashOf, isFinished, machine } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/**
 * @typedef {object} Check
 * @property {string} title
 * @property {Record<string, string[]>} parts each one's files and folders, from the project's folder
 * @property {(parts: string[]) => string[]} command what npm runs for these parts
 * @property {(part: string) => boolean} [isRare] whether a part takes long and is run with `all` only, as CI does
 */

/** What all code depends on. */
const base = ["package-lock.json", "tsconfig.json", "requirements.txt", "constraints.txt", "pyproject.toml"];
const library = [...base, "src/library"];
const course = [...library, "src/kernel"];
const grading = [
  "src/tools/grading",
  "src/tools/formulas.py",
  "notebooks/assignments/source",
  "notebooks/assignments/nbgrader_config.py",
];
const marking = "src/tools/grading/submissions_test.py";

/**
 * @param {Project} project
 * @returns {Check[]}
 */
export const checksOf = (project) => [
  { title: "Lint", parts: { all: ["."] }, command: () => ["lint"] },
  { title: "Format", parts: { all: ["."] }, command: () => ["format:check"] },
  {
    title: "Tests in TypeScript",
    parts: {
      "src/library": library,
      "src/kernel": course,
      "src/setup": [...base, "src/setup", "package.json"],
      "src/browser": [...course, "src/browser", "src/tools", "notebooks"],
      ...Object.fromEntries(
        foldersOf(join(project.root, "src", "tools")).map((name) => [
          `src/tools/${name}`,
          [...course, "src/tools", "notebooks"],
        ]),
      ),
    },
    isRare: (part) => ["src/browser", "src/tools/site", "src/tools/diagnosis"].includes(part),
    // Of tools, what is compiled lies in a folder of its own.
    command: (parts) => [
      "test:unit",
      "--",
      ...parts.map((folder) => `${folder.replace("/tools/", "/tools/dist/")}/`),
    ],
  },
  {
    title: "Tests in Python",
    parts: {
      // What takes longest comes first, and is not waited for at the end.
      "src/tools/classroom": [...base, "src/kernel", "src/setup", "src/tools/classroom"],
      "src/tools/lessons": [...course, "src/tools", "notebooks"],
      "src/kernel": course,
      "src/tools/grading": [...course, ...grading],
      "src/tools/site": ["src/tools", "notebooks", ...library],
    },
    isRare: (part) => part === "src/tools/classroom",
    command: (parts) => ["test:python", "--", ...parts, `--ignore=${marking}`],
  },
  {
    title: "Marks of the test submissions",
    parts: {
      all: [...course, ...grading],
    },
    isRare: () => true,
    command: () => ["test:python", "--", marking],
  },
  {
    title: "Lessons",
    parts: Object.fromEntries(
      readdirSync(join(project.root, "notebooks"))
        .filter((name) => /^\d\d-.*\.ipynb$/.test(name))
        .map((name) => [name.slice(0, 2), [...course, "src/tools/lessons", `notebooks/${name}`]]),
    ),
    // One that trains with model.fit's like, and one with ensembles.
    isRare: (part) => !["01", "02"].includes(part),
    command: (parts) => ["lessons", "--", "--check", ...parts],
  },
];

/**
 * Names of the folders in a folder that hold tests in TypeScript.
 * @param {string} folder
 */
function foldersOf(folder) {
  return readdirSync(folder).filter(
    (name) =>
      statSync(join(folder, name)).isDirectory() &&
      readdirSync(join(folder, name)).some((file) => file.endsWith(".test.ts")),
  );
}

/**
 * Whether a path is written by hand: not hidden, not made of other files (as .gitignore says).
 * @param {Project} project
 * @returns {(path: string) => boolean}
 */
const isSource = ({ root }) => {
  const assignments = join(root, "notebooks", "assignments");
  const made = /^(\..*|node_modules|dist|__pycache__|.*\.tsbuildinfo)$/;
  return (path) =>
    dirname(path) === assignments
      ? /^(source|nbgrader_config\.py)$/.test(basename(path))
      : !made.test(basename(path)) && path !== join(root, "site");
};

/**
 * A part of a check, as something that may be finished.
 * @param {Project} project
 * @param {Check} check
 * @param {string} part
 * @param {string[]} inputs
 */
const stampOf = (project, { title }, part, inputs) => ({
  part,
  title: `${title}: ${part}`,
  stamp: join(project.cache, "checks", `${title}: ${part}`.replaceAll(/\W+/g, "-")),
  key: () =>
    hashOf(
      [...machine, process.version, project.root],
      inputs
        .map((name) => join(project.root, name))
        .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path, isSource(project)) : [path])),
    ),
  outputs: [],
  megabytes: 0,
  run: () => Promise.resolve(),
});

/**
 * Runs the checks one after the other, up to the first that fails.
 * @param {Project} project
 * @param {{ all: boolean, checks?: Check[] }} options all: also what has not changed since it passed
 * @returns {Promise<number>} the exit code
 */
export async function check(project, { all, checks = checksOf(project) }) {
  /** @type {string[]} */
  const summary = [];
  /** @type {string[]} */
  const rarely = [];
  let code = 0;
  for (const one of checks) {
    const parts = Object.entries(one.parts).map(([part, inputs]) => stampOf(project, one, part, inputs));
    const due = all ? parts : parts.filter((part) => !isFinished(part));
    const todo = all ? parts : due.filter(({ part }) => one.isRare?.(part) !== true);
    const rare = due.filter((part) => !todo.includes(part)).map(({ part }) => part);
    const left = parts.length - due.length;
    if (rare.length > 0) rarely.push(`${one.title}${parts.length > 1 ? `: ${rare.join(", ")}` : ""}`);
    const unchanged =
      left === 0
        ? ""
        : left === parts.length
          ? "unchanged since it passed"
          : `${left} of ${parts.length} parts unchanged since they passed`;
    if (todo.length === 0) {
      if (unchanged !== "") summary.push(`${one.title}: ${unchanged}`);
      continue;
    }
    const names = todo.map(({ part }) => part).join(", ");
    process.stderr.write(`\n${one.title}${parts.length > 1 ? ` (${names})` : ""} ...\n`);
    const start = Date.now();
    const keys = todo.map((part) => part.key());
    for (const { stamp } of todo) rmSync(stamp, { force: true });
    code = await foreground(project, npm(project, ["run", ...one.command(todo.map(({ part }) => part))]));
    const seconds = `${Math.round((Date.now() - start) / 1000)} s`;
    summary.push(
      `${one.title}: ${code === 0 ? "passed" : "failed"} after ${seconds}${unchanged && `; ${unchanged}`}`,
    );
    if (code !== 0) break;
    mkdirSync(join(project.cache, "checks"), { recursive: true });
    // The files as they were when the check began: what was changed meanwhile is not checked.
    todo.forEach(({ stamp }, i) => {
      writeFileSync(stamp, `${keys[i]}\n`);
    });
  }
  process.stderr.write(`\n${summary.map((line) => `  ${line}\n`).join("")}`);
  for (const line of rarely) process.stderr.write(`  Not run here, as it takes long; CI runs it: ${line}\n`);
  if (rarely.length > 0 || summary.some((line) => line.includes("unchanged")))
    process.stderr.write("  To run all of it: npm test -- --all\n");
  return code;
}
