import papaparse from "papaparse";
import { fail, requireOneOf } from "../ground/validation.js";
import type { Dataset, TargetDataset } from "./dataset.js";
import { type ExampleRow, fromRows, type LabelOptions, type TargetOptions } from "./rows.js";

/** How a CSV text is written. */
export interface CsvFormat {
  /** What stands between values; found out (comma, semicolon, tab, bar) if not given. */
  readonly delimiter?: string;
  /** What stands before decimals; found out if not given. */
  readonly decimal?: "." | ",";
  /** Texts that stand for no value, beside the empty one: "NA", "N/A", "NaN", "null" and "?" if not given. */
  readonly missing?: readonly string[];
}

const MISSING = ["NA", "N/A", "NaN", "nan", "null", "?"];

/**
 * A dataset from the text of a CSV file, whose first line names the columns. Quotation marks, semicolons, decimal commas and
 * a byte-order mark are understood.
 *
 * @example
 * parseCsv("length;kind\n1,5;a\n2,5;b\n", { label: "kind" }).features; // [[1.5], [2.5]]
 * @throws RangeError for rows of another length, for values that are missing or no numbers, naming line and column.
 */
export function parseCsv(text: string, options: LabelOptions & CsvFormat): Dataset;
export function parseCsv(text: string, options: TargetOptions & CsvFormat): TargetDataset;
export function parseCsv(
  text: string,
  options: (LabelOptions | TargetOptions) & CsvFormat,
): Dataset | TargetDataset {
  return fromCsv("parseCsv", text, options);
}

/** The same, in the name of another function. */
export function fromCsv(
  owner: string,
  text: string,
  { delimiter, decimal, missing = MISSING, ...columns }: (LabelOptions | TargetOptions) & CsvFormat,
): Dataset | TargetDataset {
  if (typeof text !== "string" || text.trim() === "") {
    fail(owner, "text", text, "the text of a CSV file, with a line of names and lines of values");
  }
  const { data, errors, meta } = papaparse.parse<string[]>(text.replace(/^\uFEFF/, ""), {
    delimiter: delimiter ?? delimiterOf(text),
    skipEmptyLines: false,
  });
  const [wrong] = errors;
  if (wrong) {
    throw new RangeError(`${owner}(): line ${(wrong.row ?? 0) + 1}: ${wrong.message}`);
  }
  // Lines may be empty, as the last one mostly is.
  const lines = data.map((values, i) => ({ values, line: i + 1 })).filter(({ values }) => !isEmpty(values));
  const [head, ...body] = lines;
  const names = head!.values.map((name) => name.trim());
  const twice = names.find((name, i) => name === "" || names.indexOf(name) < i);
  if (twice !== undefined) {
    fail(
      owner,
      "the line of names",
      names,
      twice === "" ? "a name for each column" : `names that differ; "${twice}" stands there twice`,
    );
  }
  const uneven = body.find(({ values }) => values.length !== names.length);
  if (uneven) {
    const { line, values } = uneven;
    throw new RangeError(
      `${owner}(): line ${line} has ${values.length} values; the line of names has ${names.length}, with "${meta.delimiter}" between them`,
    );
  }
  const cells = body.flatMap(({ values }) => values);
  const point = requireOneOf(owner, "decimal", decimal ?? decimalOf(cells, meta.delimiter), [".", ","]);
  const read = (value: string): string | undefined => {
    const trimmed = value.trim();
    const number = point === "," ? trimmed.replace(/^(-?\d*),(\d+(e[+-]?\d+)?)$/i, "$1.$2") : trimmed;
    return missing.includes(trimmed) ? undefined : number;
  };
  const rows = body.map(({ values }): ExampleRow =>
    Object.fromEntries(values.map((value, j) => [names[j]!, read(value)])),
  );
  return fromRows(owner, rows, columns, (i) => `line ${body[i]!.line}`);
}

/** What cuts the line of names into most parts. */
function delimiterOf(text: string): string {
  const parts = [",", ";", "\t", "|"].map((delimiter) => {
    const { data } = papaparse.parse<string[]>(text, { delimiter, preview: 1 });
    return { delimiter, count: data[0]?.length ?? 0 };
  });
  return parts.reduce((best, part) => (part.count > best.count ? part : best)).delimiter;
}

const isEmpty = (values: readonly string[]): boolean => values.every((value) => value.trim() === "");

/** A comma where numbers have commas and none a point, and commas do not stand between values. */
function decimalOf(cells: readonly string[], delimiter: string): "." | "," {
  const has = (form: RegExp): boolean => cells.some((cell) => form.test(cell.trim()));
  return delimiter !== "," && has(/^-?\d*,\d+$/) && !has(/^-?\d*\.\d+$/) ? "," : ".";
}
