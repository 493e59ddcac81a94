/// <reference lib="dom" />

const fetched = new Map<string, ArrayBuffer>();

/**
 * Bytes of a file that lies beside the script of this worker. It waits for them, as reading a file in Node does, which only a
 * worker may.
 *
 * @throws Error if the file does not come.
 */
export function fetchNow(path: string): ArrayBuffer {
  const known = fetched.get(path);
  if (known) {
    return known;
  }
  const request = new XMLHttpRequest();
  request.open("GET", new URL(path, globalThis.location.href), false);
  request.responseType = "arraybuffer";
  try {
    request.send();
  } catch {
    throw new Error(`${path} could not be loaded: there is no network`);
  }
  if (request.status !== 200) {
    throw new Error(`${path} could not be loaded: ${request.status} ${request.statusText}`);
  }
  const bytes = request.response as ArrayBuffer;
  fetched.set(path, bytes);
  return bytes;
}
