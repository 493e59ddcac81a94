import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Lock } from "./lock.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

/** @param {import("node:test").TestContext} context */
function lockFile(context) {
  return join(temporaryFolder(context), "lock");
}

/** The number of a process that has ended. */
const endedProcess = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("a lock is held by one, who is named, and is free afterwards", (context) => {
  const file = lockFile(context);
  const [one, two] = [new Lock(file), new Lock(file)];
  one.take();
  assert.throws(
    () => {
      two.take();
    },
    new RegExp(`process ${process.pid}`),
  );
  one.release();
  two.take();
  two.release();
  assert.equal(existsSync(file), false);
});

test("the lock of a process that has ended, of another with its number, or a damaged one is broken", (context) => {
  const file = lockFile(context);
  const stale = [[{ pid: endedProcess(), started: "1" }]];
  if (process.platform === "linux") stale.push([{ pid: process.pid, started: "1" }]);
  for (const text of [...stale.map((holders) => JSON.stringify(holders)), "", "[{"]) {
    writeFileSync(file, text);
    const lock = new Lock(file);
    lock.take();
    assert.match(readFileSync(file, "utf8"), new RegExp(`^\\[\\{"pid":${process.pid},`));
    lock.release();
    assert.deepEqual(readdirSync(join(file, "..")), []);
  }
});

test("a tool that outlives its killed set-up keeps the lock until it ends", async (context) => {
  const file = lockFile(context);
  const tool = spawn(process.execPath, ["-e", "setTimeout(() => {}, 100000)"]);
  const lock = new Lock(file);
  lock.take();
  lock.add(tool.pid ?? 0);
  const [, noted] = /** @type {{ pid: number, started: string }[]} */ (
    JSON.parse(readFileSync(file, "utf8"))
  );
  lock.release();
  writeFileSync(file, JSON.stringify([{ pid: endedProcess(), started: "1" }, noted]));
  assert.throws(
    () => {
      new Lock(file).take();
    },
    new RegExp(`process ${tool.pid}`),
  );
  tool.kill();
  await once(tool, "exit");
  new Lock(file).take();
});
