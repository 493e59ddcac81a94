import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { libtensorflow } from "./libtensorflow.mjs";
import { describeProject } from "./project.mjs";
import { folderOf, libraryOf, presentRoute, routes } from "./route.mjs";
import { isFinished, perform } from "./stamps.mjs";

const root = join(import.meta.dirname, "../..");
const onLinuxX64 = { skip: process.platform !== "linux" || process.arch !== "x64" };

/**
 * A stand-in for the download's host.
 * @param {import("node:test").TestContext} context
 * @param {http.RequestListener} answer
 * @returns {Promise<string>} its address
 */
async function host(context, answer) {
  const server = http.createServer(answer);
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(undefined);
    });
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
}

/**
 * A project with tfjs-node's install script in it, inside this one, so that the script finds its packages.
 * @param {import("node:test").TestContext} context
 * @param {NodeJS.ProcessEnv} env
 */
function smallProject(context, env) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "test-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const name = join("node_modules", "@tensorflow", "tfjs-node");
  for (const part of ["package.json", "scripts", "binding.gyp"]) {
    cpSync(join(root, name, part), join(folder, name, part), { recursive: true });
  }
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const { PATH } = process.env;
  // The addon is not built: the script goes on to it with a program that fails.
  return describeProject(folder, {
    PATH,
    HOME: folder,
    npm_config_tfjs_binding_binary_host_mirror: "http://127.0.0.1:9/",
    ...env,
  });
}

/** @param {string} folder */
function tarball(folder) {
  mkdirSync(join(folder, "tar", "lib"), { recursive: true });
  for (const name of ["libtensorflow.so.2.9.1", "libtensorflow_framework.so.2.9.1"]) {
    writeFileSync(join(folder, "tar", "lib", name), `stub of ${name}`);
  }
  const file = join(folder, "library.tar.gz");
  assert.equal(spawnSync("tar", ["-czf", file, "-C", join(folder, "tar"), "lib"]).status, 0);
  return readFileSync(file);
}

test("the wheel comes first where there is one, and a forced way is the only one", onLinuxX64, () => {
  assert.deepEqual(routes({}), ["wheel", "download"]);
  assert.deepEqual(routes({ LIBTENSORFLOW: "download" }), ["download"]);
  assert.deepEqual(routes({ LIBTENSORFLOW: "wheel" }), ["wheel"]);
});

test("a library that is here is taken, whichever way it came", onLinuxX64, (context) => {
  const project = smallProject(context, {});
  assert.equal(presentRoute(project), undefined);
  assert.equal(libraryOf(project), folderOf(project, "wheel"));
  mkdirSync(folderOf(project, "download"), { recursive: true });
  assert.equal(libraryOf(project), folderOf(project, "download"));
});

test(
  "tfjs-node's own script downloads the library, which is kept outside node_modules",
  onLinuxX64,
  async (context) => {
    /** @type {string[]} */
    const asked = [];
    let body = Buffer.from("not a tar file");
    const address = await host(context, (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response
        .writeHead(200, { "content-length": body.length })
        .end(request.method === "HEAD" ? undefined : body);
    });
    const project = smallProject(context, { CDN_STORAGE: address, LIBTENSORFLOW: "download" });
    const step = libtensorflow(project);
    await assert.rejects(
      perform(step, () => {}),
      /^SetupError: TensorFlow's C library could not be had/,
    );
    assert.equal(isFinished(step), false);
    assert.equal(presentRoute(project), undefined);

    const whole = tarball(project.root);
    body = whole.subarray(0, whole.length - 40);
    await assert.rejects(
      perform(step, () => {}),
      /could not be had/,
    );
    assert.equal(presentRoute(project), undefined);

    body = whole;
    await perform(step, () => {});
    assert.equal(isFinished(step), true);
    assert.equal(asked.at(-1), "GET /tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz");
    const library = join(folderOf(project, "download"), "lib", "libtensorflow.so.2.9.1");
    assert.equal(readFileSync(library, "utf8"), "stub of libtensorflow.so.2.9.1");

    // The loss of node_modules loses neither the library nor calls for another download.
    rmSync(join(project.root, "node_modules"), { recursive: true });
    assert.equal(isFinished(step), true);
    assert.equal(existsSync(library), true);
  },
);
