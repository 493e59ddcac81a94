import { tslabWriter } from "./tslabNode.js";

/** Values by MIME type. Binary ones are base64 strings, JSON ones plain objects. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Content of a Jupyter `display_data` message. */
export interface DisplayContent extends Readonly<Record<string, unknown>> {
  readonly data: MimeBundle;
  readonly metadata: MimeBundle;
  readonly transient: { readonly display_id?: string };
}

/** Puts a display out, or with `update` replaces the one with the same id. */
export type DisplayWriter = (content: DisplayContent, update: boolean) => void;

let connected: DisplayWriter | undefined;

/** Says where displays go, in place of the tslab that runs in this process. Undefined: there again. */
export function connectDisplay(writer: DisplayWriter | undefined): void {
  connected = writer;
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

function writer(): DisplayWriter | undefined {
  return connected ?? tslabWriter();
}
