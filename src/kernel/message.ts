import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** The header that every Jupyter message carries. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export type Content = Readonly<Record<string, unknown>>;

/** A request that has been read from a socket. */
export interface Request {
  /** Routing frames of ZeroMQ, to be sent back before the reply. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly content: Content;
}

/** Where the kernel's sockets are, and the key that signs messages: the file that Jupyter hands over at the start. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
  readonly signature_scheme: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly stdin_port: number;
  readonly iopub_port: number;
  readonly hb_port: number;
}

/** Half an emoji is no text that can be sent, nor saved: it becomes the sign for what is no character. */
function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

const delimiter = Buffer.from("<IDS|MSG>");
const protocolVersion = "5.3";

/**
 * Reads and writes the frames of Jupyter's wire protocol:
 * https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
export class Wire {
  readonly #key: string;
  readonly #hash: string;
  readonly #session = randomUUID();

  constructor(connection: Pick<Connection, "key" | "signature_scheme">) {
    this.#key = connection.key;
    this.#hash = connection.signature_scheme.replace(/^hmac-/, "");
  }

  /** @throws Error if the frames are no message, or are not signed with the connection's key. */
  read(frames: readonly Buffer[]): Request {
    const start = frames.findIndex((frame) => frame.equals(delimiter));
    const [signature, ...parts] = frames.slice(start + 1);
    const [header, , , content] = parts;
    if (start < 0 || !signature || !header || !content) {
      throw new Error(`a message of ${frames.length} frames is not a Jupyter message`);
    }
    const expected = Buffer.from(this.#sign(parts.slice(0, 4)));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new Error("a message has a wrong signature");
    }
    return {
      identities: frames.slice(0, start),
      header: JSON.parse(header.toString()) as Header,
      content: JSON.parse(content.toString()) as Content,
    };
  }

  /** The frames of a message that is sent because of `parent`. `route` comes first: routing frames, or a topic. */
  write(
    type: string,
    content: Content,
    parent: Request,
    route: readonly (Buffer | string)[],
  ): (Buffer | string)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: parent.header.username,
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    const parts = [header, parent.header, {}, content].map((part) => JSON.stringify(part, wellFormed));
    return [...route, delimiter, this.#sign(parts), ...parts];
  }

  #sign(parts: readonly (Buffer | string)[]): string {
    if (this.#key === "") {
      // An empty key means that messages are not signed.
      return "";
    }
    const hmac = createHmac(this.#hash, this.#key);
    for (const part of parts) {
      hmac.update(part);
    }
    return hmac.digest("hex");
  }
}
