import { AsyncLocalStorage } from "node:async_hooks";
import type { CellOutput, MimeBundle } from "./cellOutput.js";
import type { Content, Request } from "./message.js";
import type { ErrorReport } from "./traceback.js";

/** Sends a message on the channel that all clients read, as caused by `parent`. */
export type Publish = (type: string, content: Content, parent: Request) => void;

/** One request to run code, and where its output goes. */
export class Cell implements CellOutput {
  running = false;
  interrupted = false;
  readonly payload: Content[] = [];
  readonly #request: Request;
  readonly #silent: boolean;
  readonly #publish: Publish;

  /** @param silent whether nothing shall be sent of what the cell puts out */
  constructor(request: Request, silent: boolean, publish: Publish) {
    this.#request = request;
    this.#silent = silent;
    this.#publish = publish;
  }

  send(type: string, content: Content): void {
    if (!this.#silent) {
      this.#publish(type, content, this.#request);
    }
  }

  write(name: "stdout" | "stderr", text: string): void {
    this.send("stream", { name, text });
  }

  fail({ ename, evalue, traceback }: ErrorReport): void {
    this.send("error", { ename, evalue, traceback });
  }

  display(content: Content, update: boolean): void {
    this.send(update ? "update_display_data" : "display_data", content);
  }

  clear(wait: boolean): void {
    this.send("clear_output", { wait });
  }

  page(data: MimeBundle): void {
    this.payload.push({ source: "page", data, start: 0 });
  }
}

const storage = new AsyncLocalStorage<Cell>();
let latest: Cell | undefined;

/** Runs `work` as a cell. Timers and promises that it starts belong to the cell too, also after it has ended. */
export async function runInCell<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
  latest = cell;
  cell.running = true;
  try {
    return await storage.run(cell, work);
  } finally {
    cell.running = false;
  }
}

/** The cell that the running code belongs to, or the latest one, if that can't be told. */
export function currentCell(): Cell | undefined {
  return storage.getStore() ?? latest;
}

/** The cell that is at work. */
export function runningCell(): Cell | undefined {
  return latest?.running ? latest : undefined;
}
