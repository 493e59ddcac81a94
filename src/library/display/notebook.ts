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

/** The part of tslab that a running kernel fills in. It is read at each call. */
interface TslabJupyter {
  readonly lastWriteDisplayData: DisplayWriter | null;
}

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

/** tslab itself, wherever it is installed: the one that runs in this process is among the loaded modules. */
const TSLAB = /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/;

function writer(): DisplayWriter | undefined {
  if (connected) {
    return connected;
  }
  const path = Object.keys(require.cache).find((loaded) => TSLAB.test(loaded));
  const tslab = path === undefined ? undefined : (require.cache[path]?.exports as TslabJupyter | undefined);
  return tslab?.lastWriteDisplayData ?? undefined;
}
