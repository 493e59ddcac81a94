/** Lesson 1 runs in Firefox, too. It is skipped where there is none. */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { makePage, missingFirefox, openInFirefox, project, serve } from "./testPage.js";

/** Runs all cells, then a changed one, and sends what the page shows. */
const SCRIPT = `
const deadline = Date.now() + 90_000;
const until = async (found) => {
  while (!found()) {
    if (Date.now() > deadline) throw new Error("waited in vain for " + found + ": " + document.querySelector(".run-bar").textContent);
    await new Promise((go) => setTimeout(go, 50));
  }
  return found();
};
const button = (name) => [...document.querySelectorAll("button")].find((one) => one.textContent === name);
const says = (text) => () => text.test(document.querySelector(".run-bar").textContent);
const cells = [...document.querySelectorAll(".cell")];
const report = { errors: [] };
addEventListener("error", ({ message }) => report.errors.push(message));
(async () => {
  (await until(() => button("Run all"))).click();
  await until(says(/All cells have run|failed|could not/));
  report.says = document.querySelector(".run-bar [role=status]").textContent;
  report.states = cells.map((cell) => cell.querySelector(".cell-bar").dataset.state);
  report.figures = document.querySelectorAll(".cell_output .figure").length;
  const last = cells.at(-1);
  const content = last.querySelector(".cm-content");
  content.focus();
  document.getSelection().selectAllChildren(content);
  document.execCommand("insertText", false, "const answer: string = 6 * 7;");
  await until(() => last.querySelector(".cell-changed").hidden === false);
  last.querySelector(".cell-bar button").click();
  await until(() => /not assignable/.test(last.textContent));
  report.typeError = true;
})().catch((error) => report.errors.push(String(error))).finally(() =>
  fetch("report", { method: "POST", body: JSON.stringify(report) }));
`;

test(
  "lesson 1 runs in Firefox, and types are checked",
  { skip: missingFirefox ?? false, timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "firefox-page-"));
    await makePage(folder, join(project, "notebooks", "01-see-it-vanish.ipynb"));
    appendFileSync(join(folder, "index.html"), `<script type="module">${SCRIPT}</script>`);
    let hear!: (text: string) => void;
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const { address, stop } = await serve(folder, hear);
    const close = openInFirefox(address);
    try {
      const report = JSON.parse(await heard) as {
        errors: string[];
        says: string;
        states: string[];
        figures: number;
        typeError: boolean;
      };
      assert.deepEqual(report.errors, []);
      assert.equal(report.says, "All cells have run, and every claim of the lesson holds here.");
      assert.ok(report.states.every((state) => state === "ok"));
      assert.ok(report.figures > 2);
      assert.equal(report.typeError, true);
    } finally {
      await close();
      stop();
      rmSync(folder, { recursive: true });
    }
  },
);
