/** What Node has and a browser has not, looked for before it is used. No other file needs to know where it runs. */
const host = globalThis as {
  readonly process?: NodeJS.Process;
  readonly setImmediate?: (work: () => void) => void;
};

/** Who listens to interrupts where there is no process to send them. */
const listeners = new Set<() => void>();

/** Has a function called at each interrupt: SIGINT, or, where there is no process, `interrupt`. */
export function onInterrupt(listener: () => void): void {
  if (host.process) {
    host.process.on("SIGINT", listener);
  } else {
    listeners.add(listener);
  }
}

/** Has it called no more. */
export function ignoreInterrupts(listener: () => void): void {
  host.process?.off("SIGINT", listener);
  listeners.delete(listener);
}

/** Interrupts what runs, where there is no process: trainings end at their next step. Says whether anything listened. */
export function interrupt(): boolean {
  listeners.forEach((listener) => {
    listener();
  });
  return listeners.size > 0;
}

/** Calls a function in a later turn. A browser's timers wait for 4 ms after a few turns; its messages do not. */
function later(work: () => void): void {
  if (host.setImmediate) {
    host.setImmediate(work);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(null);
}

/** Lets an interrupt, a progress bar and the rest of the process have their turn. */
export const pause = (): Promise<void> => new Promise(later);
