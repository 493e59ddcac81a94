/** The library's order: which folder may know which, what is Node's, what a file may be called. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join, posix } from "node:path";
import test from "node:test";
import ts from "typescript";

const library = join(__dirname, "..", "..", "..", "library");

/** From the ground up. Those that stand side by side do not know each other. */
const LEVELS = [
  ["ground"],
  ["tensorflow"],
  ["data"],
  ["models"],
  ["training"],
  ["theory", "measures"],
  ["diagnosis"],
  ["figures"],
  ["display"],
  ["exercises"],
];

/** Each source, from the library's folder, and what it imports: files in the same form, packages by their names. */
const sources = readdirSync(library, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter(
    (name) => name.endsWith(".ts") && !/^(dist|node_modules)\//.test(name) && !name.endsWith(".test.ts"),
  )
  .map((name) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(library, name), "utf8"), true, true);
    const imports = importedFiles.map(({ fileName }) =>
      fileName.startsWith(".")
        ? posix.join(posix.dirname(name), fileName).replace(/\.js$/, ".ts")
        : isBuiltin(fileName)
          ? fileName
          : /^(?:@[^/]+\/)?[^/]+/.exec(fileName)![0],
    );
    return { name, imports };
  });

const isFile = (imported: string): boolean => imported.endsWith(".ts");
const folderOf = (name: string): string => name.split("/")[0]!;
const levelOf = (name: string): number => LEVELS.findIndex((folders) => folders.includes(folderOf(name)));

/** "a.ts imports b.ts" for each import that a rule forbids. */
function forbidden(rule: (name: string, imported: string) => boolean): string[] {
  return sources.flatMap(({ name, imports }) =>
    imports.filter((imported) => rule(name, imported)).map((imported) => `${name} imports ${imported}`),
  );
}

test("each folder of the library has its level", () => {
  const folders = sources.map(({ name }) => name).filter((name) => name.includes("/"));
  assert.ok(folders.length > 50, `${folders.length} sources were found`);
  assert.deepEqual([...new Set(folders.filter((name) => levelOf(name) < 0).map(folderOf))], []);
});

test("a folder of the library imports from those below it only", () => {
  const upwards = forbidden(
    (name, imported) =>
      isFile(imported) &&
      name.includes("/") &&
      folderOf(name) !== folderOf(imported) &&
      levelOf(imported) >= levelOf(name),
  );
  assert.deepEqual(upwards, []);
});

test("the library imports no file outside of its folder, and no package that its package.json does not name", () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(library, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Record<string, string>>;
  const named = Object.keys({ ...dependencies, ...peerDependencies });
  const foreign = forbidden((_, imported) =>
    isFile(imported) ? imported.startsWith("..") : !isBuiltin(imported) && !named.includes(imported),
  );
  assert.deepEqual(foreign, []);
  const used = new Set(sources.flatMap(({ imports }) => imports));
  assert.deepEqual(
    named.filter((name) => !used.has(name)),
    [],
    "packages that nothing imports",
  );
});

/** What Node has among its globals and a browser has not. */
const GLOBALS = ["process", "Buffer", "__dirname", "__filename", "require", "module", "setImmediate"];

/** Node's globals that a source uses: names that stand by themselves, not behind a dot, nor in front of a colon. */
function globalsOf(name: string): string[] {
  const file = ts.createSourceFile(
    name,
    readFileSync(join(library, name), "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isName =
      (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
      (ts.isPropertyAssignment(node.parent) && node.parent.name === node);
    if (ts.isIdentifier(node) && !isName && GLOBALS.includes(node.text)) {
      found.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return [...found];
}

test("only files that say so in their name or folder use a module or a global of Node", () => {
  // The one file that looks for what Node has, before it uses it.
  const saysSo = /Node\.ts$|(?:^|\/)node\/|^ground\/host\.ts$/;
  const silent = sources.filter(({ name }) => !saysSo.test(name));
  assert.ok(silent.length < sources.length);
  assert.deepEqual(
    [
      ...forbidden((name, imported) => isBuiltin(imported) && !saysSo.test(name)),
      ...silent.flatMap(({ name }) => globalsOf(name).map((each) => `${name} uses ${each}`)),
    ],
    [],
  );
});

test("no two files of the library have the same name, but index.ts", () => {
  const names = sources.map(({ name }) => basename(name)).filter((name) => name !== "index.ts");
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
});
