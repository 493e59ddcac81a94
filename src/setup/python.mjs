/**
 * The Python environment: `.venv`, or an active conda environment, with the packages of requirements.txt.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { must, run } from "./command.mjs";
import { noPython, noVenv, SetupError } from "./messages.mjs";
import { hashOf } from "./stamps.mjs";

/** @typedef {import("./project.mjs").Project} Project */

/** Programs that may be a fitting Python, the likeliest first. */
const candidates = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.14"];

const probe = [
  "import importlib.util as u, sys",
  "print(sys.version_info[0] * 100 + sys.version_info[1], all(u.find_spec(m) for m in ('venv', 'ensurepip')))",
].join("; ");

/**
 * Finds a Python that JupyterLab runs on, and that can make environments.
 * @param {Project} project
 * @returns {Promise<string>} the program
 */
export async function findPython(project) {
  const named = project.env.PYTHON;
  const findings = [];
  let withoutVenv;
  for (const program of named === undefined || named === "" ? candidates : [named]) {
    const { code, output } = await run(project, [program, "-c", probe], {
      // Not the project's own, which is about to be made.
      PATH: (project.env.PATH ?? "").replace(`${join(project.prefix, "bin")}:`, ""),
    });
    const found = /^(\d)(\d\d) (True|False)$/m.exec(output);
    if (code !== 0 || found === null) {
      if (named !== undefined && named !== "") findings.push(`${program} does not run.`);
      continue;
    }
    const minor = Number(found[2]);
    if (found[1] !== "3" || minor < 11 || minor > 14)
      findings.push(`${program} is Python ${found[1]}.${minor}.`);
    else if (found[3] === "False") withoutVenv ??= program;
    else return program;
  }
  throw withoutVenv === undefined ? noPython(findings.join("\n")) : noVenv(withoutVenv);
}

/**
 * @param {Project} project
 * @returns {import("./stamps.mjs").Step}
 */
export function pythonPackages(project) {
  const { root, prefix, python, conda } = project;
  const stamp = conda ? join(project.cache, "conda-packages") : join(prefix, "setup-stamp");
  return {
    title: conda ? "Python packages (conda)" : "Python packages",
    stamp,
    // An environment holds its own path, so one that was moved or copied has to be made anew.
    key: () =>
      hashOf(
        [prefix, root],
        ["requirements.txt", "constraints.txt", "pyproject.toml"].map((name) => join(root, name)),
      ),
    outputs: [python, join(prefix, "bin", "jupyter-lab")],
    megabytes: 500,
    run: async () => {
      if (!conda) {
        const base = await findPython(project);
        // From nothing: what a killed run left may look whole and not be.
        await must(project, [base, "-m", "venv", "--clear", prefix]);
      } else if (!existsSync(python)) {
        throw new SetupError(`The active conda environment has no Python: ${prefix}`);
      }
      const install = [python, "-m", "pip", "install", "--disable-pip-version-check"];
      await must(project, [...install, "-r", "requirements.txt"]);
      // src/tools itself, in place. What builds it stands in requirements.txt, so nothing more is fetched.
      await must(project, [...install, "--no-deps", "--no-build-isolation", "--editable", "."]);
    },
  };
}
