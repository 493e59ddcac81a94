import { fetchNow } from "../ground/fetchBrowser.js";

/** The text of a file that comes with the library. */
export function readDataFile(name: string): string {
  return new TextDecoder().decode(fetchNow(`data/${name}`));
}
