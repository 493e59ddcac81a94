import type { PageCompiler } from "../compiler/compiler.js";
import type { Message } from "../protocol.js";

const FILES = ["compiler.js", "types.json"] as const;

/** Loads the compiler, which is large, when it is wanted first, and tells how far it is. */
export class CompilerLoader {
  readonly #post: (message: Message) => void;
  #loading: Promise<PageCompiler> | undefined;
  loaded: PageCompiler | undefined;

  constructor(post: (message: Message) => void) {
    this.#post = post;
  }

  /** @throws Error if it does not come. Then the next call tries again. */
  load(): Promise<PageCompiler> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.#post({ type: "compiler", state: "failed", reason });
      throw new Error(
        `The compiler could not be loaded (${reason}), and this cell was changed: it can't run without.`,
      );
    });
    return this.#loading;
  }

  async #load(): Promise<PageCompiler> {
    const sizes = (await (await get("sizes.json")).json()) as Record<string, number>;
    const of = FILES.reduce((sum, name) => sum + sizes[name]!, 0);
    let bytes = 0;
    const [code, types] = await Promise.all(
      FILES.map(async (name) => {
        const chunks: Uint8Array<ArrayBuffer>[] = [];
        const reader = (await get(name)).body!.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          chunks.push(part.value);
          bytes += part.value.length;
          this.#post({ type: "compiler", state: "loading", bytes, of });
        }
        return new Blob(chunks, { type: "text/javascript" });
      }),
    );
    // From memory: the network may be gone by now.
    const url = URL.createObjectURL(code!);
    const module = (await import(url)) as { PageCompiler: typeof PageCompiler };
    URL.revokeObjectURL(url);
    this.loaded = new module.PageCompiler(JSON.parse(await types!.text()) as Record<string, string>);
    this.#post({ type: "compiler", state: "ready" });
    return this.loaded;
  }
}

/** A file beside the worker. */
async function get(name: string): Promise<Response> {
  const response = await fetch(new URL(name, globalThis.location.href)).catch(() => {
    throw new Error("there is no network");
  });
  if (!response.ok) {
    throw new Error(`${name}: ${response.status} ${response.statusText}`);
  }
  return response;
}
