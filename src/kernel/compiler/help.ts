import * as ts from "typescript";
import type { CellCompiler } from "./cellCompiler.js";

export interface Completions {
  /** What the chosen one replaces, as offsets. */
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
}

/** Names that fit at an offset in a cell, the best first. */
export function completionsAt(compiler: CellCompiler, source: string, offset: number): Completions {
  const { program, next } = compiler;
  const { file } = program.withCell(next, source);
  const info = program.service.getCompletionsAtPosition(file.fileName, offset, {});
  const span =
    info?.entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan ??
    info?.optionalReplacementSpan;
  const word = /[\p{ID_Continue}$]*$/u.exec(source.slice(0, offset))![0];
  const start = span?.start ?? offset - word.length;
  const end = Math.max(offset, span ? span.start + span.length : offset);
  const typed = source.slice(start, offset).toLowerCase();
  const rank = (name: string): number => {
    const at = name.toLowerCase().indexOf(typed);
    return at < 0 ? Infinity : at === 0 ? (name.startsWith(source.slice(start, offset)) ? 0 : 1) : 2;
  };
  const matches = (info?.entries ?? [])
    .filter(({ name }) => rank(name) < Infinity && !/^__(cell|scope|stop)\b/.test(name))
    .map((entry, i) => ({ ...entry, i, rank: rank(entry.name) }))
    .sort((a, b) => a.rank - b.rank || a.sortText.localeCompare(b.sortText) || a.i - b.i)
    .map(({ name }) => name);
  return { start, end, matches };
}

/** What is known of the name at an offset, or of the function whose arguments are written there. */
export function helpAt(compiler: CellCompiler, source: string, offset: number): string | undefined {
  const { program, next } = compiler;
  const { file } = program.withCell(next, source);
  const { service } = program;
  const quick = (at: number): ts.QuickInfo | undefined => service.getQuickInfoAtPosition(file.fileName, at);
  const here = quick(offset) ?? (offset > 0 ? quick(offset - 1) : undefined);
  const isName =
    here && here.textSpan.start <= offset && offset <= here.textSpan.start + here.textSpan.length;
  const info = isName
    ? here
    : calleesAt(file, offset)
        .map(quick)
        .find((found) => found);
  return info && printed(info);
}

/** The places of the functions in whose parentheses an offset is, the innermost first. */
function calleesAt(file: ts.SourceFile, offset: number): number[] {
  const places: number[] = [];
  // A space is no part of what is not finished.
  const endOf = ({ end }: ts.Node): number =>
    end < offset && /^\s*$/.test(file.text.slice(end, offset)) && !/[)\]}]/.test(file.text[end - 1]!)
      ? offset
      : end;
  const visit = (node: ts.Node): void => {
    if (
      (ts.isCallExpression(node) || ts.isNewExpression(node)) &&
      node.expression.end < offset &&
      offset <= endOf(node)
    ) {
      const { expression } = node;
      places.unshift(
        ts.isPropertyAccessExpression(expression)
          ? expression.name.getStart(file)
          : expression.getStart(file),
      );
    }
    if (node.pos <= offset && offset <= endOf(node)) {
      ts.forEachChild(node, visit);
    }
  };
  visit(file);
  return places;
}

function printed({ displayParts, documentation, tags }: ts.QuickInfo): string {
  const text = (parts: readonly ts.SymbolDisplayPart[] | undefined): string =>
    ts.displayPartsToString(parts?.slice());
  const parts = (tags ?? []).map(({ name, text: content }) => {
    const body = text(content);
    const title = name === "param" ? "Parameter" : name.charAt(0).toUpperCase() + name.slice(1);
    return body.includes("\n") || name === "example" ? `${title}:\n${body}` : `${title}: ${body}`;
  });
  return [text(displayParts), text(documentation), ...parts].filter((part) => part !== "").join("\n\n");
}

/** Whether a cell can be run as it is. `indent` is for the next line, if it can't yet. */
export function completeness(
  source: string,
): { readonly status: "complete" | "invalid" } | { readonly status: "incomplete"; readonly indent: string } {
  const { diagnostics = [] } = ts.transpileModule(source, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (diagnostics.length === 0) {
    return { status: "complete" };
  }
  // Something is expected at the end, or a comment or template is not closed.
  const unfinished = diagnostics.some(
    ({ start = 0, code }) => code === 1010 || code === 1160 || start >= source.trimEnd().length,
  );
  if (!unfinished || /\n\s*\n\s*$/.test(source)) {
    return { status: "invalid" };
  }
  const line = source.split("\n").at(-1)!;
  const current = /^\s*/.exec(line)![0];
  return { status: "incomplete", indent: /[[({]\s*$/.test(line) ? `${current}  ` : current };
}
