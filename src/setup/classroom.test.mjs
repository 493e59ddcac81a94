import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { installForAll, packagesOf, removeForAll } from "./classroom.mjs";
import { SetupError } from "./messages.mjs";
import { describeProject } from "./project.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

const project = describeProject();

test("what is installed for all is what notebooks run on, and none of the tools", () => {
  const found = packagesOf(project.root);
  for (const name of [
    "@tensorflow/tfjs-node",
    "@tensorflow/tfjs-core",
    "plotly.js-dist",
    "tslab",
    "typescript",
    "zeromq",
  ]) {
    assert.ok(found.includes(`node_modules/${name}`), name);
  }
  for (const name of ["eslint", "playwright-core", "prettier", "typedoc", "katex", "axe-core"]) {
    assert.ok(!found.includes(`node_modules/${name}`), name);
  }
  for (const path of found) assert.ok(existsSync(join(project.root, path, "package.json")), path);
});

test("a prefix that is no folder is told, and nothing is left there", async (context) => {
  const prefix = temporaryFolder(context);
  writeFileSync(join(prefix, "lib"), "a file");
  await assert.rejects(installForAll(project, prefix), SetupError);
  assert.deepEqual(readdirSync(prefix), ["lib"]);
});

test("a prefix that others can't get into is told", async (context) => {
  const prefix = temporaryFolder(context);
  // The folder of a test is its owner's alone.
  await assert.rejects(installForAll(project, prefix), /Other users of this machine can't get into/);
});

test("another kernel of the same name stays when ours is taken away", (context) => {
  const prefix = temporaryFolder(context);
  const kernel = join(prefix, "share", "jupyter", "kernels", "tslab");
  mkdirSync(kernel, { recursive: true });
  writeFileSync(join(kernel, "kernel.json"), '{ "argv": ["tslab", "kernel"] }');
  removeForAll(prefix);
  assert.ok(existsSync(join(kernel, "kernel.json")));
});
