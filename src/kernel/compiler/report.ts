import type { Problem } from "./problems.js";

/** What Jupyter shows of an error; the fields are those of its `error` message. */
export interface ErrorReport {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/**
 * Describes what is wrong in a cell that was not run.
 *
 * @param title how tracebacks call the cell
 * @param shorten how they call a file
 */
export function describeProblems(
  problems: readonly Problem[],
  source: string,
  title: string,
  shorten: (path: string) => string,
): ErrorReport {
  // Codes from 1000 to 1999 are TypeScript's syntax errors.
  const nameOf = ({ code }: Problem): string => (code < 2000 ? "SyntaxError" : "TypeScriptError");
  const traceback = problems.flatMap((problem) => {
    const { code, message, details, place, file } = problem;
    const where = place ? [`    at ${file ? shorten(file) : title}, line ${place.line + 1}`] : [];
    return [
      `${nameOf(problem)}: ${message}${code ? ` (TS${code})` : ""}`,
      ...where,
      ...(place && !file ? quoteLine(source, place.line + 1, place.column) : []),
      ...details.map((detail) => `        ${detail}`),
    ];
  });
  return { ename: nameOf(problems[0]!), evalue: problems[0]!.message, traceback };
}

/** A line of a cell with a mark below the column; the line is counted from 1, the column from 0. */
export function quoteLine(source: string, line: number, column: number): string[] {
  const text = source.split("\n")[line - 1] ?? "";
  const indent = text.length - text.trimStart().length;
  return [`        ${text.trim()}`, `        ${" ".repeat(Math.max(0, column - indent))}^`];
}
