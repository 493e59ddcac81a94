/**
 * A folder for a test.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes an empty folder, which is gone after the test.
 * @param {import("node:test").TestContext} context
 * @returns {string} its path
 */
export function temporaryFolder(context) {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}
