/**
 * A reporter for node's tests: the ten that took longest, at the end.
 * @module
 */

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} events */
export default async function* slowest(events) {
  /** @type {{ name: string, seconds: number }[]} */
  const tests = [];
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const { type: kind, duration_ms: milliseconds } = data.details;
    if (kind !== "suite") tests.push({ name: data.name, seconds: milliseconds / 1000 });
  }
  tests.sort((a, b) => b.seconds - a.seconds);
  yield "Slowest:\n";
  for (const { name, seconds } of tests.slice(0, 10)) yield `${seconds.toFixed(1).padStart(7)} s  ${name}\n`;
}
