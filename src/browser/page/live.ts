/** Live figures: networks train in the page, and are drawn while they train, when the reader moves a control. */
import { LEARNED, type LivePicture } from "../live.js";
import { button, make } from "./elements.js";
import { LiveControls } from "./liveControls.js";
import { LiveFrames } from "./liveFrames.js";
import { isOfNetworks, type LiveState, outcomeText, START } from "./liveState.js";
import { LiveTrainer } from "./liveTrainer.js";

/** Makes the controls of each live figure. Nothing is loaded before one is used. */
export function makeLiveFigures(): void {
  document.querySelectorAll<HTMLElement>(".live").forEach((place) => new LiveFigure(place));
}

class LiveFigure {
  readonly #start: LiveState;
  readonly #controls = new LiveControls((change) => {
    this.#change(change);
  });
  readonly #frames: LiveFrames;
  readonly #trainer = new LiveTrainer({
    hearPicture: (picture, training) => {
      this.#take(picture, training);
    },
    hearFailure: (reason) => {
      this.#end(reason);
    },
  });
  readonly #run = button("Train", () => {
    this.#toggle();
  });
  readonly #step = make("span");
  /** A screen reader reads it out: it says how a training ended, not how far it is. */
  readonly #status = make("span", { role: "status" });
  #state: LiveState;
  #training = 0;
  #latest: { readonly picture: LivePicture; readonly training: number } | undefined;

  constructor(place: HTMLElement) {
    this.#start = { ...START, ...(JSON.parse(place.dataset["live"] ?? "{}") as Partial<LiveState>) };
    this.#state = this.#start;
    this.#controls.show(this.#state);
    this.#frames = new LiveFrames(place);
    this.#step.className = "live-step";
    const back = button("Back to the start settings", () => {
      this.#controls.show(this.#start);
      this.#change(this.#start);
    });
    const group = make(
      "fieldset",
      {},
      make("legend", { textContent: "Try it: the networks train in this page" }),
      this.#controls.element,
      make("p", { className: "live-bar" }, this.#run, back, this.#step, this.#status),
      make("p", { className: "live-note", textContent: noteOf(this.#start) }),
    );
    // Where a mouse goes down, a control is moved next.
    group.addEventListener("pointerdown", ({ pointerType }) => {
      if (pointerType === "mouse") {
        this.#trainer.load();
      }
    });
    place.append(group);
    place.classList.add("ready");
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    if (isOfNetworks(change) || !this.#latest) {
      this.#train();
    } else {
      this.#draw();
    }
  }

  #toggle(): void {
    if (!this.#trainer.isTraining) {
      this.#train();
      return;
    }
    this.#trainer.stop();
    const { picture, training } = this.#latest ?? {};
    this.#end(
      picture && training === this.#training
        ? outcomeText(picture, this.#state)
        : "Stopped before the first step.",
    );
  }

  #train(): void {
    this.#run.textContent = "Stop";
    this.#status.textContent = "";
    if (!this.#latest) {
      this.#step.textContent = "Loading …";
    }
    this.#training = this.#trainer.train(this.#state);
  }

  #take(picture: LivePicture, training: number): void {
    this.#latest = { picture, training };
    this.#step.textContent = `${Math.round(picture.step)} of ${picture.steps} steps.`;
    if (picture.isEnd) {
      this.#end(outcomeText(picture, this.#state));
    }
    this.#draw();
  }

  #end(text: string): void {
    this.#run.textContent = "Train";
    if (!this.#latest) {
      this.#step.textContent = "";
    }
    this.#status.textContent = text;
  }

  #draw(): void {
    // What could not be loaded has been told.
    this.#frames.draw({ ...this.#latest!, view: this.#state }).catch(console.warn);
  }
}

/** What all trainings of a figure have in common. */
function noteOf({ epochs, optimizer }: LiveState): string {
  const name = { sgd: "SGD", adam: "Adam" }[optimizer];
  return [
    "Eight networks of each kind, ten units a layer, learn to tell the Iris flowers apart:",
    `${epochs} epochs of ${name}, 20 flowers a step.`,
    `“Learned”: at least ${100 * LEARNED} % of the training flowers named in the last epoch.`,
    "Lines are medians, bands quartiles.",
  ].join(" ");
}
