import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { connectDisplay, displayBundle, inNotebook } from "./notebook.js";

test("outside of a notebook nothing is shown", () => {
  assert.equal(inNotebook(), false);
  displayBundle({ "text/plain": "unseen" });
});

test("displayBundle() takes what a running tslab offers, wherever that is installed, at the time of the call", () => {
  const path = join("/", "anywhere", "node_modules", "tslab", "dist", "jupyter.js");
  const shown: unknown[] = [];
  const tslab = { lastWriteDisplayData: null as unknown };
  require.cache[path] = { exports: tslab } as NodeJS.Module;
  try {
    assert.equal(inNotebook(), false);
    tslab.lastWriteDisplayData = (...args: unknown[]) => shown.push(args);
    assert.equal(inNotebook(), true);
    displayBundle({ "text/plain": "1" }, { displayId: "bar", update: true });
    assert.deepEqual(shown, [
      [{ data: { "text/plain": "1" }, metadata: {}, transient: { display_id: "bar" } }, true],
    ]);
  } finally {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the path is not known before
    delete require.cache[path];
  }
});

test("a connected writer comes first, until it is taken away", () => {
  const calls: unknown[] = [];
  connectDisplay((...args) => calls.push(args));
  displayBundle({ "text/plain": "1" }, { metadata: { width: 3 } });
  assert.deepEqual(calls, [[{ data: { "text/plain": "1" }, metadata: { width: 3 }, transient: {} }, false]]);
  connectDisplay(undefined);
  assert.equal(inNotebook(), false);
});
