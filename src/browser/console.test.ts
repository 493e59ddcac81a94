/** The console of a page's cells prints what Node's prints. */
import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import test from "node:test";
import { makeConsole } from "./worker/console.js";

type Work = (console: Console) => void;

function printed(work: Work): { readonly ours: string; readonly theirs: string } {
  let [ours, theirs] = ["", ""];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      theirs += chunk.toString();
      done();
    },
  });
  work(new Console({ stdout: stream, stderr: stream, colorMode: false }));
  work(
    makeConsole(
      (_, text) => (ours += text),
      () => 0,
    ) as unknown as Console,
  );
  return { ours, theirs };
}

const WORKS: Record<string, Work> = {
  "values and formats": (c) => {
    c.log("a", 1, [2, { b: 3 }], "%d", 4);
    c.log("%s has %d", "x", 5, { rest: true });
    c.info();
    c.error(new Map([["a", 1]]));
  },
  "groups, of lines too": (c) => {
    c.group("outer");
    c.log("one\ntwo");
    c.group();
    c.warn("inner");
    c.groupEnd();
    c.groupEnd();
    c.groupEnd();
    c.log("out");
  },
  counts: (c) => {
    c.count();
    c.count("a");
    c.count("a");
    c.countReset("a");
    c.count("a");
  },
  assertions: (c) => {
    c.assert(true, "not shown");
    c.assert(false);
    c.assert(false, "why: %s", "so");
  },
  "what is no table": (c) => {
    c.table(3);
    c.table("text %s");
    c.table(undefined);
  },
  "objects deep down": (c) => {
    c.dir({ a: { b: { c: { d: 1 } } } });
  },
};
for (const [name, work] of Object.entries(WORKS)) {
  test(name, () => {
    const { ours, theirs } = printed(work);
    assert.equal(ours, theirs);
  });
}

test("tables have Node's fields, whatever its version does with the space in them", () => {
  const work: Work = (c) => {
    c.table([
      { rate: 0.1, loss: [1, 2], more: { a: 1, b: 2, c: 3 } },
      { rate: 1, other: "text" },
    ]);
    c.table({ first: { x: 1 }, second: { x: 2, y: null } });
    c.table([1, "two", { three: 3 }]);
    c.table([{ a: 1, b: 2 }], ["b"]);
    c.table([]);
  };
  const squeezed = (text: string): string[] =>
    text
      .split("\n")
      .filter((line) => line.startsWith("│"))
      .map((line) => line.replaceAll(/ *│ */g, "│"));
  const { ours, theirs } = printed(work);
  assert.deepEqual(squeezed(ours), squeezed(theirs));
  const [rule, ...lines] = ours.split("\n").slice(0, 6) as [string, ...string[]];
  assert.ok(lines.every((line) => line.length === rule.length));
});

test("times: of a timer that runs, and none of one that was never started", () => {
  let [text, time] = ["", 10];
  const c = makeConsole(
    (_, more) => (text += more),
    () => time,
  );
  c["time"]!("a");
  time = 22.5;
  c["timeLog"]!("a", "so far");
  c["timeEnd"]!("a");
  c["timeEnd"]!("a");
  assert.equal(text, "a: 12.5ms so far\na: 12.5ms\nNo timer 'a' was started with console.time()\n");
});
