/**
 * Compiles an assignment's cells for the judge: `node compileTests.js NOTEBOOK` writes them to standard output.
 *
 * Types of answers are those of the reference solutions, which are compiled and never run.
 */
import { readFileSync } from "node:fs";
import { createCompiler } from "tslab-kernel/dist/nodeCompiler.js";
import type { JudgedCell } from "./judge.js";

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
    readonly metadata: {
      readonly nbgrader?: { readonly grade_id: string; readonly grade: boolean; readonly solution: boolean };
    };
  }[];
}

const compiler = createCompiler(process.cwd());
const { cells } = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Notebook;
const compiled: JudgedCell[] = [];
for (const { cell_type, source, metadata } of cells) {
  const { nbgrader } = metadata;
  if (cell_type !== "code" || !nbgrader) {
    continue;
  }
  const { grade_id: id, grade, solution } = nbgrader;
  const { javascript, names, problems } = compiler.compile(
    typeof source === "string" ? source : source.join(""),
  );
  if (problems.length > 0) {
    throw new Error(
      `the cell "${id}" does not compile: ${problems.map(({ message }) => message).join("; ")}`,
    );
  }
  compiler.keep();
  const reserved = names.filter((name) => compiler.reserved.has(name));
  compiled.push({ id, kind: solution ? "answer" : grade ? "test" : "given", javascript, names, reserved });
}
process.stdout.write(JSON.stringify(compiled));
