import { version as typescript } from "typescript";
import type { CellCompiler } from "./compiler/cellCompiler.js";
import { completeness, completionsAt, helpAt } from "./compiler/help.js";
import type { Content } from "./message.js";
import { version as tslab } from "./tslab.js";

/** Answers what front ends ask about the language. */
export class Language {
  readonly #compiler: CellCompiler;

  constructor(compiler: CellCompiler) {
    this.#compiler = compiler;
  }

  kernelInfo(): Content {
    return {
      status: "ok",
      protocol_version: "5.3",
      implementation: "tslab",
      implementation_version: tslab,
      banner: `TypeScript ${typescript} (tslab ${tslab}, Node ${process.version})`,
      language_info: {
        name: "typescript",
        version: typescript,
        mimetype: "text/typescript",
        file_extension: ".ts",
        // Two front ends, two ways to name the mode.
        codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
        pygments_lexer: "typescript",
        nbconvert_exporter: "script",
      },
      help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    };
  }

  /** Reads TypeScript's and Node's declarations, which takes a second, unless that was done. */
  warmUp(): void {
    this.#compiler.program.service.getProgram()?.getTypeChecker();
  }

  isComplete({ code }: Content): Content {
    return { ...completeness(String(code)) };
  }

  complete({ code, cursor_pos }: Content): Content {
    const source = String(code);
    const { start, end, matches } = completionsAt(this.#compiler, source, toUtf16(source, cursor_pos));
    return {
      status: "ok",
      matches,
      metadata: {},
      cursor_start: toCodePoints(source, start),
      cursor_end: toCodePoints(source, end),
    };
  }

  inspect({ code, cursor_pos }: Content): Content {
    const source = String(code);
    const text = helpAt(this.#compiler, source, toUtf16(source, cursor_pos));
    const data = text === undefined ? {} : { "text/plain": text };
    return { status: "ok", found: text !== undefined, data, metadata: {} };
  }
}

/** Jupyter counts a cursor's place in Unicode characters, JavaScript in units of UTF-16. */
function toUtf16(source: string, place: unknown): number {
  return typeof place === "number" ? Array.from(source).slice(0, place).join("").length : source.length;
}

function toCodePoints(source: string, place: number): number {
  return Array.from(source.slice(0, place)).length;
}
