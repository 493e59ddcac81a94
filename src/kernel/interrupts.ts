import { Worker } from "node:worker_threads";
import { ownCell } from "./cell.js";

export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("the cell was stopped before its end");
    delete this.stack;
  }
}

/**
 * Waits for SIGINT, also while the main thread is busy: Node's vm listens to the signal in a thread of its own while it
 * runs code with `breakOnSigint`. The outer run is there so that there is never a moment without a listener.
 */
const listener = `
const { runInThisContext } = require("node:vm");
const { workerData: flag, parentPort } = require("node:worker_threads");
const never = new Int32Array(new SharedArrayBuffer(4));
const hear = () => { Atomics.store(flag, 0, 1); parentPort.postMessage("SIGINT"); };
globalThis.wait = () => Atomics.wait(never, 0, 0);
globalThis.listen = () => {
  for (;;) try { runInThisContext("wait()", { breakOnSigint: true }); } catch { hear(); }
};
for (;;) try { runInThisContext("listen()", { breakOnSigint: true }); } catch { hear(); }
`;

/** Values of the flag: nothing; a signal came that nobody saw yet; some cell was interrupted, and may have loops left. */
const [none, signaled, interrupted] = [0, 1, 2];

/** How often loops of interrupted cells are looked for, in milliseconds. */
const lookout = 100;

/** Hears interrupts, and ends the loops of the cells that were interrupted. */
export class Interrupts {
  /** Loops of cells call `check` while this is not 0. */
  readonly flag = new Int32Array(new SharedArrayBuffer(4));
  #looksOut = false;

  /** From now on an interrupt is an event of the process, as if Node had heard it. */
  listen(): void {
    keepSignalsToOurselves();
    const worker = new Worker(listener, { eval: true, workerData: this.flag });
    worker.on("message", () => {
      this.#notice();
    });
    worker.unref();
  }

  /** To be called when a cell was interrupted: its loops end, also those that nobody awaits. */
  end(): void {
    this.flag[0] = interrupted;
    if (!this.#looksOut) {
      this.#looksOut = true;
      setInterval(() => Atomics.compareExchange(this.flag, 0, none, interrupted), lookout).unref();
    }
  }

  /** @throws Interrupted if it is called by a loop that is to end. */
  readonly check = (): void => {
    this.#notice();
    const stopAt = ownCell()?.stopAt;
    if (stopAt === undefined) {
      Atomics.compareExchange(this.flag, 0, interrupted, none);
    } else if (Date.now() >= stopAt) {
      throw new Interrupted();
    }
  };

  #notice(): void {
    if (Atomics.compareExchange(this.flag, 0, signaled, interrupted) === signaled) {
      process.emit("SIGINT");
    }
  }
}

/** Node would take SIGINT to the main thread as soon as somebody listens there. */
function keepSignalsToOurselves(): void {
  for (const start of process.rawListeners("newListener") as ((name: string | symbol) => void)[]) {
    process.off("newListener", start);
    process.on("newListener", (name: string | symbol) => {
      if (name !== "SIGINT") {
        start(name);
      }
    });
  }
}
