import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { describeProject } from "./project.mjs";
import { reading, teaching } from "./start.mjs";
import { temporaryFolder } from "./temporaryFolder.mjs";

/** @typedef {{ address: string, output: () => string, ask: (path: string) => Promise<Response> }} Server */

/**
 * Starts JupyterLab by a command of package.json, as the one who runs the tests, on a port that is free.
 * @param {import("node:test").TestContext} context
 * @param {string} command
 * @returns {Promise<Server>}
 */
async function start(context, command) {
  const main = join(import.meta.dirname, "main.mjs");
  const runtime = temporaryFolder(context);
  const child = spawn(process.execPath, [main, command, "--no-browser", "--port=0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, JUPYTER_RUNTIME_DIR: runtime, JUPYTER_TOKEN: undefined },
  });
  context.after(async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  let output = "";
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (/** @type {string} */ text) => {
        output += text;
        const found = /^http:\S+$/m.exec(output)?.[0];
        if (found !== undefined) resolve(found);
      });
    }
    child.on("exit", () => {
      reject(new Error(`JupyterLab ended:\n${output}`));
    });
  });
  const { origin, search } = new URL(address);
  return { address, output: () => output, ask: (path) => fetch(`${origin}${path}${search}`) };
}

test("npm start opens the first lesson on loopback, and says its address last, after few lines", async (context) => {
  const { address, output, ask } = await start(context, "start");
  const { hostname, pathname, search, origin } = new URL(address);
  assert.equal(hostname, "localhost");
  assert.equal(pathname, "/lab/tree/notebooks/01-see-it-vanish.ipynb");
  assert.match(search, /^\?token=[0-9a-f]{48}$/);
  assert.equal((await ask("/api/status")).status, 200);
  assert.equal((await fetch(`${origin}/api/status`)).status, 403);
  assert.equal((await ask("/api/contents/notebooks/01-see-it-vanish.ipynb")).status, 200);
  assert.equal((await ask("/formgrader")).status, 404);
  const lines = output().trim().split("\n");
  assert.equal(lines.at(-1), address);
  assert.deepEqual(lines, ["The course is open. Stop it with Ctrl+C. Its address:", address]);
});

test("npm run teach brings nbgrader's Formgrader, with the course's assignments", async (context) => {
  const { ask, output } = await start(context, "teach");
  assert.equal((await ask("/formgrader")).status, 200);
  const answer = await ask("/formgrader/api/assignments");
  const assignments = /** @type {{ name: string }[]} */ (await answer.json());
  assert.deepEqual(assignments.map(({ name }) => name).sort(), [
    "backpropagate-by-hand",
    "find-the-bug",
    "repair-the-deep-network",
  ]);
  assert.doesNotMatch(output(), /No nbgrader_config/);
});

test("only root starts JupyterLab with --allow-root, and arguments of one's own come last", () => {
  const project = describeProject("/project", {});
  for (const { args } of [reading(project, ["--port=1"]), teaching(project, ["--port=1"])]) {
    assert.equal(args.includes("--allow-root"), process.getuid?.() === 0);
    assert.equal(args.at(-1), "--port=1");
  }
});
