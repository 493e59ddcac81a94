import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";

const LIBRARY = join(__dirname, "..", "..");
const FOLDERS = ["display", "figures", "diagnosis"];

/** All source files of a folder of the library, without tests. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(LIBRARY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, file));
}

const sources = FOLDERS.flatMap(sourcesIn);
const codeOf = (file: string): string =>
  readFileSync(join(LIBRARY, file), "utf8").replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

test("only files that say so in their name need what a browser lacks", () => {
  const node = /"node:|\brequire\b|\bprocess\.|\bBuffer\b|\b__dirname\b|@resvg|linkedom/;
  const found = sources.filter((file) => node.test(codeOf(file)));
  assert.ok(found.length > 3);
  assert.deepEqual(
    found.filter((file) => !file.endsWith("Node.ts")),
    [],
  );
});

test("figures and diagnosis need no file of Node's at all", () => {
  const needy = sources.filter((file) => !file.startsWith("display") && codeOf(file).includes('Node.js"'));
  assert.deepEqual(needy, []);
});

test("no other file of the library has the name of one of these", () => {
  const all = readdirSync(LIBRARY, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !["dist", "node_modules"].includes(entry.name))
    .flatMap(({ name }) => sourcesIn(name).map((file) => basename(file)));
  const twice = sources
    .map((file) => basename(file))
    .filter((name) => name !== "index.ts" && all.filter((other) => other === name).length > 1);
  assert.deepEqual(twice, []);
});

test("what notebooks import does not draw in plotly's types, a megabyte for their compiler to read", () => {
  const seen = new Set<string>();
  const read = (file: string): void => {
    if (!seen.has(file)) {
      seen.add(file);
      const text = readFileSync(file, "utf8");
      assert.doesNotMatch(text, /from "plotly/, file);
      for (const [, path] of text.matchAll(/(?:from|import\()\s*"(\.[^"]*)\.js"/g)) {
        read(join(file, "..", `${path}.d.ts`));
      }
    }
  };
  read(join(LIBRARY, "dist", "index.d.ts"));
  assert.ok(seen.size > 30, `${seen.size} files were read`);
});
