import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fail } from "../ground/validation.js";
import type { TrainingRecord } from "./record.js";
import { recordFromJson, recordToJson } from "./recordJson.js";

/**
 * Writes a record of a training into a file, as JSON; a file that is there is written over. `loadRecord` reads it.
 *
 * For example, `saveRecord(record, "tanh.json")`.
 *
 * @throws RangeError for what is no record, or a folder that is not there.
 */
export function saveRecord(record: TrainingRecord, path: string): void {
  const json = recordToJson(record);
  if (typeof path !== "string" || !existsSync(dirname(path))) {
    fail("saveRecord", "path", path, "the name of a file in a folder that exists");
  }
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, json);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/**
 * Reads a record that `saveRecord` has written: the same numbers.
 *
 * @throws RangeError for a file that is not there or that holds something else.
 */
export function loadRecord(path: string): TrainingRecord {
  if (typeof path !== "string" || !existsSync(path)) {
    fail("loadRecord", "path", path, "the name of a file that saveRecord has written");
  }
  return recordFromJson(readFileSync(path, "utf8"));
}
