import type { Message, Output } from "../protocol.js";

/** How much a cell can print, in characters, and how long text is gathered, in milliseconds. */
const LIMIT = 2_000_000;
const GATHERED = 50;

type StreamName = "stdout" | "stderr";

/** Where the outputs of a cell go. What is printed is gathered for a moment: a message for each line would be slow. */
export class Outputs {
  readonly #id: string;
  readonly #post: (message: Message) => void;
  #name: StreamName = "stdout";
  #text = "";
  #printed = 0;
  #flushed = 0;
  #timer: number | undefined;

  constructor(id: string, post: (message: Message) => void) {
    this.#id = id;
    this.#post = post;
  }

  print(name: StreamName, text: string): void {
    if (this.#printed > LIMIT) {
      return;
    }
    this.#printed += text.length;
    if (name !== this.#name) {
      this.flush();
      this.#name = name;
    }
    this.#text += text;
    if (this.#printed > LIMIT) {
      this.#text += `\nThis cell printed more than ${LIMIT.toLocaleString("en")} characters. The rest is not shown.\n`;
    }
    if (Date.now() - this.#flushed > GATHERED) {
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, GATHERED) as unknown as number;
    }
  }

  show(output: Output, displayId?: string, update?: boolean): void {
    this.flush();
    this.#post({
      type: "output",
      id: this.#id,
      output,
      ...(displayId !== undefined && { displayId }),
      ...(update && { update }),
    });
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = Date.now();
    const text = this.#text;
    this.#text = "";
    if (text !== "") {
      this.#post({ type: "output", id: this.#id, output: { output_type: "stream", name: this.#name, text } });
    }
  }
}
