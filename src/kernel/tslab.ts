import { readFileSync } from "node:fs";
import type { Content } from "./message.js";

/** The part of tslab that tells where displays go. It is read at each call of `display`. */
interface TslabJupyter {
  lastWriteDisplayData: ((content: Content, update: boolean) => void) | null;
}

/**
 * Says where what tslab's `display` shows shall go. tslab brings a TypeScript of its own, which takes long to load, for a
 * compiler that is not used here: it gets ours, so `tslab.versions` tells the one that compiles the cells.
 */
export function connectTslab(write: (content: Content, update: boolean) => void): void {
  require.cache[require.resolve("@tslab/typescript-for-tslab")] =
    require.cache[require.resolve("typescript")];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- not before the line above
  const tslab = require("tslab/dist/jupyter") as TslabJupyter;
  tslab.lastWriteDisplayData = (content, update) => {
    write({ ...content }, update);
  };
}

/** The version of tslab, as its package says. */
export const version = (
  JSON.parse(readFileSync(require.resolve("tslab/package.json"), "utf8")) as { version: string }
).version;
