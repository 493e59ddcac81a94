import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { inspect, types } from "node:util";
import { alignOffset } from "./alignment.js";
import type { CompiledCell, Compiler } from "./compiler.js";

/** What Jupyter shows of an error; the fields are those of its `error` message. */
export interface ErrorReport {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** The project's folder, its code, and this kernel's part of that. */
const projectFolder = resolve(__dirname, "..", "..", "..");
const sourceFolder = join(projectFolder, "src") + sep;
const kernelFolder = __dirname + sep;

/** Describes a thrown value: what it says, and the lines of cells and of this project that led to it. */
export function describeError(error: unknown, compiler: Compiler): ErrorReport {
  if (!isError(error)) {
    const evalue = inspect(error);
    return { ename: "Thrown value", evalue, traceback: [`Thrown value: ${evalue}`] };
  }
  const { name: ename, message: evalue } = error;
  const traceback = [evalue ? `${ename}: ${evalue}` : ename, ...describeFrames(error.stack, compiler)];
  if (error.cause !== undefined) {
    const cause = describeError(error.cause, compiler).traceback;
    traceback.push(...cause.map((line, i) => (i === 0 ? `Caused by ${line}` : line)));
  }
  return { ename, evalue, traceback };
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Keeps the frames that a reader can act on, and names each by its source. */
function describeFrames(stack: unknown, compiler: Compiler): string[] {
  const lines: string[] = [];
  for (const [, owner, file, line, column] of String(stack).matchAll(
    /^ +at (?:async )?(?:(.*?) \()?([^()\n]+?):(\d+):(\d+)\)?$/gm,
  )) {
    const name = owner === undefined ? "" : ` in ${owner.replace(/^(Proxy|Object|Timeout)\./, "")}`;
    const place = { file: file!, line: Number(line), column: Number(column) };
    const cell = compiler.find(place.file);
    if (cell) {
      lines.push(...describeCellFrame(cell, place, name));
    } else if (place.file.startsWith(sourceFolder) && !place.file.startsWith(kernelFolder)) {
      lines.push(`    at ${locateSource(place)}${name}`);
    }
  }
  return lines;
}

interface Place {
  readonly file: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
}

function describeCellFrame(cell: CompiledCell, { line, column }: Place, name: string): string[] {
  const compiledLines = cell.compiled.split("\n");
  if (line > compiledLines.length) {
    // The line that calls the cell's code, which tslab adds.
    return [];
  }
  const start = compiledLines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const offset = start + Math.max(0, column - 1 - (line === 1 ? cell.prefixLength : 0));
  const found = alignOffset(cell.compiled, cell.source, offset);
  if (found === undefined) {
    return [`    at ${cell.title}${name}`];
  }
  const before = cell.source.slice(0, found).split("\n");
  return [
    `    at ${cell.title}, line ${before.length}${name}`,
    ...quoteLine(cell.source, before.length, before.at(-1)!.length),
  ];
}

/** A line of a cell with a mark below the column; the line is counted from 1, the column from 0. */
export function quoteLine(source: string, line: number, column: number): string[] {
  const text = source.split("\n")[line - 1] ?? "";
  const indent = text.length - text.trimStart().length;
  return [`        ${text.trim()}`, `        ${" ".repeat(Math.max(0, column - indent))}^`];
}

/** The TypeScript source of a place in a compiled module, as its source map tells. */
function locateSource({ file, line, column }: Place): string {
  const map = `${file}.map`;
  if (existsSync(map)) {
    const payload = JSON.parse(readFileSync(map, "utf8")) as SourceMapPayload;
    const entry = new SourceMap(payload).findEntry(line - 1, column - 1);
    if ("originalSource" in entry) {
      const source = join(dirname(file), entry.originalSource);
      return `${relative(projectFolder, source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
  }
  return `${relative(projectFolder, file)}:${line}:${column}`;
}
