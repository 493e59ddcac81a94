import { fail, keysOf, requireKnownKeys, requireList } from "../ground/validation.js";
import type { Dataset, TargetDataset } from "./dataset.js";

/** Which columns are what. */
export interface ColumnOptions {
  /** The columns that are features: all others, if not given. */
  readonly features?: readonly string[];
  /** What figures call the data; "data" if not given. */
  readonly name?: string;
}

/** For classes: the column that tells the class. */
export interface LabelOptions extends ColumnOptions {
  readonly label: string;
}

/** For regression or several labels: the columns of the numbers that are to be told. */
export interface TargetOptions extends ColumnOptions {
  readonly targets: readonly string[];
}

const OPTIONS = keysOf<LabelOptions & TargetOptions>({
  features: true,
  name: true,
  label: true,
  targets: true,
});

/** An example: a value in each column. */
export type ExampleRow = Readonly<Record<string, unknown>>;

/**
 * A dataset from a list of objects, one for each example, such as a CSV file or a database gives. Features and targets
 * must be finite numbers (or texts of numbers); classes may be anything that can be written, and are sorted: numbers by
 * size, texts by letter.
 *
 * @example
 * datasetFromRows([{ x: 1, y: 2, kind: "a" }, { x: 3, y: 4, kind: "b" }], { label: "kind" });
 * @throws RangeError for a value that is missing or no number, naming row (counted from 0) and column.
 */
export function datasetFromRows(rows: readonly ExampleRow[], options: LabelOptions): Dataset;
export function datasetFromRows(rows: readonly ExampleRow[], options: TargetOptions): TargetDataset;
export function datasetFromRows(
  rows: readonly ExampleRow[],
  options: LabelOptions | TargetOptions,
): Dataset | TargetDataset {
  return fromRows("datasetFromRows", rows, options, (i) => `row ${i}`);
}

/** The same, for a function that has the rows from elsewhere and calls them its own way. */
export function fromRows(
  owner: string,
  rows: readonly ExampleRow[],
  options: LabelOptions | TargetOptions,
  placeOf: (row: number) => string,
): Dataset | TargetDataset {
  requireKnownKeys(owner, "options", options, OPTIONS);
  requireList(owner, "rows", rows, "objects", 1);
  const { name = "data" } = options;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const known = (option: string, wanted: readonly string[]): readonly string[] => {
    requireList(owner, option, wanted, "columns", 1);
    const unknown = wanted.find((column) => !columns.includes(column));
    return unknown === undefined ? wanted : fail(owner, option, unknown, `one of ${listed(columns)}`);
  };
  if ("label" in options === "targets" in options) {
    throw new RangeError(`${owner}(): options must have either label, the column of the classes, or targets`);
  }
  const told = "label" in options ? known("label", [options.label]) : known("targets", options.targets);
  const features = known("features", options.features ?? columns.filter((column) => !told.includes(column)));
  const numbers = (wanted: readonly string[]): number[][] =>
    rows.map((row, i) => wanted.map((column) => numberOf(owner, row[column], column, placeOf(i))));
  const common = { name, features: numbers(features), featureNames: [...features] };
  if (!("label" in options)) {
    return { ...common, targets: numbers(told), targetNames: [...told] };
  }
  const values = rows.map((row, i) => textOf(owner, row[options.label], options.label, placeOf(i)));
  const classNames = [...new Set(values)].sort(byValue);
  return { ...common, labels: values.map((value) => classNames.indexOf(value)), classNames };
}

function numberOf(owner: string, value: unknown, column: string, place: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) {
    return number;
  }
  const told = `${place}, column "${column}"`;
  const missing = value === undefined || value === null || value === "";
  return missing
    ? lack(owner, told)
    : fail(
        owner,
        told,
        value,
        "a finite number; name the columns that are numbers in features, or turn it into one",
      );
}

function textOf(owner: string, value: unknown, column: string, place: string): string {
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  if (value === undefined || value === null || (isText && ["", "NaN"].includes(String(value).trim()))) {
    return lack(owner, `${place}, column "${column}"`);
  }
  return isText
    ? String(value).trim()
    : fail(owner, `${place}, column "${column}"`, value, "a text or a number");
}

function lack(owner: string, place: string): never {
  throw new RangeError(`${owner}(): ${place} has no value; leave the row out, or put a number there`);
}

/** Numbers by size, texts by letter. */
const byValue = (a: string, b: string): number => {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b, "en") : difference;
};

/** Some names; of many the first. */
function listed(names: readonly string[]): string {
  const most = 10;
  const told = names.slice(0, most).map((name) => `"${name}"`);
  return names.length > most ? `${told.join(", ")}, ... ${names.length} in all` : told.join(", ");
}
