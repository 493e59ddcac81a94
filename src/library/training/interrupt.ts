import type { Stopped } from "./record.js";

/**
 * Notices a wish to stop: an interrupt (SIGINT: Ctrl-C, or Jupyter's Interrupt button) or an AbortSignal. While it
 * listens, an interrupt does not end the process. Call `end` when the work is over.
 */
export class InterruptListener {
  #requested = false;
  readonly #signal: AbortSignal | undefined;
  readonly #request = (): void => {
    this.#requested = true;
  };

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    this.#requested = signal?.aborted ?? false;
    process.on("SIGINT", this.#request);
    signal?.addEventListener("abort", this.#request);
  }

  /** Whether the wish has come. */
  isRequested(): boolean {
    return this.#requested;
  }

  end(): void {
    process.off("SIGINT", this.#request);
    this.#signal?.removeEventListener("abort", this.#request);
  }
}

/** Why a training ended that was interrupted before this step. */
export function interruptedBefore(step: number, steps: number): Stopped {
  return { reason: "interrupt", step, message: `interrupted before step ${step} of ${steps}` };
}
