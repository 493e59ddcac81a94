import type { LiveDrawing, LivePicture } from "../live.js";
import { drawFrame, makeFrame, setFigure } from "./figureFrame.js";
import { fitted } from "./liveLayout.js";
import type { LiveState } from "./liveState.js";
import { loadForLines } from "./plotly.js";

/** Heights in pixels. */
const HEIGHT = { gradient: 420, loss: 300 };

/** What is drawn: of which training, and what is shown of it. */
interface Shown {
  readonly picture: LivePicture;
  readonly training: number;
  readonly view: Pick<LiveState, "at" | "of">;
}

/** The two figures of a live figure. They are there from the first picture on. */
export class LiveFrames {
  readonly #place: HTMLElement;
  readonly #gradient = makeFrame("", loadForLines);
  readonly #loss = makeFrame("", loadForLines);
  #next: Shown | undefined;
  #isDrawing = false;

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  /** Draws a picture. Those that come while one is drawn are left out, but for the last. */
  async draw(shown: Shown): Promise<void> {
    this.#next = shown;
    if (this.#isDrawing) {
      return;
    }
    this.#isDrawing = true;
    try {
      await loadForLines();
      this.#show();
      for (let now: Shown | undefined = shown; now; now = this.#next) {
        this.#next = undefined;
        const { picture, training, view } = now;
        await put(this.#gradient, picture.gradients[view.at][view.of], HEIGHT.gradient);
        await put(this.#loss, picture.loss, HEIGHT.loss);
        this.#place.dataset["training"] = String(training);
      }
    } finally {
      this.#isDrawing = false;
    }
  }

  /** The gradient takes the place of the stored picture, if one is in this figure. */
  #show(): void {
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
