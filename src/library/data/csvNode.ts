import { existsSync, readFileSync, statSync } from "node:fs";
import { fail } from "../ground/validation.js";
import { type CsvFormat, fromCsv } from "./csv.js";
import type { Dataset, TargetDataset } from "./dataset.js";
import type { LabelOptions, TargetOptions } from "./rows.js";

/**
 * A dataset from a CSV file in UTF-8: see `parseCsv`.
 *
 * For example, `loadCsv("wine.csv", { label: "cultivar" })`.
 *
 * @throws RangeError for a file that is not there, and as `parseCsv`.
 */
export function loadCsv(path: string, options: LabelOptions & CsvFormat): Dataset;
export function loadCsv(path: string, options: TargetOptions & CsvFormat): TargetDataset;
export function loadCsv(
  path: string,
  options: (LabelOptions | TargetOptions) & CsvFormat,
): Dataset | TargetDataset {
  if (typeof path !== "string" || !existsSync(path) || !statSync(path).isFile()) {
    fail("loadCsv", "path", path, "the name of a CSV file");
  }
  return fromCsv("loadCsv", readFileSync(path, "utf8"), options);
}
