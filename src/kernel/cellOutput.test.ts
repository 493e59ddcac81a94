import assert from "node:assert/strict";
import test from "node:test";
import { clearOutput, connectOutput, showInPager } from "./cellOutput.js";

test("outside of a notebook nothing happens; when the kernel is connected, all goes there", () => {
  clearOutput();
  showInPager("unseen");
  const calls: unknown[] = [];
  connectOutput({ clear: (wait) => calls.push(wait), page: (data) => calls.push(data) });
  clearOutput(true);
  showInPager("long");
  assert.deepEqual(calls, [true, { "text/plain": "long" }]);
});
