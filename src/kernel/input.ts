import readline from "node:readline";
import readlinePromises from "node:readline/promises";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { currentCell, type Cell } from "./cell.js";

/** Asks the reader, who sees `question`. @throws Error if the front end has no way to answer. */
export type Ask = (cell: Cell, question: string) => Promise<string>;

/** Whoever reads line by line would ask as soon as the interface is made: a question in words goes first. In ms. */
const patience = 100;

/** What `prompt` gave. A cell that ends with one waits for the answer. */
const answers = new WeakSet<object>();

export function isAnswer(value: unknown): value is Promise<string> {
  return typeof value === "object" && value !== null && answers.has(value);
}

/** Lets cells ask the reader: by `prompt`, by a question of Node's readline, or by reading `process.stdin`. */
export function hookInput(ask: Ask): void {
  const asking = new WeakSet<Cell>();
  const put = async (question: string): Promise<string> => {
    const cell = currentCell();
    if (!cell) {
      throw new Error("there is no cell to ask from");
    }
    asking.add(cell);
    return await ask(cell, question);
  };
  const prompt = (question: unknown = ""): Promise<string> => {
    const answer = put(String(question));
    answers.add(answer);
    return answer;
  };
  Object.assign(globalThis, { prompt });
  readlinePromises.Interface.prototype.question = (question: string) => put(question);
  Object.assign(readline.Interface.prototype, {
    question: (question: string, ...rest: unknown[]) => {
      const done = rest.at(-1) as (answer: string) => void;
      void put(question).then(done);
    },
  });
  const lines = new Readable({
    read() {
      const cell = currentCell();
      const readLine = async (): Promise<void> => {
        await setTimeout(patience);
        if (cell?.running === true && !asking.has(cell)) {
          this.push(`${await ask(cell, "")}\n`);
        }
      };
      readLine().catch((error: unknown) => this.destroy(error as Error));
    },
  });
  Object.defineProperty(process, "stdin", { value: lines, configurable: true });
}
