import { inspect } from "node-inspect-extracted";

const INDEX = "(index)";
const VALUES = "Values";

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A value in a field of a table: objects within it are named only. */
const short = (value: unknown): string =>
  inspect(value, {
    depth: isObject(value) && !Array.isArray(value) && Object.keys(value).length > 2 ? -1 : 0,
  });

/** What console.table() prints of rows, in the form of Node; undefined for what is no table. */
export function consoleTable(data: unknown, only?: readonly string[]): string | undefined {
  if (!isObject(data)) {
    return undefined;
  }
  const rows: [string, unknown][] =
    data instanceof Map || data instanceof Set
      ? [...(data as Iterable<unknown>)].map((value, i) => [String(i), value])
      : Object.entries(data);
  const names = only ?? [...new Set(rows.flatMap(([, row]) => (isObject(row) ? Object.keys(row) : [])))];
  const hasValues = only === undefined && rows.some(([, row]) => !isObject(row));
  const head = [INDEX, ...names, ...(hasValues ? [VALUES] : [])];
  const lines = rows.map(([index, row]) => [
    index,
    ...names.map((name) =>
      isObject(row) && Object.hasOwn(row, name) ? short((row as Record<string, unknown>)[name]) : "",
    ),
    ...(hasValues ? [isObject(row) ? "" : short(row)] : []),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i]!.length)) + 2);
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const written = (line: readonly string[]): string =>
    `│${line.map((field, i) => ` ${field}`.padEnd(widths[i]!)).join("│")}│`;
  return [
    rule("┌", "┬", "┐"),
    written(head),
    rule("├", "┼", "┤"),
    ...lines.map(written),
    rule("└", "┴", "┘"),
  ].join("\n");
}
