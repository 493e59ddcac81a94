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

/** What TypeScript finds wrong, and nobody needs to know: an import of a type that is not marked as one. */
const ignored = new Set([1205, 1484, 1485]);

/** What is wrong in a file. If its syntax is, nothing is said of its types. */
export function problemsOf(program: ts.Program, file: ts.SourceFile, isCell: boolean): Problem[] {
  const syntax = program.getSyntacticDiagnostics(file);
  const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
  const awaits = isCell && syntax.length === 0 ? misplacedAwaits(file) : [];
  const problems = found
    .filter(({ code, start }) => !ignored.has(code) && !awaits.some(({ place }) => place?.start === start))
    .map((diagnostic) => describe(diagnostic, file, isCell ? undefined : file.fileName));
  return [...problems, ...awaits];
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
      problems.push({ code: 0, message, details: [], place: placeOf(file, node.getStart(file)) });
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

/** What is typed out of a habit of other kernels, and is no TypeScript. */
export function foreignSyntax(source: string): string | undefined {
  const first = source.trimStart();
  if (first.startsWith("%")) {
    return first.startsWith("%%html")
      ? 'this kernel has no magics such as %%html; write: import { display } from "tslab"; display.html("...")'
      : "this kernel has no magics: lines that start with % mean nothing in TypeScript";
  }
  if (/^!\s*[\w./~]/.test(first)) {
    return 'this kernel has no shell escape; write: import { execSync } from "node:child_process"; console.log(String(execSync("...")))';
  }
  return /^\?{1,2}\s*[\w.]+\s*$|^[\w.]+\s*\?{1,2}\s*$/.test(first)
    ? "this kernel has no help by ?; put the cursor on a name and press Shift+Tab"
    : undefined;
}
