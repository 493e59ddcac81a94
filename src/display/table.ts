import type * as tf from "@tensorflow/tfjs-node";
import { short } from "../figures/format.js";
import { displayBundle, inNotebook } from "../kernel/cellOutput.js";
import { fail } from "../validation.js";

/** One row of a table, by column name. */
export type Row = Readonly<Record<string, string | number>>;

/** Which columns to show, and in which order (those of the first row if not given), and a heading. */
export interface TableOptions {
  readonly columns?: readonly string[];
  readonly caption?: string;
}

/**
 * Shows rows as a table. Numbers are rounded to three digits and stand to the right.
 *
 * @throws RangeError if there is no row, or a row lacks a column.
 */
export function showTable(rows: readonly Row[], options: TableOptions = {}): void {
  const columns = options.columns ?? Object.keys(rows[0] ?? {});
  if (rows.length === 0 || columns.length === 0) {
    fail("showTable", "rows", rows, "a list of at least one row with at least one column");
  }
  const cells = rows.map((row, i) =>
    columns.map((column) => {
      const value = row[column] ?? fail("showTable", `rows[${i}].${column}`, undefined, "a text or a number");
      return { text: typeof value === "number" ? short(value) : value, right: typeof value === "number" };
    }),
  );
  const table = { columns, cells, caption: options.caption };
  if (inNotebook()) {
    displayBundle({ "text/html": toHtml(table), "text/plain": toText(table) });
  } else {
    console.log(toText(table));
  }
}

/** Shows the layers of a model: name, kind, shape of the output, number of trainable parameters, and the sum. */
export function showSummary(model: tf.LayersModel): void {
  const rows = model.layers.map((layer) => ({
    layer: layer.name,
    kind: layer.getClassName(),
    "output shape": `[${layer.outputShape.map((length) => length ?? "examples").join(", ")}]`,
    parameters: String(layer.countParams()),
  }));
  const total = { layer: "total", kind: "", "output shape": "", parameters: String(model.countParams()) };
  showTable([...rows, total], { caption: `The model "${model.name}"` });
}

interface Table {
  readonly columns: readonly string[];
  readonly cells: readonly (readonly { text: string; right: boolean }[])[];
  readonly caption: string | undefined;
}

function toHtml({ columns, cells, caption }: Table): string {
  const head = columns.map((column) => `<th scope="col">${escape(column)}</th>`).join("");
  const body = cells.map((row) => {
    const line = row.map(
      ({ text, right }) => `<td${right ? ' style="text-align:right"' : ""}>${escape(text)}</td>`,
    );
    return `<tr>${line.join("")}</tr>`;
  });
  const title = caption === undefined ? "" : `<caption>${escape(caption)}</caption>`;
  return `<table>${title}<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function toText({ columns, cells, caption }: Table): string {
  const widths = columns.map((column, j) =>
    Math.max(column.length, ...cells.map((row) => row[j]!.text.length)),
  );
  const line = (texts: readonly string[], right: readonly boolean[]): string =>
    texts
      .map((text, j) => (right[j] ? text.padStart(widths[j]!) : text.padEnd(widths[j]!)))
      .join("  ")
      .trimEnd();
  const sides = cells[0]!.map(({ right }) => right);
  const lines = [
    ...(caption === undefined ? [] : [caption]),
    line(columns, sides),
    ...cells.map((row) =>
      line(
        row.map(({ text }) => text),
        row.map(({ right }) => right),
      ),
    ),
  ];
  return lines.join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
