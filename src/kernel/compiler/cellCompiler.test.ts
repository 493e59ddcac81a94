import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join } from "node:path";
import test from "node:test";
import * as ts from "typescript";
import { CellCompiler, type CompiledCell } from "./cellCompiler.js";
import { completeness, completionsAt, helpAt } from "./help.js";

const place = { folder: __dirname, files: ts.sys, libFolder: dirname(require.resolve("typescript")) };

function createCompiler(): CellCompiler {
  return new CellCompiler(place, { lib: ["lib.es2023.d.ts"], types: [] });
}

/** Compiles cells of one notebook that all are kept; gives the last. */
function compile(...cells: string[]): CompiledCell {
  const compiler = createCompiler();
  let last: CompiledCell | undefined;
  for (const source of cells) {
    last = compiler.compile(source);
    assert.deepEqual(last.problems, []);
    compiler.keep();
  }
  return last!;
}

/** What is wrong in the last of these cells. */
function problems(...cells: string[]): string[] {
  const compiler = createCompiler();
  return cells.map((source) => {
    const found = compiler.compile(source).problems;
    compiler.keep();
    return found.map(({ code, place: at }) => `TS${code} in line ${(at?.line ?? -1) + 1}`).join();
  });
}

test("what a cell declares is assigned, and the last expression is its value", () => {
  const { javascript, names } = compile(
    "const { a, b: [c = 2] } = { a: 1, b: [] as number[] };\nlet d;\na + c",
  );
  assert.equal(
    javascript.replace(/__cell\.done = \d;\n/g, ""),
    "({ a: a, b: [c = 2] } = { a: 1, b: [] });\nd = void 0;\n__cell.value = a + c;\n",
  );
  assert.deepEqual(names, ["a", "c", "d"]);
});

test("functions are there from the start, and are assigned too", () => {
  assert.match(compile("f();\nfunction f(): void {}").javascript, /^f = function \(\) { };\n/);
});

test("a name that is global already is kept in the scope object, and is no function's `this`", () => {
  const { javascript } = compile("function fetch(): number { return 1; }", "const o = { fetch };\nfetch()");
  assert.match(javascript, /o = { fetch: __scope\.fetch };/);
  assert.match(javascript, /__cell\.value = \(0, __scope\.fetch\)\(\);/);
});

test("a name of an inner scope is left alone", () => {
  const { javascript } = compile("const fetch = 1;", "const g = (fetch: number) => ({ fetch });");
  assert.match(javascript, /g = \(fetch\) => \(\{ fetch \}\);/);
});

test("a later declaration replaces an earlier one of the same meaning", () => {
  const source = "interface Box { a: number }\nconst box: Box = { a: 1 };";
  assert.deepEqual(problems(source, "const Box = 3;", "const other: Box = { a: Box };"), ["", "", ""]);
  assert.deepEqual(problems(source, "interface Box { b: number }", "const b: Box = { b: 1 };\nbox.a"), [
    "",
    "",
    "",
  ]);
});

test("types reach later cells without being nameable", () => {
  const source = "const make = () => class { #secret = 1; get() { return this.#secret; } };";
  assert.deepEqual(problems(source, "const value: string = new (make())().get();"), ["", "TS2322 in line 1"]);
});

test("a problem in line 400 of 500 is told with its line", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `const value${i} = ${i};`);
  lines[399] = "const wrong: string = 399;";
  assert.deepEqual(problems(lines.join("\n")), ["TS2322 in line 400"]);
});

test("the source map leads from line to line", () => {
  const lines = Array.from(
    { length: 500 },
    (_, i) => `interface I${i} { a: number }\nconst value${i} = ${i};`,
  );
  lines[399] = "throw new RangeError('here');";
  const { javascript, sourceMap } = compile(lines.join("\n"));
  const line = javascript.split("\n").findIndex((text) => text.includes("RangeError"));
  const entry = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload).findEntry(line, 8);
  assert.equal("originalLine" in entry && entry.originalLine, 399 * 2);
});

test("of a cell that failed, what ran is kept", () => {
  const compiler = createCompiler();
  compiler.compile("const x = 1;");
  compiler.keep();
  compiler.compile("const y = 2;\nif (y > 1) throw new Error();\nconst x = 'text';\nfunction f(): void {}");
  assert.deepEqual(compiler.keep(0), ["x"]);
  assert.deepEqual(compiler.compile("x.toFixed(y); f();").problems, []);
});

test("help that is asked for while a cell runs does not change what the cell declared", () => {
  const compiler = createCompiler();
  compiler.compile("const a = 1;");
  helpAt(compiler, "Math.cos(", 9);
  compiler.keep();
  assert.deepEqual(compiler.compile("a + 1").problems, []);
});

test("loops look whether they are to end", () => {
  for (const loop of [
    "for (;;) f();",
    "while (true) f();",
    "do f(); while (true);",
    "for (const x of [1]) f();",
  ]) {
    assert.match(
      compile(`function f(): void {}\n${loop}`).javascript,
      /if \(__stop\[0\]\)\s+__cell\.check\(\);\s+f\(\);/,
    );
  }
});

test("what was typed out of another kernel's habit gets one sentence", () => {
  for (const source of ["%%html\n<b>x</b>", "!ls", "Math.cos?"]) {
    const [problem, ...rest] = createCompiler().compile(source).problems;
    assert.match(problem!.message, /^this kernel has no /);
    assert.deepEqual(rest, []);
  }
  assert.deepEqual(problems("let done = true;", "!done"), ["", ""]);
});

test("help finds the function whose arguments are written, completion replaces what stands there", () => {
  const compiler = createCompiler();
  assert.match(helpAt(compiler, "Math.cos(", 9)!, /cos\(x: number\): number/);
  assert.equal(helpAt(compiler, "1 + ", 4), undefined);
  const source = "const o = { alpha: 1 };\no['al'";
  assert.deepEqual(completionsAt(compiler, source, source.length - 1), {
    start: source.indexOf("al'"),
    end: source.length - 1,
    matches: ["alpha"],
  });
});

test("a cell is complete, wrong, or not finished", () => {
  const expected = {
    "1": "complete",
    "}": "invalid",
    "f(1,": "incomplete",
    "`open": "incomplete",
    "/* a": "incomplete",
  };
  for (const [source, status] of Object.entries(expected)) {
    assert.equal(completeness(source).status, status, source);
  }
});

test("the compiler knows of nothing but TypeScript", () => {
  const folder = join(__dirname, "..", "..", "compiler");
  const sources = readdirSync(folder).filter((name) => !name.endsWith(".test.ts"));
  assert.ok(sources.length > 5);
  for (const name of sources) {
    for (const [, from] of readFileSync(join(folder, name), "utf8").matchAll(
      /^(?:import|\}).* from "(.*?)"/gm,
    )) {
      assert.match(from!, /^typescript$|^\.\/\w+\.js$/, name);
    }
  }
});

test("a loop's own variable is no name of the notebook, whatever it is called", () => {
  const everything = { has: () => true } as unknown as ReadonlySet<string>;
  const compiler = new CellCompiler(place, { lib: ["lib.es2023.d.ts"], types: [] }, everything);
  const source = `
const list = [1, 2];
let sum = 0;
for (const name of list) sum += name;
for (let i = 0, process = 2; i < process; i++) sum += i;
for (const key in list) sum += Number(key);
for (const [first, { second = 3 }] of [[1, {} as { second?: number }]] as const) sum += first + second;
for (var last of list) sum += last;
class Box { constructor(readonly value = 1) {} twice() { return new Box(this.value * 2); } }
enum Kind { one = 1, two }
namespace Units { export const cm = 1; }
function* count(to: number) { for (let n = 0; n < to; n++) yield n; }
try { throw new Error("x"); } catch (error) { sum += (error as Error).message.length; }
outer: for (const a of list) { for (const b of list) { if (b > a) continue outer; sum += b; } }
const { x, ...rest } = { x: 1, y: 2 };
[sum, last, new Box().twice().value, Kind.two, Units.cm, [...count(3)].length, x, rest.y, Kind[1]].join()`;
  const { javascript, problems: found } = compiler.compile(source);
  assert.deepEqual(found, []);
  const cell = { value: undefined, done: 0 };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code of a cell
  const run = new Function("__cell", "__scope", "__stop", javascript) as (...given: unknown[]) => void;
  run(cell, {}, [0]);
  // 3 for the first loop, 1, 1, 4, 3, 1 for the error, 1 + 3 for the last.
  assert.equal(cell.value, "17,2,2,2,1,3,1,2,one");
});
