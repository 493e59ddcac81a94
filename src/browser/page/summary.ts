import type { CellView } from "./cellView.js";

/** What is said when nothing runs any more. `last` is the cell that ran last, `isAll` whether several were asked for. */
export function summary(cells: readonly CellView[], last: CellView, isAll: boolean): string {
  const tests = cells.filter(({ stored }) => stored.isTest);
  const failed = cells.find(
    ({ state, stored }) => state === "stopped" || (state === "error" && !stored.isTest),
  );
  const haveRun = cells.every(({ state }) => state === "ok" || state === "error");
  if (tests.length > 0 && isAll && haveRun) {
    const passed = tests.filter(({ state }) => state === "ok").length;
    return `All cells have run. ${passed} of ${tests.length} tests pass here; hidden ones run when it is graded.`;
  }
  if (failed) {
    return `Cell ${failed.number} ${failed.state === "error" ? "failed" : "was stopped"}.`;
  }
  if (!isAll || !haveRun) {
    return last.stored.isTest
      ? `The test in cell ${last.number} ${last.state === "ok" ? "passes" : "does not pass"}.`
      : `Cell ${last.number} has run.`;
  }
  return cells.some(({ isChanged }) => isChanged)
    ? "All cells have run."
    : "All cells have run, and every claim of the lesson holds here.";
}
