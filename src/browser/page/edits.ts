/** A changed cell: what it was changed from, and to. */
interface Edit {
  readonly stored: string;
  readonly source: string;
}

type Edits = Record<string, Edit>;

/** What the reader has changed on this page, kept by the browser. */
export class EditStore {
  readonly #key = `vanishing-gradients ${location.pathname}`;
  /** The keeper may be full or forbidden: then edits last as long as the page. */
  #edits: Edits = {};

  constructor() {
    this.#edits = this.#read();
  }

  /** The edit of a cell. Undefined if there is none; `isOld` if the stored cell is another one by now. */
  of(id: string, stored: string): { readonly source: string; readonly isOld: boolean } | undefined {
    const edit = this.#edits[id];
    return edit && { source: edit.source, isOld: edit.stored !== stored };
  }

  /** The cells that were changed. */
  get ids(): readonly string[] {
    return Object.keys(this.#edits);
  }

  /** Remembers a cell's text; one that is as it is stored is forgotten. */
  set(id: string, stored: string, source: string): void {
    // Another tab may have written meanwhile.
    this.#edits = this.#read();
    const others = Object.fromEntries(Object.entries(this.#edits).filter(([other]) => other !== id));
    this.#edits = source === stored ? others : { ...others, [id]: { stored, source } };
    this.#write();
  }

  clear(): void {
    this.#edits = {};
    this.#write();
  }

  /** Calls a function when another tab has changed this page's edits. */
  onOtherTab(changed: () => void): void {
    addEventListener("storage", ({ key }) => {
      if (key === this.#key) {
        this.#edits = this.#read();
        changed();
      }
    });
  }

  #read(): Edits {
    try {
      const text = localStorage.getItem(this.#key);
      return text === null ? {} : (JSON.parse(text) as Edits);
    } catch {
      return this.#edits;
    }
  }

  #write(): void {
    try {
      if (Object.keys(this.#edits).length === 0) {
        localStorage.removeItem(this.#key);
      } else {
        localStorage.setItem(this.#key, JSON.stringify(this.#edits));
      }
    } catch {
      // It lasts as long as the page.
    }
  }
}
