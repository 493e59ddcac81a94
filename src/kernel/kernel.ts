import { Cell, runInCell, type Publish } from "./cell.js";
import { History } from "./history.js";
import type { Language } from "./language.js";
import type { Content, Request } from "./message.js";
import type { Runner } from "./runner.js";

/** Answers Jupyter's requests. */
export class Kernel {
  readonly #runner: Runner;
  readonly #publish: Publish;
  readonly #history = new History();
  readonly #answers: Readonly<Record<string, (content: Content, request: Request) => Content | undefined>>;
  #count = 0;

  constructor(runner: Runner, language: Language, publish: Publish) {
    this.#runner = runner;
    this.#publish = publish;
    this.#answers = {
      kernel_info_request: () => {
        // The reader has yet to run a first cell.
        setTimeout(() => {
          language.warmUp();
        }, 10);
        return language.kernelInfo();
      },
      is_complete_request: (content) => language.isComplete(content),
      complete_request: (content) => language.complete(content),
      inspect_request: (content) => language.inspect(content),
      history_request: (content) => this.#history.reply(content),
      comm_info_request: () => ({ status: "ok", comms: {} }),
      comm_open: ({ comm_id }, request) => {
        // There are no comms of any kind here, and the protocol asks to say so.
        this.#publish("comm_close", { comm_id, data: {} }, request);
        return undefined;
      },
      shutdown_request: ({ restart }) => ({ status: "ok", restart: restart === true }),
      interrupt_request: () => {
        process.emit("SIGINT");
        return { status: "ok" };
      },
    };
  }

  /** The content of the reply to a request; undefined if there is none to requests of this type. */
  async answer(request: Request): Promise<Content | undefined> {
    const { msg_type } = request.header;
    if (msg_type === "execute_request") {
      return this.#execute(request);
    }
    return this.#answers[msg_type]?.(request.content, request);
  }

  async #execute(request: Request): Promise<Content> {
    const { content } = request;
    const source = String(content["code"]);
    const silent = content["silent"] === true;
    const stored = !silent && content["store_history"] !== false;
    if (stored) {
      this.#count++;
    }
    const count = this.#count;
    const cell = new Cell(request, silent, this.#publish);
    cell.send("execute_input", { code: source, execution_count: count });
    const title = stored ? `cell [${count}]` : "code outside of the notebook's cells";
    const outcome = await runInCell(cell, () => this.#runner.run(source, title));
    if (stored) {
      this.#history.add(count, source, outcome.status === "ok" ? outcome.result : undefined);
    }
    if (outcome.status === "error") {
      cell.fail(outcome.report);
      return { status: "error", execution_count: count, ...outcome.report };
    }
    if (outcome.result !== undefined) {
      cell.send("execute_result", { execution_count: count, ...textBundle(outcome.result) });
    }
    const expressions = content["user_expressions"] ?? {};
    const user_expressions = await runInCell(cell, () => this.#evaluate(expressions));
    return { status: "ok", execution_count: count, payload: cell.payload, user_expressions };
  }

  async #evaluate(expressions: object): Promise<Content> {
    const results: Record<string, Content> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      const outcome = await this.#runner.run(String(expression), `user expression "${name}"`);
      results[name] =
        outcome.status === "ok"
          ? { status: "ok", ...textBundle(outcome.result ?? "undefined") }
          : { status: "error", ...outcome.report };
    }
    return results;
  }
}

function textBundle(text: string): Content {
  return { data: { "text/plain": text }, metadata: {} };
}
