import { Publisher, Reply, Router } from "zeromq";
import { Wire, type Connection, type Content, type Request } from "./message.js";
import { nextTurn } from "./runner.js";

/** Gives the content of the reply to a request; undefined if there is none to requests of this type. */
export type Answer = (request: Request) => Promise<Content | undefined>;

/**
 * No message waits to be sent, and none is dropped because the front end is slow to read. By default, `send` fails after
 * 512 messages that were sent without a pause, such as the lines that a loop prints.
 */
const sendAtOnce = { sendHighWaterMark: 0, sendTimeout: 0 };

/**
 * The kernel's sockets. Requests on the shell channel are answered one after the other, those on the control channel at
 * once.
 */
export class Server {
  readonly #wire: Wire;
  readonly #connection: Connection;
  readonly #shell = new Router(sendAtOnce);
  readonly #control = new Router(sendAtOnce);
  readonly #stdin = new Router(sendAtOnce);
  readonly #heartbeat = new Reply();
  readonly #iopub = new Publisher(sendAtOnce);
  #queue: Request[] = [];
  #working = false;
  #answer: ((value: string) => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#wire = new Wire(connection);
  }

  /** Opens the sockets and starts to read. Ends when a shutdown was requested and answered. */
  async serve(answer: Answer): Promise<void> {
    const { transport, ip, ...ports } = this.#connection;
    const address = (port: number): string => `${transport}://${ip}${transport === "ipc" ? "-" : ":"}${port}`;
    await Promise.all([
      this.#iopub.bind(address(ports.iopub_port)),
      this.#stdin.bind(address(ports.stdin_port)),
      this.#heartbeat.bind(address(ports.hb_port)),
      this.#shell.bind(address(ports.shell_port)),
      this.#control.bind(address(ports.control_port)),
    ]);
    void this.#echo();
    void this.#read(this.#stdin, ({ content }) => this.#answer?.(String(content["value"])));
    await new Promise<void>((end) => {
      void this.#read(this.#shell, (request) => {
        this.#queue.push(request);
        void this.#work(answer, end);
      });
      void this.#read(this.#control, (request) => void this.#handle(this.#control, request, answer, end));
    });
  }

  /** Closes the sockets. What was sent is still delivered. */
  close(): void {
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat]) {
      socket.close();
    }
  }

  publish(type: string, content: Content, parent: Request): void {
    if (!this.#iopub.closed) {
      void this.#iopub.send(this.#wire.write(type, content, parent, [type]));
    }
  }

  /** Asks the reader for a line, on behalf of the cell that this request runs. */
  async ask({ content, identities, ...rest }: Request, prompt: string): Promise<string> {
    if (content["allow_stdin"] !== true) {
      throw new Error("this front end can't answer questions: it does not allow input");
    }
    const question = { prompt, password: false };
    await this.#stdin.send(
      this.#wire.write("input_request", question, { content, identities, ...rest }, identities),
    );
    return await new Promise((resolve) => (this.#answer = resolve));
  }

  async #echo(): Promise<void> {
    for await (const frames of this.#heartbeat) {
      await this.#heartbeat.send(frames);
    }
  }

  async #read(socket: Router, take: (request: Request) => void): Promise<void> {
    for await (const frames of socket) {
      try {
        take(this.#wire.read(frames));
      } catch (error) {
        console.error("A message was not understood:", error);
      }
    }
  }

  async #work(answer: Answer, end: () => void): Promise<void> {
    if (this.#working) {
      return;
    }
    this.#working = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      await this.#handle(this.#shell, request, answer, end);
    }
    this.#working = false;
  }

  async #handle(socket: Router, request: Request, answer: Answer, end: () => void): Promise<void> {
    const { msg_type } = request.header;
    this.publish("status", { execution_state: "busy" }, request);
    const content = await answer(request).catch(failure);
    let aborted: Request[] = [];
    if (
      msg_type === "execute_request" &&
      content?.["status"] === "error" &&
      request.content["stop_on_error"] !== false
    ) {
      aborted = await this.#takeExecutions();
    }
    this.#reply(socket, request, content);
    this.publish("status", { execution_state: "idle" }, request);
    for (const waiting of aborted) {
      this.publish("status", { execution_state: "busy" }, waiting);
      this.#reply(socket, waiting, { status: "aborted" });
      this.publish("status", { execution_state: "idle" }, waiting);
    }
    if (msg_type === "shutdown_request") {
      end();
    }
  }

  /**
   * Takes the cells that wait out of the queue. They were sent before the error was known. What comes after the reply is
   * run as usual.
   */
  async #takeExecutions(): Promise<Request[]> {
    await nextTurn();
    const isExecution = ({ header }: Request): boolean => header.msg_type === "execute_request";
    const taken = this.#queue.filter(isExecution);
    this.#queue = this.#queue.filter((request) => !isExecution(request));
    return taken;
  }

  #reply(socket: Router, request: Request, content: Content | undefined): void {
    if (content) {
      const type = request.header.msg_type.replace(/_request$/, "_reply");
      void socket.send(this.#wire.write(type, content, request, request.identities));
    }
  }
}

/** The reply if the kernel itself fails: a client must not wait in vain. */
function failure(error: unknown): Content {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { status: "error", ename: name, evalue: message, traceback: (stack ?? "").split("\n") };
}
