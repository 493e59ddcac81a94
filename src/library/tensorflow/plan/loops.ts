import type { Numbers } from "./value.js";
import { simplified, type Walk } from "./walk.js";

/** Made code by its text: loops that differ in nothing but numbers are one function, which the browser makes fast once. */
const made = new Map<string, (...given: unknown[]) => () => void>();

/** A function with these parameters that gives a function without any, of this text. */
export function codeOf(
  parameters: readonly string[],
  body: string,
  kinds: string,
): (...given: unknown[]) => () => void {
  const text = `return function () { // ${kinds}\n${body}\n}`;
  const key = `${parameters.join()}\n${text}`;
  let code = made.get(key);
  if (!code) {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- loops of the shapes at hand, from this folder's own texts
    code = new Function(...parameters, text) as (...given: unknown[]) => () => void;
    made.set(key, code);
  }
  return code;
}

const NAMES = ["o", "a", "b", "c"] as const;

/** What a loop does with each place of its walk. */
export interface LoopBody {
  /** A statement. `o`, `a`, `b` and `c` stand for the numbers of the arrays, in their order. */
  readonly statement: string;
  /** Whether the first array is read too, and not only written. */
  readonly accumulates?: boolean;
}

/** A loop over a walk through arrays. The first array is what is written. */
export function makeLoop(
  { statement, accumulates = false }: LoopBody,
  walk: Walk,
  arrays: readonly (Numbers | Float64Array)[],
): () => void {
  const { lengths, operands } = simplified(walk);
  const names = NAMES.slice(0, arrays.length);
  const depth = lengths.length;
  const parameters: string[] = names.map((name) => name.toUpperCase());
  const given: unknown[] = [...arrays];
  const parameter = (name: string, value: number): string => {
    parameters.push(name);
    given.push(value);
    return name;
  };
  const place = (name: string, level: number): string => `${name}${level}`;
  const lines: string[] = [];
  names.forEach((name, i) => {
    lines.push(`let ${place(name, 0)} = ${parameter(`${name}Start`, operands[i]!.offset)};`);
  });
  const used = names.map(() => "");
  for (let level = 0; level < depth; level++) {
    const isInner = level === depth - 1;
    const i = `i${level}`;
    const steps = names.map((name, k) => {
      const stride = operands[k]!.strides[level]!;
      return stride === 0 ? "0" : stride === 1 ? "1" : parameter(`${name}Step${level}`, stride);
    });
    if (isInner) {
      names.forEach((name, k) => {
        const at = place(name, level);
        const array = name.toUpperCase();
        used[k] =
          steps[k] === "0"
            ? `${array}[${at}]`
            : steps[k] === "1"
              ? `${array}[${at} + ${i}]`
              : `${array}[${at} + ${i} * ${steps[k]}]`;
        if (steps[k] === "0" && k > 0) {
          lines.push(`const ${name}Same = ${array}[${at}];`);
          used[k] = `${name}Same`;
        }
      });
      if (accumulates && steps[0] === "0") {
        lines.push(`let sum = ${used[0]};`);
      }
    }
    lines.push(`for (let ${i} = 0; ${i} < ${parameter(`n${level}`, lengths[level]!)}; ${i}++) {`);
    if (!isInner) {
      names.forEach((name, k) => {
        const from = place(name, level);
        lines.push(
          `const ${place(name, level + 1)} = ${steps[k] === "0" ? from : `${from} + ${i} * ${steps[k]}`};`,
        );
      });
    } else if (accumulates && steps[0] === "0") {
      lines.push(written(statement, ["sum", ...used.slice(1)]), "}", `${used[0]} = sum;`);
    } else {
      lines.push(written(statement, used), "}");
    }
  }
  if (depth === 0) {
    lines.push(
      written(
        statement,
        names.map((name) => `${name.toUpperCase()}[${place(name, 0)}]`),
      ),
    );
  }
  lines.push("}".repeat(Math.max(0, depth - 1)));
  const kinds = arrays.map((array) => array.constructor.name).join(" ");
  return codeOf(parameters, lines.join("\n"), kinds)(...given);
}

/** The statement with what stands for the numbers put in. */
function written(statement: string, numbers: readonly string[]): string {
  return statement.replace(/\b[oabc]\b/g, (name) => numbers[NAMES.indexOf(name as (typeof NAMES)[number])]!);
}
