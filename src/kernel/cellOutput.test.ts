import assert from "node:assert/strict";
import test from "node:test";
import { clearOutput, connectOutput, displayBundle, inNotebook, showInPager } from "./cellOutput.js";

test("outside of a notebook nothing is shown, and tslab is not loaded", () => {
  assert.equal(inNotebook(), false);
  displayBundle({ "text/plain": "unseen" });
  clearOutput();
  showInPager("unseen");
  assert.deepEqual(
    Object.keys(require.cache).filter((path) => path.includes("tslab")),
    [],
  );
});

test("displayBundle() takes what a stock tslab offers, at the time of the call", () => {
  const path = require.resolve("tslab/dist/jupyter");
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

test("when the kernel is connected, all goes there", () => {
  const calls: unknown[] = [];
  connectOutput({
    display: (...args) => calls.push(args),
    clear: (wait) => calls.push(wait),
    page: (data) => calls.push(data),
  });
  displayBundle({ "text/plain": "1" }, { metadata: { width: 3 } });
  clearOutput(true);
  showInPager("long");
  const display = { data: { "text/plain": "1" }, metadata: { width: 3 }, transient: {} };
  assert.deepEqual(calls, [[display, false], true, { "text/plain": "long" }]);
});
