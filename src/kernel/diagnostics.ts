import type { Diagnostic } from "tslab/dist/converter";
import { quoteLine, type ErrorReport } from "./traceback.js";

/** Describes what TypeScript found wrong in a cell. */
export function describeDiagnostics(
  diagnostics: readonly Diagnostic[],
  source: string,
  title: string,
): ErrorReport {
  const [first] = diagnostics;
  // Codes from 1000 to 1999 are TypeScript's syntax errors.
  const ename = first!.code < 2000 ? "SyntaxError" : "TypeScriptError";
  const traceback: string[] = [];
  let previous: Diagnostic | undefined;
  for (const diagnostic of diagnostics) {
    const { start, messageText, code, fileName } = diagnostic;
    if (previous?.start.offset === start.offset && previous.fileName === fileName) {
      // A message that explains the one before.
      traceback.push(`        ${messageText}`);
      continue;
    }
    previous = diagnostic;
    traceback.push(`${ename}: ${messageText} (TS${code})`);
    traceback.push(`    at ${fileName ?? title}, line ${start.line + 1}`);
    traceback.push(...(fileName ? [] : quoteLine(source, start.line + 1, start.character)));
  }
  return { ename, evalue: first!.messageText, traceback };
}
