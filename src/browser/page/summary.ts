import type { CellView } from "./cellView.js";

/**
 * What is said when nothing runs any more.
 *
 * @param asked the cells that were asked for together
 * @param last the one that ran last
 */
export function summary(cells: readonly CellView[], asked: readonly CellView[], last: CellView): string {
  const tests = asked.filter(({ stored }) => stored.isTest);
  if (asked.length < 2 && tests.length > 0 && last.state !== "stopped") {
    return `The test in cell ${last.number} ${last.state === "ok" ? "passes" : "does not pass"}.`;
  }
  const haveRun = cells.every(({ state }) => state === "ok" || state === "error");
  if (tests.length > 1 && haveRun) {
    const passed = tests.filter(({ state }) => state === "ok").length;
    return `All cells have run. ${passed} of ${tests.length} tests pass here; hidden ones run when it is graded.`;
  }
  const bad = asked.find(({ state }) => state === "stopped" || state === "error");
  if (bad) {
    return `Cell ${bad.number} ${bad.state === "error" ? "failed" : "was stopped"}.`;
  }
  if (asked.length < 2 || !haveRun) {
    return `Cell ${last.number} has run.`;
  }
  return cells.some(({ isChanged }) => isChanged)
    ? "All cells have run."
    : "All cells have run, and every claim of the lesson holds here.";
}
