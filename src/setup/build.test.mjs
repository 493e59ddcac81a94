import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compiledSource } from "./build.mjs";
import { describeProject } from "./project.mjs";
import { Progress } from "./progress.mjs";
import { setUp } from "./steps.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

const root = join(import.meta.dirname, "../..");

test("sources are compiled when they change, and what a killed run or a deleted source left goes", async (context) => {
  const folder = temporaryFolder(context);
  const path = (/** @type {string} */ name) => join(folder, name);
  mkdirSync(path("node_modules"));
  for (const name of ["typescript", "@types"]) {
    symlinkSync(join(root, "node_modules", name), path(`node_modules/${name}`));
  }
  cpSync(join(root, "tsconfig.json"), path("tsconfig.json"));
  for (const name of ["library", "kernel", "tools", "browser"]) {
    mkdirSync(path(`src/${name}`), { recursive: true });
    cpSync(join(root, "src", name, "tsconfig.json"), path(`src/${name}/tsconfig.json`));
    writeFileSync(path(`src/${name}/package.json`), "{}");
  }
  writeFileSync(path("src/kernel/install.ts"), "export {};");
  writeFileSync(path("src/tools/bench.ts"), "export {};");
  writeFileSync(path("src/browser/page.ts"), "export {};");
  writeFileSync(path("src/library/index.ts"), "export const depth = 1;");
  writeFileSync(path("src/library/old.test.ts"), "export {};");
  /** @type {string[]} */
  const lines = [];
  const project = { ...describeProject(folder), stamps: path("node_modules/.setup") };
  const compile = () =>
    setUp(project, [compiledSource(project)], new Progress({ write: (text) => lines.push(text) }));
  await compile();
  assert.match(readFileSync(path("src/library/dist/index.js"), "utf8"), /depth = 1/);
  lines.length = 0;
  await compile();
  assert.deepEqual(lines, []);

  writeFileSync(path("src/library/index.ts"), "export const depth = 2;");
  rmSync(path("src/library/old.test.ts"));
  await compile();
  assert.match(readFileSync(path("src/library/dist/index.js"), "utf8"), /depth = 2/);
  assert.equal(existsSync(path("src/library/dist/old.test.js")), false);
  assert.equal(existsSync(path("src/library/dist/old.test.d.ts")), false);

  // As if killed while it wrote: the stamp is gone, and a file that tsc takes for finished is not.
  rmSync(path("node_modules/.setup/build"));
  writeFileSync(path(".cache/compiling"), "");
  writeFileSync(path("src/library/dist/index.js"), "exports.de");
  await compile();
  assert.match(readFileSync(path("src/library/dist/index.js"), "utf8"), /depth = 2/);

  writeFileSync(path("src/library/index.ts"), "export const depth: string = 3;");
  await assert.rejects(compile(), (/** @type {import("./messages.mjs").SetupError} */ error) => {
    assert.match(error.message, /tsc.* failed \(exit code [12]\)/);
    assert.match(error.output.join("\n"), /src\/library\/index\.ts\(1,14\): error TS2322/);
    return true;
  });
});
