/** Values by MIME type. Binary ones are base64 strings, JSON ones plain objects. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** What a cell can put out, beside text. */
export interface CellOutput {
  /** Content of a `display_data` message, or of an `update_display_data` message. */
  display(content: DisplayContent, update: boolean): void;
  clear(wait: boolean): void;
  page(data: MimeBundle): void;
}

interface DisplayContent extends Readonly<Record<string, unknown>> {
  readonly data: MimeBundle;
  readonly metadata: MimeBundle;
  readonly transient: { readonly display_id?: string };
}

interface TslabJupyter {
  readonly lastWriteDisplayData: CellOutput["display"] | null;
}

let output: CellOutput | undefined;

/** Called by the kernel: from now on, output goes there. */
export function connectOutput(to: CellOutput): void {
  output = to;
}

/** Whether this code runs in a notebook, so that what is displayed is seen. */
export function inNotebook(): boolean {
  return writer() !== undefined;
}

/**
 * Displays one thing in several formats; the front end picks one. With `displayId`, it can be replaced later, in place, by
 * a call with the same id and `update`. Does nothing outside of a notebook.
 */
export function displayBundle(
  data: MimeBundle,
  options: { readonly displayId?: string; readonly update?: boolean; readonly metadata?: MimeBundle } = {},
): void {
  const { displayId, update = false, metadata = {} } = options;
  const transient = displayId === undefined ? {} : { display_id: displayId };
  writer()?.({ data, metadata, transient }, update);
}

/** Removes the cell's output so far; with `wait`, only when the next output comes. Does nothing outside of a notebook. */
export function clearOutput(wait = false): void {
  output?.clear(wait);
}

/** Shows a text in the front end's pager, where it has one. Does nothing outside of a notebook. */
export function showInPager(text: string): void {
  output?.page({ "text/plain": text });
}

/** Where displays go: our kernel, or a stock tslab, which is not loaded if it does not run. */
function writer(): CellOutput["display"] | undefined {
  if (output) {
    return output.display.bind(output);
  }
  const tslab = require.cache[require.resolve("tslab/dist/jupyter")]?.exports as TslabJupyter | undefined;
  return tslab?.lastWriteDisplayData ?? undefined;
}
