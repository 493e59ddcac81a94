import assert from "node:assert/strict";
import test from "node:test";
import { Wire } from "./message.js";

const wire = new Wire({ key: "secret", signature_scheme: "hmac-sha256" });
const parent = {
  identities: [Buffer.from("client")],
  header: { msg_id: "1", msg_type: "execute_request", session: "s", username: "u", date: "", version: "5.3" },
  content: {},
};

function frames(writer: Wire): Buffer[] {
  return writer.write("stream", { text: "ä" }, parent, ["topic"]).map((frame) => Buffer.from(frame));
}

test("a message that was written can be read", () => {
  const { identities, header, content } = wire.read(frames(wire));
  assert.deepEqual(identities.map(String), ["topic"]);
  assert.equal(header.msg_type, "stream");
  assert.equal(header.username, "u");
  assert.deepEqual(content, { text: "ä" });
});

test("a message with a wrong signature is refused", () => {
  const other = new Wire({ key: "guess", signature_scheme: "hmac-sha256" });
  assert.throws(() => wire.read(frames(other)), /wrong signature/);
  const changed = frames(wire);
  changed.splice(-1, 1, Buffer.from("{}"));
  assert.throws(() => wire.read(changed), /wrong signature/);
});

test("frames that are no message are refused", () => {
  assert.throws(() => wire.read([Buffer.from("hello")]), /1 frames is not a Jupyter message/);
});

test("an empty key means no signature", () => {
  const unsigned = new Wire({ key: "", signature_scheme: "hmac-sha256" });
  assert.equal(unsigned.write("status", {}, parent, [])[1], "");
  assert.equal(unsigned.read(frames(unsigned)).header.msg_type, "stream");
});
