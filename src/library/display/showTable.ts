import type * as tf from "@tensorflow/tfjs-node";
import { short } from "../ground/format.js";
import { displayBundle, inNotebook } from "./notebook.js";
import { fail, requireKnownKeys } from "../ground/validation.js";

/** One row of a table, by column name. */
export type Row = Readonly<Record<string, string | number>>;

/** Which columns to show, and in which order (those of the first row if not given), and a heading. */
export interface TableOptions {
  readonly columns?: readonly string[];
  readonly caption?: string;
}

const OPTIONS = { columns: true, caption: true } satisfies Record<keyof TableOptions, true>;

/** A text that is a number, with a unit at most: "0.1230000", "75 %". */
const NUMBER = /^[-−+]?\d[\d.,]*(e[-−+]?\d+)?( ?%)?$/i;

/**
 * Shows rows as a table. Whole numbers are written in full, others with three digits; both stand to the right, as do
 * texts that are a number or a percentage.
 *
 * @throws RangeError if there is no row, or a row lacks a column, or for an unknown option.
 */
export function showTable(rows: readonly Row[], options: TableOptions = {}): void {
  const owner = "showTable";
  requireKnownKeys(owner, "options", options, Object.keys(OPTIONS));
  const columns = options.columns ?? Object.keys((rows as readonly Row[] | undefined)?.[0] ?? {});
  if (columns.length === 0) {
    fail(owner, "rows", rows, "a list of at least one row with at least one column");
  }
  const cells = rows.map((row, i) =>
    columns.map((column) => {
      const value: unknown = row[column];
      if (typeof value === "number") {
        return { text: short(value), right: true };
      }
      return typeof value === "string"
        ? { text: value, right: NUMBER.test(value) }
        : fail(owner, `rows[${i}].${column}`, value, "a text or a number");
    }),
  );
  const heads = columns.map((text, j) => ({ text, right: standsRight(cells.map((row) => row[j]!)) }));
  const table = { columns: heads, cells, caption: options.caption };
  if (inNotebook()) {
    displayBundle({ "text/html": toHtml(table), "text/plain": toText(table) });
  } else {
    console.log(toText(table));
  }
}

/** Shows the layers of a model: name, kind, shape of the output, number of parameters, and the sum. */
export function showSummary(model: tf.LayersModel): void {
  const rows = model.layers.map((layer) => ({
    layer: layer.name,
    kind: layer.getClassName(),
    "output shape": `[${layer.outputShape.map((length) => length ?? "examples").join(", ")}]`,
    parameters: layer.countParams(),
  }));
  const total = { layer: "total", kind: "", "output shape": "", parameters: model.countParams() };
  showTable([...rows, total], { caption: `The model "${model.name}"` });
}

interface Table {
  readonly columns: readonly { text: string; right: boolean }[];
  readonly cells: readonly (readonly { text: string; right: boolean }[])[];
  readonly caption: string | undefined;
}

/** A heading stands to the right if all that is below it does. */
function standsRight(cells: readonly { text: string; right: boolean }[]): boolean {
  const filled = cells.filter(({ text }) => text !== "");
  return filled.length > 0 && filled.every(({ right }) => right);
}

function toHtml({ columns, cells, caption }: Table): string {
  const side = (right: boolean): string => ` style="text-align:${right ? "right" : "left"}"`;
  const head = columns.map(({ text, right }) => `<th scope="col"${side(right)}>${escape(text)}</th>`);
  const body = cells.map((row) => {
    const line = row.map(({ text, right }, j) =>
      // A text that stands first names its row.
      j === 0 && !right
        ? `<th scope="row"${side(false)}>${escape(text)}</th>`
        : `<td${side(right)}>${escape(text)}</td>`,
    );
    return `<tr>${line.join("")}</tr>`;
  });
  const title = caption === undefined ? "" : `<caption>${escape(caption)}</caption>`;
  return `<table>${title}<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function toText({ columns, cells, caption }: Table): string {
  const lines = [columns, ...cells];
  const widths = columns.map((_, j) => Math.max(...lines.map((line) => line[j]!.text.length)));
  const written = lines.map((line) =>
    line
      .map(({ text, right }, j) => (right ? text.padStart(widths[j]!) : text.padEnd(widths[j]!)))
      .join("  ")
      .trimEnd(),
  );
  return [...(caption === undefined ? [] : [caption]), ...written].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
