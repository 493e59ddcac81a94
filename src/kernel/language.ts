import * as ts from "@tslab/typescript-for-tslab";
import { versions } from "tslab";
import { JupyterHandlerImpl } from "tslab/dist/jupyter";
import type { Executor } from "tslab/dist/executor";
import type { Content } from "./message.js";

/** Answers what front ends ask about the language: tslab's own answers, completed. */
export class Language {
  readonly #tslab: JupyterHandlerImpl;

  constructor(executor: Executor) {
    this.#tslab = new JupyterHandlerImpl(executor, false);
  }

  kernelInfo(): Content {
    const info = this.#tslab.handleKernel();
    return {
      ...info,
      status: "ok",
      implementation_version: versions.tslab,
      banner: `TypeScript ${versions.typescript} (tslab ${versions.tslab}, Node ${versions.node})`,
      language_info: {
        ...info.language_info,
        version: versions.typescript,
        pygments_lexer: "typescript",
        nbconvert_exporter: "script",
      },
      help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    };
  }

  isComplete({ code }: Content): Content {
    const source = String(code);
    const reply = this.#tslab.handleIsComplete({ code: source });
    // tslab takes all that is not incomplete for complete.
    const { diagnostics = [] } = ts.transpileModule(source, {
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    return reply.status === "complete" && diagnostics.length > 0 ? { status: "invalid" } : { ...reply };
  }

  complete({ code, cursor_pos }: Content): Content {
    const source = String(code);
    const reply = this.#tslab.handleComplete({ code: source, cursor_pos: toUtf16(source, cursor_pos) });
    return {
      ...reply,
      cursor_start: toCodePoints(source, reply.cursor_start),
      cursor_end: toCodePoints(source, reply.cursor_end),
    };
  }

  inspect({ code, cursor_pos }: Content): Content {
    const source = String(code);
    return {
      ...this.#tslab.handleInspect({
        code: source,
        cursor_pos: toUtf16(source, cursor_pos),
        detail_level: 0,
      }),
    };
  }
}

/** Jupyter counts a cursor's place in Unicode characters, JavaScript in units of UTF-16. */
function toUtf16(source: string, place: unknown): number {
  return typeof place === "number" ? Array.from(source).slice(0, place).join("").length : source.length;
}

function toCodePoints(source: string, place: number): number {
  return Array.from(source.slice(0, place)).length;
}
