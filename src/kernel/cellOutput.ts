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

let output: Omit<CellOutput, "display"> | undefined;

/** Called by the kernel: from now on, output goes there. */
export function connectOutput(to: Omit<CellOutput, "display">): void {
  output = to;
}

/** Removes the cell's output so far; with `wait`, only when the next output comes. Does nothing outside of a notebook. */
export function clearOutput(wait = false): void {
  output?.clear(wait);
}

/** Shows a text in the front end's pager, where it has one. Does nothing outside of a notebook. */
export function showInPager(text: string): void {
  output?.page({ "text/plain": text });
}
