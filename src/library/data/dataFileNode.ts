import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a file that comes with the library. */
export function readDataFile(name: string): string {
  return readFileSync(join(__dirname, "..", "..", "data", name), "utf8");
}
