import { ignoreInterrupts, onInterrupt } from "../ground/host.js";
import type { Stopped } from "./record.js";

/** All that listen now. One listener of the process serves them, however many trainings there are. */
const listening = new Set<InterruptListener>();

const requestAll = (): void => {
  for (const listener of listening) {
    listener.request();
  }
};

/**
 * Notices a wish to stop: an interrupt (SIGINT: Ctrl-C, or Jupyter's Interrupt button) or an AbortSignal. While it
 * listens, an interrupt does not end the process. Call `end` when the work is over.
 */
export class InterruptListener {
  #requested: boolean;
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    this.#requested = signal?.aborted ?? false;
    if (listening.size === 0) {
      onInterrupt(requestAll);
    }
    listening.add(this);
    signal?.addEventListener("abort", this.request);
  }

  /** Says that the wish has come. */
  readonly request = (): void => {
    this.#requested = true;
  };

  /** Whether the wish has come. */
  isRequested(): boolean {
    return this.#requested;
  }

  end(): void {
    listening.delete(this);
    if (listening.size === 0) {
      ignoreInterrupts(requestAll);
    }
    this.#signal?.removeEventListener("abort", this.request);
  }
}

/** Why a training ended that was interrupted before this step. */
export function interruptedBefore(step: number, steps: number): Stopped {
  return { reason: "interrupt", step, message: `interrupted before step ${step} of ${steps}` };
}
