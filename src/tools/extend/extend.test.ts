/**
 * Adds one thing of each kind to a copy of the library, as the README's table says, and uses it by its public name: a new
 * thing takes one entry or one file, and a line in an index where there is one.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import test, { after, before } from "node:test";
import type { Change } from "./addition.js";
import { additions } from "./additions/index.js";

const project = join(__dirname, "..", "..", "..", "..");
const library = join(project, "src", "library");
/** It lies in the project, so that the copy finds its packages. */
const copy = join(project, ".cache", `extend-test-${process.pid}`);

after(() => {
  rmSync(copy, { recursive: true, force: true });
});

function copyLibrary(): void {
  mkdirSync(copy, { recursive: true });
  cpSync(library, copy, {
    recursive: true,
    filter: (path) => {
      const [part] = relative(library, path).split(sep);
      return part !== "dist" && part !== "node_modules" && !/\.test\.|_test\.py$/.test(path);
    },
  });
  const configuration = {
    extends: "../../tsconfig.json",
    compilerOptions: { rootDir: ".", outDir: "dist", composite: false, declaration: false, sourceMap: false },
    include: ["**/*.ts"],
  };
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify(configuration));
}

/** Makes a change as its author would, who sees the place it belongs to. */
function make({ file, text, before }: Change): void {
  const path = join(copy, file);
  if (before === undefined) {
    assert.ok(!existsSync(path), `${file} is there already`);
    writeFileSync(path, text);
    return;
  }
  const lines = readFileSync(path, "utf8").split("\n");
  const places = lines.flatMap((line, i) => (line.startsWith(before) ? [i] : []));
  assert.equal(places.length, 1, `lines of ${file} that start with ${JSON.stringify(before)}`);
  writeFileSync(path, lines.toSpliced(places[0]!, 0, text.trimEnd()).join("\n"));
}

/** A program that tells which uses fail, one line of JSON each. */
const PROGRAM = `import assert from "node:assert/strict";
import * as vg from "./index.js";

const uses: Record<string, () => Promise<void>> = {
${additions.map(({ kind, use }) => `  ${JSON.stringify(kind)}: async () => {${use}\n  },`).join("\n")}
};

async function main(): Promise<void> {
  for (const [kind, use] of Object.entries(uses)) {
    const error: unknown = await use().then(
      () => "",
      (reason: unknown) => reason,
    );
    console.log(JSON.stringify([kind, error instanceof Error ? error.stack : error]));
  }
}
void main();
`;

/** Runs one of the project's programs; a bound keeps it from hanging. */
function node(...args: readonly string[]): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", NODE_NO_WARNINGS: "1" },
    timeout: 120_000,
  });
  return { ok: status === 0, said: `${stdout}${status === 0 ? "" : stderr}` };
}

let compiled = { ok: false, said: "" };
let outcomes = new Map<string, unknown>();

before(() => {
  copyLibrary();
  additions.flatMap(({ changes }) => changes).forEach(make);
  writeFileSync(join(copy, "use.ts"), PROGRAM);
  compiled = node(join(project, "node_modules", "typescript", "bin", "tsc"), "-p", ".");
  // It is run even if its types are wrong: the tests below say which addition works.
  const { said } = node(join("dist", "use.js"));
  const lines = said.split("\n").filter((line) => line.startsWith("["));
  outcomes = new Map(lines.map((line) => JSON.parse(line) as [string, unknown]));
});

test("a copy of the library with one more of each kind compiles, strictly", () => {
  assert.ok(compiled.ok, compiled.said);
});

for (const { kind, folder, changes } of additions) {
  test(`a new ${kind} works everywhere by its name, and takes one place and its index line`, () => {
    const [place, line, ...others] = changes;
    assert.ok(place && others.length === 0, "more places");
    assert.ok(
      line === undefined || (line.file === `${folder}/index.ts` && line.text.split("\n").length === 2),
    );
    assert.ok(outcomes.has(kind), "it was not tried");
    assert.equal(outcomes.get(kind), "");
  });

  test(`the README's table says where a new ${kind} goes`, () => {
    const readme = readFileSync(join(project, "README.md"), "utf8");
    const row = readme.split("\n").find((text) => text.startsWith(`| \`${folder}\` |`));
    const said = row?.split("|").at(-2) ?? "";
    const [place, line] = changes;
    const where = place!.before === undefined ? /\bfile\b/ : new RegExp(`\`${basename(place!.file)}\``);
    assert.match(said, where, `the row of ${folder}`);
    assert.equal(line !== undefined, said.includes("`index.ts`"), `its index.ts, in the row of ${folder}`);
  });
}
