import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

const LIBRARY = join(__dirname, "..", "..");
const FOLDERS = ["figures", "diagnosis"];

/** All source files of a folder of the library, without tests. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(LIBRARY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, file));
}

const sources = FOLDERS.flatMap(sourcesIn);
const codeOf = (file: string): string =>
  readFileSync(join(LIBRARY, file), "utf8").replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

test("figures and diagnosis need no file of Node's at all", () => {
  const needy = sources.filter((file) => codeOf(file).includes('Node.js"'));
  assert.deepEqual(needy, []);
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
