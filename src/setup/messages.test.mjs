import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { headersBeside, missingTools } from "./addon.mjs";
import { failureOf } from "./command.mjs";
import { Progress } from "./progress.mjs";
import { describeProject } from "./project.mjs";
import { findPython } from "./python.mjs";
import { forcedRoute } from "./route.mjs";
import { checkNode, setUp } from "./steps.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

/**
 * @param {string} path
 * @param {string} text
 */
function program(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

test("Node 20.19 and 22.13 and later fit, others do not", () => {
  for (const version of ["20.19.0", "20.99.1", "22.13.0", "22.20.0"]) checkNode(version, "linux");
  for (const version of ["18.20.0", "20.18.3", "21.7.0", "22.12.0", "23.0.0", "24.1.0"]) {
    assert.throws(
      () => {
        checkNode(version, "linux");
      },
      {
        name: "SetupError",
        message: new RegExp(`Node ${version} does not fit.*20.*22.*\n.*Install Node 22`),
      },
    );
  }
  assert.throws(() => {
    checkNode("22.13.0", "win32");
  }, /WSL/);
});

test("a command that is not known ends with one line and exit code 1", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "main.mjs"), "strat"], {
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^\nCommands: setup, start, teach, classroom, python, bench, diagnosis, check, test\n$/,
  );
});

test("a fitting Python is found; without one the message tells what is there", async (context) => {
  const folder = temporaryFolder(context);
  const bin = join(folder, "bin");
  const project = describeProject(folder, { PATH: bin });
  await assert.rejects(findPython(project), /^SetupError: No Python from 3\.11 to 3\.14 was found/);
  program(join(bin, "python3"), 'echo "308 True"');
  await assert.rejects(findPython(project), /python3 is Python 3\.8\./);
  program(join(bin, "python"), 'echo "311 False"');
  await assert.rejects(findPython(project), /^SetupError: python lacks the venv module.*\n.*python3-venv/);
  program(join(bin, "python3.12"), 'echo "312 True"');
  assert.equal(await findPython(project), "python3.12");
  const named = describeProject(folder, { PATH: bin, PYTHON: "python3" });
  await assert.rejects(findPython(named), /python3 is Python 3\.8\./);
  const wrong = describeProject(folder, { PATH: bin, PYTHON: "/no/python" });
  await assert.rejects(findPython(wrong), /\/no\/python does not run\./);
});

test("what compiling lacks is named", (context) => {
  const folder = temporaryFolder(context);
  assert.deepEqual(missingTools({ PATH: folder, CXX: "my-c++ -m64" }), ["make", "my-c++"]);
  program(join(folder, "make"), "");
  program(join(folder, "my-c++"), "");
  assert.deepEqual(missingTools({ PATH: folder, CXX: "my-c++ -m64" }), []);
});

test("Node's headers are found beside Node", (context) => {
  const folder = temporaryFolder(context);
  program(join(folder, "real", "bin", "node"), "");
  symlinkSync(join(folder, "real", "bin", "node"), join(folder, "node"));
  assert.equal(headersBeside(join(folder, "node")), undefined);
  program(join(folder, "real", "include", "node", "node_api.h"), "");
  assert.match(headersBeside(join(folder, "node")) ?? "", /real$/);
});

test("tools' failures are told apart", () => {
  const project = describeProject("/project", {});
  const messageOf = (/** @type {string[]} */ command, /** @type {string} */ output) =>
    failureOf(project, command, { code: 1, signal: null, output }).message;
  assert.match(messageOf(["npm", "ci"], "npm error code ENOSPC"), /disk became full/);
  assert.match(messageOf(["python", "-m", "pip"], "[Errno 28] No space left on device"), /disk became full/);
  assert.match(
    messageOf(["npm", "ci"], "request to ... failed, reason: getaddrinfo ENOTFOUND"),
    /^npm could not/,
  );
  assert.match(messageOf(["python", "-m", "pip"], "NewConnectionError(...)"), /^pip could not reach/);
  assert.match(messageOf(["tsc"], "src/a.ts(1,1): error"), /"tsc" failed \(exit code 1\).*setup\.log/);
  assert.deepEqual(failureOf(project, ["tsc"], { code: 1, signal: null, output: "a\r\n\nb\n" }).output, [
    "a",
    "b",
  ]);
});

test("a disk that is too full stops the set-up before it starts", async (context) => {
  const project = describeProject(temporaryFolder(context), {});
  const step = {
    title: "huge",
    stamp: join(project.cache, "huge"),
    key: () => "",
    outputs: [],
    megabytes: 1e12,
    run: () => Promise.reject(new Error("not to be run")),
  };
  const progress = new Progress({ write: () => {} });
  await assert.rejects(
    setUp(project, [step], progress),
    /disk is too full.*1000000000000 MB more, and \d+ MB are free/,
  );
});

test("LIBTENSORFLOW can be one of the ways only", () => {
  assert.equal(forcedRoute({}), undefined);
  assert.equal(forcedRoute({ LIBTENSORFLOW: "download" }), "download");
  assert.throws(() => forcedRoute({ LIBTENSORFLOW: "whell" }), /LIBTENSORFLOW is "whell"/);
});

test("the versions in package.json, environment.yml, .npmrc and the requirements agree", () => {
  const root = join(import.meta.dirname, "../..");
  const read = (/** @type {string} */ name) => readFileSync(join(root, name), "utf8");
  const environment = read("environment.yml");
  const [, python] = /python=3\.(\d+)/.exec(environment) ?? [];
  assert.ok(Number(python) >= 11 && Number(python) <= 13);
  const [, node] = /nodejs=(\d+)/.exec(environment) ?? [];
  const { engines } = /** @type {{ engines: { node: string } }} */ (JSON.parse(read("package.json")));
  assert.equal(engines.node, "^20.19.0 || ^22.13.0");
  assert.match(engines.node, new RegExp(`\\^${node}\\.`));
  assert.match(environment, /- pip:\n\s+- -r requirements\.txt\n/);

  const requirements = read("requirements.txt");
  assert.match(requirements, /^-c constraints\.txt$/m);
  const names = [];
  for (const line of `${requirements}${read("constraints.txt")}`.split("\n")) {
    if (line === "" || line.startsWith("#") || line.startsWith("-c ")) continue;
    assert.match(line, /^[\w.-]+==[\w.]+$/);
    names.push(
      line
        .replace(/=.*/, "")
        .toLowerCase()
        .replaceAll(/[-_.]+/g, "-"),
    );
  }
  assert.equal(new Set(names).size, names.length);
  assert.match(read("src/library/package.json"), /"@tensorflow\/tfjs-node": "4\.22\.0"/);
  const [, builder] = /requires = \["(.*)"\]/.exec(read("pyproject.toml")) ?? [];
  assert.ok(requirements.split("\n").includes(builder ?? "none"));
});
