import * as ts from "typescript";

/** Something wrong in a cell, or in a module that it imports. */
export interface Problem {
  /** TypeScript's number of the message; 0 for one of our own. */
  readonly code: number;
  readonly message: string;
  /** What explains the message. */
  readonly details: readonly string[];
  /** Where it is: an offset, a line and a column, counted from 0. Undefined if it concerns the whole cell. */
  readonly place?: { readonly start: number; readonly line: number; readonly column: number };
  /** The path of the module, if it is not in the cell itself. */
  readonly file?: string;
}

/** What TypeScript finds wrong, and is not: an import of a type that is not marked as one; import x = require("x"). */
const ignored = new Set([1202, 1205, 1484, 1485]);

/** What is wrong in a file. If its syntax is, nothing is said of its types. */
export function problemsOf(program: ts.Program, file: ts.SourceFile, isCell: boolean): Problem[] {
  const syntax = program.getSyntacticDiagnostics(file);
  const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
  const own =
    syntax.length > 0 ? [] : isCell ? [...misplacedAwaits(file), ...exportsFrom(file)] : topAwaits(file);
  const problems = found
    .filter(({ code, start }) => !ignored.has(code) && !own.some(({ place }) => place?.start === start))
    .map((diagnostic) => describe(diagnostic, file, isCell ? undefined : file.fileName));
  return [...problems, ...own];
}

function describe({ messageText, code, start }: ts.Diagnostic, file: ts.SourceFile, path?: string): Problem {
  const lines = ts.flattenDiagnosticMessageText(messageText, "\n").split("\n");
  return {
    code,
    message: lines[0]!,
    details: lines.slice(1).map((line) => line.trim()),
    place: placeOf(file, start ?? 0),
    ...(path === undefined ? {} : { file: path }),
  };
}

/** What is wrong at the end of a text is shown at the end of its last line that has something in it. */
function placeOf(file: ts.SourceFile, offset: number): NonNullable<Problem["place"]> {
  const start = Math.min(offset, file.text.trimEnd().length);
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return { start, line, column: character };
}

function misplacedAwaits(file: ts.SourceFile): Problem[] {
  const problems: Problem[] = [];
  const visit = (node: ts.Node, isStatic: boolean): void => {
    if (isStatic && ts.isAwaitExpression(node)) {
      const message =
        "await can't stand in a static part of a class: put the awaited value into a const before the class.";
      problems.push(ownProblem(message, file, node));
    }
    const isField = ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node);
    const within = isField || (isStatic && !ts.isFunctionLike(node));
    ts.forEachChild(node, (child) => {
      visit(child, within);
    });
  };
  visit(file, false);
  return problems;
}

/** A cell has nobody to give the names to, and does not know them itself. */
function exportsFrom(file: ts.SourceFile): Problem[] {
  return file.statements
    .filter((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
    .map((node) =>
      ownProblem("export ... from gives a notebook no names: write import ... from.", file, node),
    );
}

/** A module that cells import is loaded at once: its own top level can't wait for anything. */
function topAwaits(file: ts.SourceFile): Problem[] {
  const problems: Problem[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
      const message = "a module can't await at its top: export an async function, and await it in a cell.";
      problems.push({ ...ownProblem(message, file, node), file: file.fileName });
    }
    if (!ts.isFunctionLike(node)) {
      ts.forEachChild(node, visit);
    }
  };
  visit(file);
  return problems;
}

function ownProblem(message: string, file: ts.SourceFile, node: ts.Node): Problem {
  return { code: 0, message, details: [], place: placeOf(file, node.getStart(file)) };
}

/** What is typed out of a habit of other kernels, and is no TypeScript, in the lines where something is wrong. */
export function foreignSyntax(source: string, problems: readonly Problem[]): string | undefined {
  const lines = source.split("\n");
  return [source.trimStart().split("\n")[0]!, ...problems.map(({ place }) => lines[place?.line ?? 0]!)]
    .map((line) => foreignIn(line.trim()))
    .find((message) => message !== undefined);
}

function foreignIn(line: string): string | undefined {
  if (/^%{1,2}\w/.test(line)) {
    return line.startsWith("%%html")
      ? 'this kernel has no magics such as %%html; write: import { display } from "tslab"; display.html("...")'
      : "this kernel has no magics: lines that start with % mean nothing in TypeScript";
  }
  if (/^!{1,2}\s*[\w./~-]+(\s+[\w./~"'$*-]|$)/.test(line)) {
    return 'this kernel has no shell escape; write: import { execSync } from "node:child_process"; console.log(String(execSync("...")))';
  }
  return /^\?{1,2}\s*[\w.]+$|^[\w.]+\s*\?{1,2}$/.test(line)
    ? "this kernel has no help by ?; put the cursor on a name and press Shift+Tab"
    : undefined;
}
