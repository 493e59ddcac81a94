import { AsyncLocalStorage } from "node:async_hooks";
import { StringDecoder } from "node:string_decoder";
import type { CellOutput, MimeBundle } from "./cellOutput.js";
import type { Content, Request } from "./message.js";
import type { ErrorReport } from "./compiler/report.js";

/** Sends a message on the channel that all clients read, as caused by `parent`. */
export type Publish = (type: string, content: Content, parent: Request) => void;

type StreamName = "stdout" | "stderr";

/** So much can a cell print, in characters. A Jupyter server drops what comes faster than about 3 MB in 3 seconds. */
export const printLimit = 2_000_000;

/** Printed text is sent at once so many times in a burst; then it is gathered, up to this many characters and milliseconds. */
const burst = 20;
const gathered = { characters: 65_536, milliseconds: 50 };

/** One request to run code, and where its output goes. */
export class Cell implements CellOutput {
  running = false;
  interrupted = false;
  /** From this time on its loops are to end. */
  stopAt: number | undefined;
  readonly payload: Content[] = [];
  readonly request: Request;
  readonly #silent: boolean;
  readonly #publish: Publish;
  readonly #decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };
  /** What was printed and not sent, the stream first that came first. */
  readonly #texts = new Map<StreamName, string>();
  #last: StreamName = "stdout";
  #printed = 0;
  #credit = burst;
  #flushed = Date.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param silent whether nothing shall be sent of what the cell puts out */
  constructor(request: Request, silent: boolean, publish: Publish) {
    this.request = request;
    this.#silent = silent;
    this.#publish = publish;
  }

  send(type: string, content: Content): void {
    this.flush();
    if (!this.#silent) {
      this.#publish(type, content, this.request);
    }
  }

  /** Prints text, or bytes of it: a character may come in pieces. */
  write(name: StreamName, chunk: Uint8Array | string): void {
    const text = typeof chunk === "string" ? chunk : this.#decoders[name].write(Buffer.from(chunk));
    const left = printLimit - this.#printed;
    if (left < 0 || text === "") {
      return;
    }
    this.#printed += text.length;
    this.#add(name, text.slice(0, left));
    if (text.length > left) {
      const limit = printLimit.toLocaleString("en");
      this.#add("stderr", `\nThis cell printed more than ${limit} characters. The rest is not shown.\n`);
      this.#printed = Infinity;
    }
    this.#flushInTime();
  }

  /** Sends what was printed. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = Date.now();
    const texts = [...this.#texts];
    this.#texts.clear();
    for (const [name, text] of texts) {
      this.send("stream", { name, text });
    }
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

  #add(name: StreamName, text: string): void {
    if (this.#texts.size > 0 && !this.#texts.has(name) && this.#credit > 0) {
      // The order of the two streams is kept, but not when a lot is printed.
      this.#credit--;
      this.flush();
    }
    this.#texts.set(name, (this.#texts.get(name) ?? "") + text);
    this.#last = name;
  }

  #flushInTime(): void {
    const waited = Date.now() - this.#flushed;
    this.#credit = Math.min(burst, this.#credit + Math.floor(waited / gathered.milliseconds));
    const text = this.#texts.get(this.#last) ?? "";
    const isHalf = /[\ud800-\udbff]$/.test(text);
    if (!isHalf && (this.#credit > 0 || text.length >= gathered.characters)) {
      this.#credit = Math.max(0, this.#credit - 1);
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, gathered.milliseconds);
    }
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
    cell.flush();
  }
}

/** The cell that the running code belongs to, if that can be told. */
export function ownCell(): Cell | undefined {
  return storage.getStore();
}

/** The cell that the running code belongs to, or the latest one, if that can't be told. */
export function currentCell(): Cell | undefined {
  return storage.getStore() ?? latest;
}

/** The cell that is at work. */
export function runningCell(): Cell | undefined {
  return latest?.running ? latest : undefined;
}
