import { button, make } from "./elements.js";

/** What the bar's buttons do. */
export interface BarHost {
  runAll(): void;
  stop(): void;
  startAnew(): void;
  download(): void;
  restore(): void;
}

/** The bar of a lesson that can be run: it stays in sight. */
export class Bar {
  readonly #status = make("span", { className: "run-note" });
  readonly #compiler = make("span", { className: "run-note" });
  readonly #stop: HTMLButtonElement;

  constructor(place: HTMLElement, host: BarHost) {
    const runAll = button("Run all", () => {
      host.runAll();
    });
    this.#stop = button("Stop", () => {
      host.stop();
    });
    this.#stop.disabled = true;
    const rest = [
      button("Start anew", () => {
        host.startAnew();
      }),
      button("Download as notebook", () => {
        host.download();
      }),
      button("Back to the stored version", () => {
        host.restore();
      }),
    ];
    this.#status.setAttribute("role", "status");
    this.#compiler.setAttribute("role", "status");
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", "Run this lesson");
    const buttons = make("div", { className: "run-buttons" }, runAll, this.#stop, ...rest);
    place.replaceChildren(buttons, this.#status, this.#compiler);
    place.classList.add("running");
    runAll.focus({ preventScroll: true });
  }

  set isBusy(isBusy: boolean) {
    this.#stop.disabled = !isBusy;
  }

  /** Says how far the compiler is; this stays beside what else is said. */
  tellCompiler(text: string): void {
    this.#compiler.textContent = text;
  }

  /** Says something; a screen reader reads it out. */
  say(text: string): void {
    this.#status.textContent = text;
  }
}
