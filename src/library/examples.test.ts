import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runInThisContext } from "node:vm";
import * as library from "./index.js";

/** The folders whose docstrings are read: those whose functions need no notebook to show something in. */
const FOLDERS = ["data", "models", "training", "theory", "measures", "exercises"];
const SOURCE = join(__dirname, "..");

interface Example {
  /** File and number, for the test's name. */
  readonly name: string;
  readonly code: string;
}

/** All `@example` blocks of a file. A block ends at the next tag or with the docstring. */
function examplesOf(file: string): Example[] {
  const blocks = readFileSync(join(SOURCE, file), "utf8").matchAll(/ \* @example\n((?: \* (?!@).*\n)+)/g);
  return [...blocks].map(([, block], i) => ({
    name: `${file}, example ${i + 1}`,
    code: block!.replaceAll(/^ \* /gm, ""),
  }));
}

/** The code with each line `expression; // value` as a check, if the comment is a value. */
function withChecks(code: string): string {
  return code.replaceAll(/^(.+); \/\/ (.+)$/gm, (line, expression: string, value: string) =>
    isValue(value) ? `assert.deepEqual(${expression}, ${value});` : line,
  );
}

function isValue(text: string): boolean {
  try {
    runInThisContext(`(${text})`);
    return true;
  } catch {
    return false;
  }
}

const examples = FOLDERS.flatMap((folder) =>
  readdirSync(join(SOURCE, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) => examplesOf(join(folder, file))),
);

for (const { name, code } of examples) {
  test(`the code in ${name} runs and gives what it says`, async () => {
    const { buildMlp, loadIris, splitTrainTest } = library;
    const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 2, width: 4, activation: "tanh", seed: 1 });
    const iris = splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 1 });
    const names = { ...library, assert, model, iris };
    // The block lets an example name a variable of its own like one that is given.
    const run = runInThisContext(
      `(async ({ ${Object.keys(names).join(", ")} }) => { { ${withChecks(code)} } })`,
      { filename: name },
    ) as (given: typeof names) => Promise<void>;
    await run(names);
    model.dispose();
  });
}

test("the examples are found, and values in their comments are checked", () => {
  const all = examples.map(({ code }) => withChecks(code)).join("");
  assert.match(all, /assert\.deepEqual\(model\.countParams\(\), 853\);/);
  assert.match(all, /recordTraining\(model, iris\.train/);
  assert.ok(examples.length >= 3, `${examples.length} were found`);
});
