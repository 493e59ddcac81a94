import { type CellHost, CellView } from "./cellView.js";
import { button, make } from "./elements.js";

/** A cell in which nothing is written yet. */
const EMPTY = {
  source: "",
  compiled: { javascript: "", sourceMap: '{"version":3,"sources":[],"names":[],"mappings":""}', names: [] },
};

/** The cells that the reader has added, where the page has room for them: behind each exercise. */
export class OwnCells {
  readonly #cells: readonly HTMLElement[];
  readonly #host: CellHost;
  readonly #add: (cell: CellView) => void;
  readonly #places = new Map<string, HTMLElement>();
  /** How many were added behind each cell of the notebook. */
  readonly #counts = new Map<number, number>();

  /** @param cells the notebook's code cells @param add called with each cell that is added */
  constructor(cells: readonly HTMLElement[], host: CellHost, add: (cell: CellView) => void) {
    this.#cells = cells;
    this.#host = host;
    this.#add = add;
    for (const place of document.querySelectorAll<HTMLElement>(".own-cells")) {
      const after = place.dataset["after"]!;
      this.#places.set(after, place);
      place.replaceChildren(
        button("Add a cell here", () => {
          this.#make(after, this.#freeId(after)).editor.focus();
        }),
      );
    }
  }

  /** Adds those that were there when the page was left. */
  take(ids: readonly string[]): void {
    for (const id of [...ids].sort()) {
      const after = /^own-(.+)-\d+$/.exec(id)?.[1];
      if (after !== undefined && this.#places.has(after)) {
        this.#make(after, id);
      }
    }
  }

  /** An id that a notebook may have. */
  #freeId(after: string): string {
    const ids = [...this.#places.get(after)!.children].map((child) => (child as HTMLElement).dataset["id"]);
    const isTaken = (number: number): boolean => ids.includes(`own-${after}-${number}`);
    let number = 1;
    while (isTaken(number)) {
      number++;
    }
    return `own-${after}-${number}`;
  }

  #make(after: string, id: string): CellView {
    const place = this.#places.get(after)!;
    const element = make(
      "div",
      { className: "cell docutils container" },
      make("div", { className: "cell_input docutils container" }),
    );
    element.dataset["id"] = id;
    place.lastElementChild!.before(element);
    const before = this.#cells.filter(
      (cell) => cell.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING,
    ).length;
    const count = (this.#counts.get(before) ?? 0) + 1;
    this.#counts.set(before, count);
    const cell = new CellView(element, { ...EMPTY, id, after }, `${before}.${count}`, this.#host);
    this.#add(cell);
    return cell;
  }
}
