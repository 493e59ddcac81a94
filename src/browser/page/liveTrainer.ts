import type { LivePicture, LiveSettings } from "../live.js";
import type { Message, Request } from "../protocol.js";
import { beside, loadForLines } from "./plotly.js";

const TRY_AGAIN = "could not be loaded. Try again when there is a network.";

/** What a live figure hears of its trainings. */
export interface TrainerHost {
  hearPicture(picture: LivePicture, training: number): void;
  /** Nothing more comes of this training, for a reason that is a sentence. */
  hearFailure(reason: string): void;
}

/** The page's side of the worker that trains for a live figure. It starts when it is needed first. */
export class LiveTrainer {
  readonly #host: TrainerHost;
  #worker: Worker | undefined;
  /** Counts the trainings. */
  #training = 0;
  #isTraining = false;

  constructor(host: TrainerHost) {
    this.#host = host;
  }

  get isTraining(): boolean {
    return this.#isTraining;
  }

  /** Loads what a picture needs. */
  load(): Worker {
    loadForLines().catch(() => {
      this.#fail(`What draws figures ${TRY_AGAIN}`);
    });
    this.#worker ??= this.#startWorker();
    return this.#worker;
  }

  /** Trains these networks, in the place of those that train. Gives the training's number. */
  train(settings: LiveSettings): number {
    this.#isTraining = true;
    this.#training++;
    this.#post({ type: "live", request: this.#training, settings });
    return this.#training;
  }

  stop(): void {
    this.#isTraining = false;
    this.#post({ type: "stop" });
  }

  #startWorker(): Worker {
    const worker = new Worker(beside("browser/worker.js"), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      this.#hear(data);
    };
    worker.onerror = () => {
      worker.terminate();
      this.#worker = undefined;
      this.#fail(`What trains networks ${TRY_AGAIN}`);
    };
    return worker;
  }

  #post(request: Request): void {
    this.load().postMessage(request);
  }

  #fail(reason: string): void {
    this.#isTraining = false;
    this.#host.hearFailure(reason);
  }

  #hear(message: Message): void {
    const isCurrent = "request" in message && message.request === this.#training && this.#isTraining;
    if (isCurrent && message.type === "live") {
      this.#isTraining = !message.picture.isEnd;
      this.#host.hearPicture(message.picture, message.request);
    } else if (isCurrent && message.type === "liveFailed") {
      this.#fail(`These networks can't be trained: ${message.reason}.`);
    }
  }
}
