/** Packs the library, installs it into an empty folder, and uses it there as its README says. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { emptyFolder, install, library, must, pack, project, remove } from "./install.js";
import { complaints, MODES } from "./consumer.js";

const folder = emptyFolder();
const installed = join(folder, "node_modules", "vanishing-gradients");
const script = /```js\n([^]*?)```/.exec(readFileSync(join(library, "README.md"), "utf8"))![1]!;
/** Keeps TensorFlow from writing about itself. */
const QUIET = { TF_CPP_MIN_LOG_LEVEL: "2" };

let tarball = "";
let failure: unknown;

before(async () => {
  try {
    tarball = await pack(folder);
    await install(folder, tarball);
  } catch (error) {
    // A failing hook is told without its reason's text; the first test tells it.
    failure = error;
  }
});
after(() => {
  remove(folder);
});

const filesOf = (ending: string): string[] =>
  readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ending));

test("npm packs and installs the library by itself", (t) => {
  assert.ifError(failure);
  t.diagnostic(`packed size: ${Math.round(statSync(tarball).size / 1000)} kB`);
});

test("an installation without npm's cache and without a network says what is missing", async () => {
  const empty = emptyFolder();
  try {
    await assert.rejects(
      install(empty, tarball, ["--offline", "--cache", join(empty, "cache")]),
      /npm needs the library's dependencies in its cache, or a network[^]*ENOTCACHED/,
    );
  } finally {
    remove(empty);
  }
});

test("the package holds a license, a README and a list of changes, and no test", () => {
  assert.equal(
    readFileSync(join(installed, "LICENSE"), "utf8"),
    readFileSync(join(project, "LICENSE"), "utf8"),
  );
  const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    version: string;
  };
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const changes = readFileSync(join(installed, "CHANGELOG.md"), "utf8");
  assert.equal(
    /^## (\S+)/m.exec(changes)![1],
    version,
    "the newest entry of CHANGELOG.md is another version's",
  );
  assert.ok(existsSync(join(installed, "README.md")));
  const unwanted = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.test\.|_test\.|madeUp|\.json$|tsbuildinfo|\.py$/.test(name),
  );
  assert.deepEqual(unwanted, ["package.json"]);
});

test("each source map points to a source in the package, and each compiled file has one", () => {
  const maps = filesOf(".js.map");
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(installed, map), "utf8")) as { sources: string[] };
    for (const source of sources) {
      // What was compiled before its source was moved lies in dist until the set-up has run again.
      assert.ok(
        existsSync(join(installed, map, "..", source)),
        `${source} of ${map} is missing: npm run setup`,
      );
    }
  }
  assert.deepEqual(
    maps.map((name) => name.slice(0, -".map".length)),
    filesOf(".js"),
  );
});

test("the README's script trains, diagnoses and writes the figure as a picture and as a page that stands alone", async () => {
  assert.ok(script.trimEnd().split("\n").length <= 10);
  writeFileSync(join(folder, "first.mjs"), script);
  const said = await must(folder, [process.execPath, "first.mjs"], QUIET);
  assert.match(said, /^It does not learn \(the loss went from .*\)\. vanishing gradient: .*\n$/);
  const png = readFileSync(join(folder, "gradient.png"));
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [760, 420]);
  const page = readFileSync(join(folder, "gradient.html"), "utf8");
  assert.match(page, /Plotly\.newPlot\(/);
  assert.doesNotMatch(page, /<(script|link|img)[^>]*\s(src|href)=/);
});

test("ES modules and CommonJS see the same names, and the data is found", async () => {
  const use = `
    const names = Object.keys(vg).filter((name) => !["default", "module.exports", "__esModule"].includes(name));
    const sizes = [vg.loadIris(), vg.loadCircles(), vg.loadDigits({ examples: 10, seed: 1 })];
    console.log(JSON.stringify([names.sort(), sizes.map((each) => (each.train ?? each).features.length)]));`;
  writeFileSync(join(folder, "names.mjs"), `import * as vg from "vanishing-gradients";${use}`);
  writeFileSync(join(folder, "names.cjs"), `const vg = require("vanishing-gradients");${use}`);
  const [esModule, commonJs] = await Promise.all(
    ["names.mjs", "names.cjs"].map(async (file) => must(folder, [process.execPath, file], QUIET)),
  );
  assert.equal(esModule, commonJs);
  const [names, [iris, circles, digits]] = JSON.parse(esModule!) as [string[], number[]];
  assert.ok(names.includes("buildMlp") && names.includes("renderPng"), names.join(", "));
  assert.equal(iris, 150);
  assert.ok(circles! > 100);
  assert.equal(digits, 10);
});

for (const mode of MODES) {
  test(`strict TypeScript ${mode.name} compiles the README's script against the package's types`, () => {
    assert.deepEqual(complaints(folder, script, mode), []);
  });
}

test("a notebook on a stock tslab shows a figure as Plotly's JSON and as a picture", async () => {
  const kernel = join(folder, "jupyter", "kernels", "stock-tslab");
  mkdirSync(kernel, { recursive: true });
  const tslab = join(project, "node_modules", "tslab", "bin", "tslab");
  const argv = [process.execPath, tslab, "kernel", "--config-path={connection_file}"];
  const kernelspec = { name: "stock-tslab", display_name: "tslab", language: "typescript" };
  writeFileSync(join(kernel, "kernel.json"), JSON.stringify({ ...kernelspec, argv }));
  const cells = [script, "vg.showFigure(figure);"].map((source, i) => ({
    ...{ cell_type: "code", id: `cell${i}`, metadata: {}, source, outputs: [], execution_count: null },
  }));
  const notebook = { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells };
  const file = join(folder, "first.ipynb");
  writeFileSync(file, JSON.stringify(notebook));
  const environment = { ...QUIET, JUPYTER_PATH: join(folder, "jupyter") };
  await must(folder, ["jupyter-execute", file, "--inplace", "--timeout=60"], environment);
  const { cells: ran } = JSON.parse(readFileSync(file, "utf8")) as {
    cells: { outputs: { name?: string; text?: string[]; data?: Record<string, unknown> }[] }[];
  };
  const [said, shown] = ran.map(({ outputs }) => outputs);
  // Node 22 warns of what TensorFlow.js calls, on stderr.
  const stdout = said!.filter(({ name }) => name === "stdout").map(({ text }) => text!.join(""));
  assert.match(stdout.join(""), /^It does not learn/);
  assert.equal(shown!.length, 1);
  const data = shown![0]!.data!;
  const { data: traces } = data["application/vnd.plotly.v1+json"] as { data: unknown[] };
  assert.ok(traces.length > 0);
  assert.match(String(data["image/png"]), /^iVBORw0KGgo/);
});
