import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeProject } from "./project.mjs";
import { Progress } from "./progress.mjs";
import { hashOf, isFinished, perform } from "./stamps.mjs";
import { setUp } from "./steps.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

/** @typedef {import("./stamps.mjs").Step} Step */

/**
 * A step that copies a file, and counts its runs.
 * @param {string} folder
 * @param {string} name
 * @returns {Step & { runs: number }}
 */
function copying(folder, name) {
  const input = join(folder, `${name}.in`);
  const output = join(folder, `${name}.out`);
  writeFileSync(input, "first");
  const step = {
    title: name,
    stamp: join(folder, "stamps", name),
    key: () => hashOf([name], [input]),
    outputs: [output],
    megabytes: 0,
    runs: 0,
    run: () => {
      step.runs++;
      writeFileSync(output, readFileSync(input));
      return Promise.resolve();
    },
  };
  return step;
}

/** @returns {{ progress: Progress, lines: string[] }} */
function silent() {
  /** @type {string[]} */
  const lines = [];
  return { progress: new Progress({ write: (text) => lines.push(text) }), lines };
}

test("a step is done once, and again after a change of its inputs or the loss of its outputs", async (context) => {
  const folder = temporaryFolder(context);
  const project = describeProject(folder, {});
  const [one, two] = [copying(folder, "one"), copying(folder, "two")];
  const { progress, lines } = silent();
  const all = () => setUp(project, [one, two], progress);
  await all();
  await all();
  assert.deepEqual([one.runs, two.runs], [1, 1]);
  assert.match(lines.join(""), /^1\/2 one \.\.\.\n {2}1\/2 one: ready after \d\.\d s\n2\/2 two/);

  writeFileSync(join(folder, "two.in"), "second");
  await all();
  assert.deepEqual([one.runs, two.runs], [1, 2]);
  assert.equal(readFileSync(join(folder, "two.out"), "utf8"), "second");

  rmSync(join(folder, "one.out"));
  await all();
  assert.deepEqual([one.runs, two.runs], [2, 2]);
});

test("a step that fails has no stamp, and the steps after it do not start", async (context) => {
  const folder = temporaryFolder(context);
  const [one, two] = [copying(folder, "one"), copying(folder, "two")];
  const { progress, lines } = silent();
  const project = describeProject(folder, {});
  await setUp(project, [one, two], progress);
  writeFileSync(join(folder, "one.in"), "second");
  writeFileSync(join(folder, "two.in"), "second");
  const failing = { ...one, run: () => Promise.reject(new Error("no")) };
  await assert.rejects(setUp(project, [failing, two], progress), { message: "no" });
  assert.equal(existsSync(one.stamp), false);
  assert.equal(two.runs, 1);
  assert.match(lines.join(""), /one: failed after/);
  assert.equal(existsSync(join(project.cache, "setup.lock")), false);
});

test("an input that changes while its step runs has the step done again", async (context) => {
  const folder = temporaryFolder(context);
  const step = copying(folder, "one");
  const changing = async () => {
    await step.run(() => {});
    writeFileSync(join(folder, "one.in"), "later");
  };
  await perform({ ...step, run: changing }, () => {});
  assert.equal(isFinished(step), false);
});

test("a set-up that is killed half-way is repaired by the next", async (context) => {
  const folder = temporaryFolder(context);
  const project = describeProject(folder, {});
  const one = copying(folder, "one");
  const { progress } = silent();
  await setUp(project, [one], progress);
  mkdirSync(join(folder, "child"));
  // A process of its own does the step again, writes half of its output, and waits to be killed.
  const script = `
    const { describeProject } = await import(${JSON.stringify(import.meta.resolve("./project.mjs"))});
    const { Progress } = await import(${JSON.stringify(import.meta.resolve("./progress.mjs"))});
    const { setUp } = await import(${JSON.stringify(import.meta.resolve("./steps.mjs"))});
    const { writeFileSync } = await import("node:fs");
    await setUp(describeProject(${JSON.stringify(folder)}, {}), [{
      title: "one", stamp: ${JSON.stringify(one.stamp)}, key: () => "changed",
      outputs: [${JSON.stringify(one.outputs[0])}], megabytes: 0,
      run: async () => {
        writeFileSync(${JSON.stringify(one.outputs[0])}, "half");
        console.log("half-way");
        await new Promise((resolve) => setTimeout(resolve, 100_000));
      },
    }], new Progress({ write: () => {} }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await assert.rejects(
    setUp(project, [{ ...one, key: () => "mine" }], progress),
    /Another set-up .* is running/,
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(readFileSync(join(folder, "one.out"), "utf8"), "half");
  assert.equal(isFinished(one), false);
  await setUp(project, [one], progress);
  assert.equal(readFileSync(join(folder, "one.out"), "utf8"), "first");
  assert.equal(existsSync(join(project.cache, "setup.lock")), false);
});

test("a set-up that is interrupted ends its tool, frees the lock and exits with 130", async (context) => {
  const folder = temporaryFolder(context);
  const script = `
    const { describeProject } = await import(${JSON.stringify(import.meta.resolve("./project.mjs"))});
    const { Progress } = await import(${JSON.stringify(import.meta.resolve("./progress.mjs"))});
    const { setUp } = await import(${JSON.stringify(import.meta.resolve("./steps.mjs"))});
    const { must } = await import(${JSON.stringify(import.meta.resolve("./command.mjs"))});
    const project = describeProject(${JSON.stringify(folder)});
    await setUp(project, [{
      title: "one", stamp: ${JSON.stringify(join(folder, "stamp"))}, key: () => "",
      outputs: [], megabytes: 0,
      run: async () => {
        setTimeout(() => console.log("waiting"), 300);
        await must(project, [process.execPath, "-e", "setTimeout(() => {}, 100000)"]);
      },
    }], new Progress({ write: () => {} })).catch((error) => process.exit(error.exitCode));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const lock = /** @type {{ pid: number }[]} */ (
    JSON.parse(readFileSync(join(folder, ".cache", "setup.lock"), "utf8"))
  );
  assert.equal(lock.length, 2);
  child.kill("SIGINT");
  const [code] = /** @type {[number]} */ (await once(child, "exit"));
  assert.equal(code, 130);
  assert.throws(() => process.kill(lock[1]?.pid ?? 0, 0), { code: "ESRCH" });
  assert.equal(existsSync(join(folder, ".cache", "setup.lock")), false);
  assert.equal(existsSync(join(folder, "stamp")), false);
});
