/** What Node has and a browser has not, looked for before it is used. No other file needs to know where it runs. */
const host = globalThis as {
  readonly process?: NodeJS.Process;
  readonly setImmediate?: (work: () => void) => void;
};

/** Where interrupts (SIGINT) come from. A browser has none. */
export const signals = host.process;

/** Lets an interrupt, a progress bar and the rest of the process have their turn. */
export const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const later = host.setImmediate ?? setTimeout;
    later(resolve);
  });
