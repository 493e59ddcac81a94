import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { room } from "./memory.js";

test("no two pieces of room overlap, and what is given back serves again", () => {
  const steps = fc.array(
    fc.record({ isTaking: fc.boolean(), count: fc.integer({ min: 1, max: 5000 }), which: fc.nat() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const taken: { address: number; count: number }[] = [];
      for (const { isTaking, count, which } of all) {
        if (isTaking) {
          const address = room.take(count);
          assert.equal(address % 16, 0);
          room.write(address, "float32", new Float32Array(count).fill(count));
          taken.push({ address, count });
        } else if (taken.length > 0) {
          const [{ address, count: own }] = taken.splice(which % taken.length, 1) as [(typeof taken)[number]];
          room.give(address, own);
        }
      }
      // What was written is still there: nobody else has written to it.
      for (const { address, count } of taken) {
        assert.ok(room.read(address, { dtype: "float32", shape: [count] }).every((one) => one === count));
        room.give(address, count);
      }
    }),
  );
  const size = room.memory.buffer.byteLength;
  for (let round = 0; round < 100; round++) {
    const address = room.take(size / 8);
    room.give(address, size / 8);
  }
  assert.equal(room.memory.buffer.byteLength, size);
});

test("a piece may be read and written four numbers at a time up to its end", () => {
  const [first, second] = [room.take(5), room.take(5)].sort((a, b) => a - b) as [number, number];
  assert.ok(second - first >= 4 * 5 + 12);
  room.give(first, 5);
  room.give(second, 5);
});
