import type { DisplayWriter } from "./notebook.js";

/** The part of tslab that a running kernel fills in. It is read at each call. */
interface TslabJupyter {
  readonly lastWriteDisplayData: DisplayWriter | null;
}

/** tslab itself, wherever it is installed: the one that runs in this process is among the loaded modules. */
const TSLAB = /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/;

/** What puts displays out in the tslab that runs in this process, if one does. */
export function tslabWriter(): DisplayWriter | undefined {
  const path = Object.keys(require.cache).find((loaded) => TSLAB.test(loaded));
  const tslab = path === undefined ? undefined : (require.cache[path]?.exports as TslabJupyter | undefined);
  return tslab?.lastWriteDisplayData ?? undefined;
}
