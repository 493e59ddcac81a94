import type { Message, Request } from "../protocol.js";

/** How long a cell may take to end after "stop", in milliseconds. Then its worker is ended. */
const PATIENCE = 4000;

type RunRequest = Extract<Request, { type: "run" }>;
type Completions = Extract<Message, { type: "completions" }>;

/** The page's side of the worker that runs cells. The worker starts with the first cell. */
export class Kernel {
  readonly #url: string;
  readonly #onMessage: (message: Message) => void;
  readonly #onLost: (reason: string) => void;
  readonly #asked = new Map<number, (found: Completions | undefined) => void>();
  #worker: Worker | undefined;
  #timer: number | undefined;
  #request = 0;
  #left = 0;

  /** @param onLost called when the worker was ended, and its variables with it */
  constructor(url: string, onMessage: (message: Message) => void, onLost: (reason: string) => void) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#onLost = onLost;
  }

  get isBusy(): boolean {
    return this.#left > 0;
  }

  run(request: RunRequest): void {
    this.#left++;
    this.#post(request);
  }

  /** Stops what runs; a worker that does not hear is ended. */
  stop(): void {
    if (!this.isBusy) {
      return;
    }
    this.#post({ type: "stop" });
    this.#timer ??= window.setTimeout(() => {
      this.end("It did not stop by itself, so it was ended.");
    }, PATIENCE);
  }

  /** Ends the worker. The next cell starts a new one. */
  end(reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#left = 0;
    this.#asked.forEach((answer) => {
      answer(undefined);
    });
    this.#asked.clear();
    this.#onLost(reason);
  }

  loadCompiler(): void {
    this.#post({ type: "loadCompiler" });
  }

  /** Names for a place in a cell; none while cells run or the compiler is not there. */
  complete(source: string, at: number): Promise<Completions | undefined> {
    if (this.isBusy || !this.#worker) {
      return Promise.resolve(undefined);
    }
    const request = ++this.#request;
    this.#post({ type: "complete", request, source, at });
    return new Promise((answer) => {
      this.#asked.set(request, answer);
      setTimeout(() => {
        this.#asked.delete(request);
        answer(undefined);
      }, 5 * PATIENCE);
    });
  }

  #post(request: Request): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(this.#url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === "completions") {
        this.#asked.get(data.request)?.(data);
        this.#asked.delete(data.request);
        return;
      }
      if (data.type === "ended") {
        this.#left--;
        if (!this.isBusy) {
          clearTimeout(this.#timer);
          this.#timer = undefined;
        }
      }
      this.#onMessage(data);
    };
    worker.onerror = ({ message }) => {
      this.end(
        message
          ? `It ended: ${message}.`
          : "What runs cells could not be loaded. Try again when there is a network.",
      );
    };
    return worker;
  }
}
