import type { CellView } from "./cellView.js";
import type { Tools } from "./page.js";

/** What is used of a notebook (nbformat 4). */
interface Notebook {
  cells: {
    readonly id: string;
    readonly cell_type: string;
    readonly metadata: object;
    source: string | readonly string[];
    outputs?: unknown[];
    execution_count?: number | null;
  }[];
}

/** Downloads the stored notebook with what was changed and put out here. */
export async function downloadNotebook(
  name: string,
  cells: readonly CellView[],
  tools: Tools,
): Promise<void> {
  const response = await fetch(new URL(name, document.baseURI));
  const notebook = (await response.json()) as Notebook;
  const filled = cells.filter(({ isOwn, source }) => !isOwn || source !== "");
  // Of several added cells in one place, the last is put there first.
  for (const { stored } of filled.filter(({ isOwn }) => isOwn).reverse()) {
    const place = notebook.cells.findIndex(({ id }) => id === stored.after);
    const added = {
      cell_type: "code",
      id: stored.id,
      metadata: {},
      source: "",
      execution_count: null,
      outputs: [],
    };
    notebook.cells.splice(place + 1, 0, added);
  }
  for (const view of filled) {
    const cell = notebook.cells.find(({ id }) => id === view.stored.id)!;
    if (view.source !== view.stored.source) {
      cell.source = view.source;
    }
    if (view.count !== undefined) {
      cell.execution_count = view.count;
      cell.outputs = await Promise.all(view.outputs.outputs.map((shown) => stored(shown, tools)));
    } else if (view.isChanged) {
      // What stands below it is not what this code puts out.
      cell.execution_count = null;
      cell.outputs = [];
    }
  }
  const blob = new Blob([JSON.stringify(notebook, null, 1), "\n"], { type: "application/x-ipynb+json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

/** An output as a notebook stores it: a figure has its picture with it. */
async function stored(
  { output, element }: CellView["outputs"]["outputs"][number],
  { figureOf, loadPlotly }: Tools,
): Promise<unknown> {
  const frame = element.querySelector<HTMLElement>(".figure");
  const figure = frame && figureOf(frame);
  if (!figure || !("data" in output)) {
    return output;
  }
  try {
    const { width, height } = figure.layout;
    const url = await (await loadPlotly()).toImage(structuredClone(figure), { format: "png", width, height });
    return { ...output, data: { ...output.data, "image/png": url.slice(url.indexOf(",") + 1) } };
  } catch {
    // It is interactive without its picture, too.
    return output;
  }
}
