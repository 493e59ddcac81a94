/** Live figures: networks are trained in the page, and drawn while they train, when the reader moves a control. */
import type { LiveDrawing, LivePicture } from "../live.js";
import { LEARNED } from "../live.js";
import type { Message, Request } from "../protocol.js";
import { button, make } from "./elements.js";
import { drawFrame, makeFrame, setFigure } from "./figureFrame.js";
import { LiveControls } from "./liveControls.js";
import { fitted } from "./liveLayout.js";
import { isOfNetworks, type LiveState, outcomeText, START } from "./liveState.js";
import { beside, loadPlotly } from "./plotly.js";

/** Makes the controls of each live figure. Nothing is loaded before one is used. */
export function makeLiveFigures(): void {
  document.querySelectorAll<HTMLElement>(".live").forEach((place) => new LiveFigure(place));
}

class LiveFigure {
  readonly #place: HTMLElement;
  readonly #start: LiveState;
  readonly #controls: LiveControls;
  readonly #step = make("span", { className: "live-step" });
  /** A screen reader reads it out: it says how a training ended, not how far it is. */
  readonly #status = make("span", { role: "status" });
  readonly #run = button("Train", () => {
    this.#toggle();
  });
  readonly #gradient = makeFrame("");
  readonly #loss = makeFrame("");
  #state: LiveState;
  #worker: Worker | undefined;
  #request = 0;
  #isTraining = false;
  #picture: LivePicture | undefined;
  /** Of which training the picture is. */
  #drawn = 0;
  #isDrawing = false;
  #isStale = false;

  constructor(place: HTMLElement) {
    this.#place = place;
    this.#start = { ...START, ...(JSON.parse(place.dataset["live"] ?? "{}") as Partial<LiveState>) };
    this.#state = this.#start;
    this.#controls = new LiveControls((change) => {
      this.#change(change);
    });
    this.#controls.show(this.#state);
    const { epochs, optimizer } = this.#start;
    const note = `Eight networks of each kind, ten units a layer, learn to tell the Iris flowers apart: ${epochs} epochs of ${optimizer === "sgd" ? "SGD" : "Adam"}, 20 flowers a step. “Learned”: at least ${100 * LEARNED} % of the training flowers named in the last epoch. Lines are medians, bands quartiles.`;
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
      make("p", { className: "live-note", textContent: note }),
    );
    place.append(group);
    place.classList.add("ready");
    // A mouse that goes down on a control moves it next.
    group.addEventListener("pointerdown", ({ pointerType }) => {
      if (pointerType === "mouse") {
        this.#load();
      }
    });
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    if (isOfNetworks(change) || !this.#picture) {
      this.#train();
    } else {
      void this.#draw();
    }
  }

  #toggle(): void {
    if (this.#isTraining) {
      this.#post({ type: "stop" });
      const isOf = this.#drawn === this.#request;
      this.#end(isOf ? outcomeText(this.#picture!, this.#state) : "Stopped before the first step.");
    } else {
      this.#train();
    }
  }

  #train(): void {
    this.#isTraining = true;
    this.#run.textContent = "Stop";
    this.#status.textContent = "";
    if (!this.#picture) {
      this.#step.textContent = "Loading …";
    }
    this.#post({ type: "live", request: ++this.#request, settings: this.#state });
  }

  #end(text: string): void {
    this.#isTraining = false;
    // What is under way comes to nothing.
    this.#request++;
    this.#run.textContent = "Train";
    this.#status.textContent = text;
  }

  /** What a picture needs. */
  #load(): Worker {
    loadPlotly().catch(() => {
      this.#end("What draws could not be loaded. Try again when there is a network.");
    });
    if (!this.#worker) {
      this.#worker = new Worker(beside("browser/worker.js"), { type: "module" });
      this.#worker.onmessage = ({ data }: MessageEvent<Message>) => {
        this.#hear(data);
      };
      this.#worker.onerror = () => {
        this.#worker = undefined;
        this.#end("What trains networks could not be loaded. Try again when there is a network.");
      };
    }
    return this.#worker;
  }

  #post(request: Request): void {
    this.#load().postMessage(request);
  }

  #hear(message: Message): void {
    if (!("request" in message) || message.request !== this.#request) {
      return;
    }
    if (message.type === "live") {
      this.#picture = message.picture;
      this.#drawn = message.request;
      const { step, steps, isEnd } = message.picture;
      this.#step.textContent = `${Math.round(step)} of ${steps} steps.`;
      if (isEnd) {
        this.#end(outcomeText(message.picture, this.#state));
      }
      void this.#draw();
    } else if (message.type === "liveFailed") {
      this.#end(`These networks can't be trained: ${message.reason}.`);
    }
  }

  /** Draws the picture that came last. Those that come while one is drawn are left out, but for the last. */
  async #draw(): Promise<void> {
    this.#isStale = true;
    if (this.#isDrawing) {
      return;
    }
    this.#isDrawing = true;
    await loadPlotly();
    this.#showFrames();
    while (this.#isStale) {
      this.#isStale = false;
      const { gradients, loss } = this.#picture!;
      const training = this.#drawn;
      const { at, of } = this.#state;
      await Promise.all([put(this.#gradient, gradients[at][of], 420), put(this.#loss, loss, 300)]);
      this.#place.dataset["training"] = String(training);
    }
    this.#isDrawing = false;
  }

  /** The gradient takes the place of the stored picture, if one is in this figure. */
  #showFrames(): void {
    if (this.#gradient.isConnected) {
      return;
    }
    const stored = this.#place.querySelector<HTMLElement>(".live-stored");
    if (stored) {
      stored.hidden = true;
      stored.before(this.#gradient);
    } else {
      this.#place.append(this.#gradient);
    }
    this.#place.append(this.#loss);
  }
}

async function put(frame: HTMLElement, drawing: LiveDrawing, height: number): Promise<void> {
  frame.dataset["alt"] = drawing.alt;
  setFigure(frame, fitted(drawing, frame.parentElement!.clientWidth, height));
  await drawFrame(frame);
}
