import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { check, checksOf } from "./checks.mjs";
import { filesBelow } from "./stamps.mjs";
import { describeProject } from "./project.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

/**
 * A project with two parts to check. The check notes which parts it looks at, and fails if a file `broken` is there.
 * @param {import("node:test").TestContext} context
 * @param {string} [rare] a part that is run with all only
 */
function scratch(context, rare) {
  const project = describeProject(temporaryFolder(context));
  const at = (/** @type {string} */ name) => join(project.root, name);
  for (const name of ["one", "two"]) {
    mkdirSync(at(name));
    writeFileSync(join(at(name), "text"), "first");
  }
  const script =
    "process.argv.slice(1).forEach((n) => fs.appendFileSync('seen', n + ' ')); if (fs.existsSync('broken')) process.exit(3)";
  writeFileSync(at("package.json"), JSON.stringify({ scripts: { look: `node -e "${script}" --` } }));
  const checks = [
    {
      title: "Look",
      parts: { one: ["one"], two: ["two"] },
      isRare: (/** @type {string} */ part) => part === rare,
      command: (/** @type {string[]} */ parts) => ["look", "--", ...parts],
    },
  ];
  return {
    at,
    run: async (all = false) => {
      writeFileSync(at("seen"), "");
      return [await check(project, { all, checks }), readFileSync(at("seen"), "utf8").trim()];
    },
  };
}

test("what passed is left out until one of its files changes, and run again with all", async (context) => {
  const { at, run } = scratch(context);
  assert.deepEqual(await run(), [0, "one two"]);
  assert.deepEqual(await run(), [0, ""]);
  assert.deepEqual(await run(true), [0, "one two"]);
  writeFileSync(at("two/text"), "second");
  assert.deepEqual(await run(), [0, "two"]);
  writeFileSync(at("one/new"), "");
  assert.deepEqual(await run(), [0, "one"]);
  mkdirSync(at("one/node_modules"));
  writeFileSync(at("one/node_modules/made"), "");
  assert.deepEqual(await run(), [0, ""]);
});

test("what takes long is run with all only, and then counts as passed until its files change", async (context) => {
  const { at, run } = scratch(context, "two");
  assert.deepEqual(await run(), [0, "one"]);
  assert.deepEqual(await run(true), [0, "one two"]);
  writeFileSync(at("two/text"), "second");
  assert.deepEqual(await run(), [0, ""]);
});

test("what failed is run again, and its exit code given", async (context) => {
  const { at, run } = scratch(context);
  await run();
  writeFileSync(at("broken"), "");
  assert.deepEqual(await run(true), [3, "one two"]);
  assert.deepEqual(await run(), [3, "one two"]);
});

test("the parts of the checks have all files of src and all lessons", () => {
  const project = describeProject();
  const checks = checksOf(project);
  const inputs = checks.flatMap(({ title, parts }) =>
    /^(Lint|Format)$/.test(title) ? [] : Object.values(parts).flat(),
  );
  for (const input of inputs) assert.ok(existsSync(join(project.root, input)), input);
  const tests = filesBelow(join(project.root, "src"), (path) => !/\/(node_modules|dist)$/.test(path))
    .map((path) => path.slice(project.root.length + 1))
    .filter((path) => /(\.test\.m?ts|\.test\.mjs|_test\.py)$/.test(path));
  const commands = checks
    .flatMap(({ parts, command }) => command(Object.keys(parts)))
    .map((argument) => argument.replace("/dist/", "/"));
  for (const path of tests)
    assert.ok(
      commands.some((argument) => path.startsWith(argument)),
      `no check runs ${path}`,
    );
});
