/** Lets an interrupt, a progress bar and the rest of the process have their turn. A browser has no setImmediate. */
export const pause = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
    } else {
      setTimeout(resolve, 0);
    }
  });
