import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, resolve } from "node:path";

export interface Place {
  readonly file: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** Finds where a place in compiled code comes from: in a cell, in a module beside the notebook, or in a package. */
export class SourceMaps {
  readonly #maps = new Map<string, SourceMap | string | undefined>();

  /** @param json the source map of the code that is run under this name */
  add(name: string, json: string): void {
    this.#maps.set(name, json);
  }

  /** The place in the source; undefined if there is a source map, and nothing in the source belongs to the place. */
  locate(place: Place): Place | undefined {
    const map = this.#find(place.file);
    if (!map) {
      return place;
    }
    const entry = map.findEntry(place.line - 1, place.column - 1);
    if (!("originalSource" in entry)) {
      return undefined;
    }
    const file = this.isCell(place.file) ? place.file : resolve(dirname(place.file), entry.originalSource);
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  isCell(name: string): boolean {
    return /^cell-\d+$/.test(name);
  }

  #find(name: string): SourceMap | undefined {
    let map = this.#maps.get(name);
    if (map === undefined && !this.#maps.has(name) && !name.includes("node_modules")) {
      const file = `${name}.map`;
      map = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      this.#maps.set(name, map);
    }
    if (typeof map === "string") {
      map = new SourceMap(JSON.parse(map) as SourceMapPayload);
      this.#maps.set(name, map);
    }
    return map;
  }
}
