/**
 * Runs the tests of an assignment, and no code of any student's: `node judge.js`. It reads a line of JSON from standard
 * input with the compiled cells, then lines that name a test to run. It writes lines, too: a question for the process that
 * the submission runs in, whose reply is the next line it reads; or how the test ended.
 *
 * What a submission replies is data: see the library's `readPlain`.
 */
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";
import { answerOf, askForPredictions } from "vanishing-gradients";

/** A cell of an assignment, compiled. */
export interface JudgedCell {
  readonly id: string;
  /** Given code runs here too; of an answer there is the name alone. */
  readonly kind: "given" | "answer" | "test";
  readonly javascript: string;
  /** The names that it declares, and those of them that can't be global. */
  readonly names: readonly string[];
  readonly reserved: readonly string[];
}

/** What is written: a question, or how a test ended. */
export type Verdict =
  | { readonly ask: string }
  | { readonly passed: true }
  | { readonly passed: false; readonly name: string; readonly message: string };

/** What is read: a test to run, or the reply to a question. */
type Order = { readonly test: string } | { readonly reply: string } | { readonly failed: string };

type Exports = Readonly<Record<string, unknown>>;

const scope = Object.create(null) as Record<string, unknown>;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const write = process.stdout.write.bind(process.stdout);

// What tests and given code print is no verdict.
process.stdout.write = () => true;

async function nextLine(): Promise<unknown> {
  const line = await lines.next();
  return line.done === true ? process.exit(0) : (JSON.parse(line.value) as unknown);
}

function say(verdict: Verdict): void {
  write(`${JSON.stringify(verdict)}\n`);
}

/** What a module exports. It is found from here, whatever lies beside the submission. */
function load(specifier: string): Exports {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- cells name what they import when they run
  return require(specifier) as Exports;
}

/** Asks the submission's process, and waits for what it says. */
async function ask(question: string): Promise<string> {
  say({ ask: question });
  const order = (await nextLine()) as Order;
  if ("reply" in order) {
    return order.reply;
  }
  throw new Error("failed" in order ? order.failed : "the submission did not reply");
}

/** Runs a cell as the kernel does. */
async function run({ javascript, names, reserved }: JudgedCell): Promise<void> {
  for (const name of names) {
    const place = reserved.includes(name) ? scope : globalThis;
    Object.defineProperty(place, name, { value: undefined, writable: true, configurable: true });
  }
  const cell = {
    value: undefined,
    done: -1,
    require,
    check: () => undefined,
    load,
    bind: (exports: Exports, table: Readonly<Record<string, string>>) => {
      for (const [name, from] of Object.entries(table)) {
        const value = from === "*" || from === "=" ? exports : exports[from];
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
      }
    },
  };
  const given = { __cell: cell, __scope: scope, __stop: [0], require, module: { exports: {} }, exports: {} };
  const head = `"use strict"; (async function ({ ${Object.keys(given).join(", ")} }) {`;
  const body = runInThisContext(`${head}\n${javascript}\n})`) as (values: object) => Promise<void>;
  await body(given);
}

async function judge(): Promise<void> {
  const waiting = (await nextLine()) as JudgedCell[];
  askForPredictions(answerOf("afterPrediction", ask) as (name: string) => unknown);
  const tests = new Map<string, JudgedCell>();
  for (;;) {
    const { test } = (await nextLine()) as { readonly test: string };
    // What stands above the test, and has not run.
    while (waiting.length > 0 && !tests.has(test)) {
      const cell = waiting.shift()!;
      if (cell.kind === "test") {
        tests.set(cell.id, cell);
      } else if (cell.kind === "answer") {
        for (const name of cell.names) {
          Object.defineProperty(globalThis, name, { value: answerOf(name, ask), configurable: true });
        }
      } else {
        // It may show what comes of an answer, which is not here.
        await run(cell).catch(() => undefined);
      }
    }
    try {
      await run(tests.get(test)!);
      say({ passed: true });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      say({ passed: false, name, message });
    }
  }
}

void judge();
