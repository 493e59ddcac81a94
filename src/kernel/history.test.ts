import assert from "node:assert/strict";
import test from "node:test";
import { History } from "./history.js";

const history = new History();
["a = 1", "b = 2", "a = 1", "c(3)"].forEach((source, i) => {
  history.add(i + 1, source, i === 3 ? "4" : undefined);
});

function counts(request: Record<string, unknown>): unknown[] {
  return (history.reply(request)["history"] as unknown[][]).map((entry) => entry[1]);
}

test("the tail of a history is its last entries", () => {
  assert.deepEqual(counts({ hist_access_type: "tail", n: 2 }), [3, 4]);
  assert.deepEqual(counts({ hist_access_type: "tail", n: 9 }), [1, 2, 3, 4]);
});

test("a range of a history does not include its stop", () => {
  assert.deepEqual(counts({ hist_access_type: "range", start: 2, stop: 4 }), [2, 3]);
});

test("a search in a history knows * and ? and takes all other signs as they are", () => {
  assert.deepEqual(counts({ hist_access_type: "search", pattern: "?*1" }), [1, 3]);
  assert.deepEqual(counts({ hist_access_type: "search", pattern: "c(*)" }), [4]);
  assert.deepEqual(counts({ hist_access_type: "search", pattern: "." }), []);
  assert.deepEqual(counts({ hist_access_type: "search", pattern: "a*", unique: true }), [3]);
  assert.deepEqual(counts({ hist_access_type: "search", pattern: "*", n: 1 }), [4]);
});

test("a history tells the output where it is asked for", () => {
  const reply = history.reply({ hist_access_type: "tail", n: 2, output: true });
  const expected = [
    [1, 3, ["a = 1", null]],
    [1, 4, ["c(3)", "4"]],
  ];
  assert.deepEqual(reply, { status: "ok", history: expected });
});
