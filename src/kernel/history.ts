import type { Content } from "./message.js";

/** The kernel has one session of history: its own. Nothing is kept after it ends. */
const session = 1;

interface Entry {
  readonly count: number;
  readonly source: string;
  readonly output: string | null;
}

/** The cells that were run, for `history_request`. */
export class History {
  readonly #entries: Entry[] = [];

  add(count: number, source: string, output: string | undefined): void {
    this.#entries.push({ count, source, output: output ?? null });
  }

  /** Content of a `history_reply`. */
  reply(request: Content): Content {
    const withOutput = request["output"] === true;
    const history = this.#select(request).map(({ count, source, output }) => [
      session,
      count,
      withOutput ? [source, output] : source,
    ]);
    return { status: "ok", history };
  }

  #select(request: Content): readonly Entry[] {
    const { start, stop, n, pattern, unique } = request;
    const last = typeof n === "number" ? n : Infinity;
    switch (request["hist_access_type"]) {
      case "tail":
        return takeLast(this.#entries, last);
      case "range": {
        const from = typeof start === "number" ? start : 0;
        const to = typeof stop === "number" ? stop : Infinity;
        return this.#entries.filter(({ count }) => count >= from && count < to);
      }
      case "search": {
        const matcher = globToRegExp(typeof pattern === "string" ? pattern : "*");
        const found = this.#entries.filter(({ source }) => matcher.test(source));
        return takeLast(unique === true ? latestOfEach(found) : found, last);
      }
      default:
        return [];
    }
  }
}

function takeLast<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}

function latestOfEach(entries: readonly Entry[]): readonly Entry[] {
  const latest = new Map(entries.map((entry) => [entry.source, entry]));
  return entries.filter((entry) => latest.get(entry.source) === entry);
}

/** Jupyter's search patterns know `*` (anything) and `?` (one character). */
function globToRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "s");
}
