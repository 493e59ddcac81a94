/** For `model.fit`. An object without names of its own: tfjs does not export the enum that `verbose` is typed with. */
export const QUIET: object = { verbose: 0 };

/** How long some work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
