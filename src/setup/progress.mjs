/**
 * Shows what goes on: one line a step, which moves on a terminal and does not in a log.
 * @module
 */
import { Interrupted } from "./messages.mjs";

/** @typedef {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} Output */

/** @param {number} milliseconds */
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;

export class Progress {
  /** @param {Output} output */
  constructor(output) {
    this.output = output;
    this.detail = "";
  }

  /**
   * Shows a step from its start to its end.
   * @param {string} title
   * @param {(report: (detail: string) => void) => Promise<void>} work
   */
  async show(title, work) {
    const start = Date.now();
    this.detail = "";
    if (!this.#moves) this.output.write(`${title} ...\n`);
    const draw = () => {
      this.#draw(`${title} ... ${seconds(Date.now() - start)}${this.detail && `, ${this.detail}`}`);
    };
    const timer = this.#moves ? setInterval(draw, 200) : undefined;
    try {
      await work((detail) => {
        this.detail = detail;
      });
      this.#end(`${title}: ready after ${seconds(Date.now() - start)}`);
    } catch (error) {
      const how = error instanceof Interrupted ? "stopped" : "failed";
      this.#end(`${title}: ${how} after ${seconds(Date.now() - start)}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  get #moves() {
    return this.output.isTTY === true;
  }

  /** @param {string} text */
  #draw(text) {
    // Some terminals say that they have no columns.
    const columns = Math.max(this.output.columns ?? 80, 40);
    this.output.write(`\r\x1b[2K${text.slice(0, columns - 1)}`);
  }

  /** @param {string} text */
  #end(text) {
    if (this.#moves) this.#draw(text);
    else this.output.write(`  ${text}`);
    this.output.write("\n");
  }
}
