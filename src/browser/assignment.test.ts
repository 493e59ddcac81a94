/**
 * A student solves an assignment in a page, and hands in the notebook that the page gives: it is graded as it is. It is
 * skipped where there is no Chromium.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import type { Browser, Page } from "playwright-core";
import {
  launchBrowser,
  makePage,
  missingBrowser,
  project,
  serve,
  type TestCell,
  violations,
} from "./testPage.js";

const assignment = "backpropagate-by-hand";
const course = join(project, ".cache", "course-for-page");
const handedIn = join(course, "handed-in");

describe("an assignment in a page", { skip: missingBrowser ?? false, timeout: 300_000 }, () => {
  let browser: Browser;
  let page: Page;
  let stop = (): void => {};
  const errors: string[] = [];

  before(async () => {
    rmSync(course, { recursive: true, force: true });
    mkdirSync(handedIn, { recursive: true });
    const theirs = join(project, "notebooks", "assignments");
    cpSync(join(theirs, "nbgrader_config.py"), join(course, "nbgrader_config.py"));
    cpSync(join(theirs, "source", assignment), join(course, "source", assignment), { recursive: true });
    python(
      "-c",
      "import sys, pathlib; from tools.grading.course import Course; Course(pathlib.Path(sys.argv[1])).release(sys.argv[2])",
      course,
      assignment,
    );
    const folder = join(course, "page");
    mkdirSync(folder);
    await makePage(folder, notebookIn("release"));
    const served = await serve(folder);
    ({ stop } = served);
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(served.address, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Edit and run" }).click();
  });

  after(async () => {
    await browser.close();
    stop();
  });

  const status = () => page.locator(".run-bar").getByRole("status").first();
  const runAll = async (): Promise<string> => {
    await page.getByRole("button", { name: "Run all" }).click();
    await status()
      .filter({ hasText: /^All cells have run/ })
      .waitFor({ timeout: 120_000 });
    return (await status().textContent())!;
  };
  const download = async (name: string): Promise<void> => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download as notebook" }).click(),
    ]);
    await file.saveAs(join(handedIn, `${name}.ipynb`));
  };

  test("before anything is answered every cell runs, no test passes, and each says why", async () => {
    assert.match(await runAll(), / 0 of 9 tests pass here/);
    const texts = await page.locator(".output.error").allTextContents();
    assert.ok(texts.every((text) => /Not done yet|Predict first/.test(text)));
    assert.deepEqual(await violations(page), []);
    await download("nothing");
  });

  test("what is given can't be changed, but read and run by keyboard", async () => {
    const given = page.locator(".cell").first();
    // The editor shows as many lines as are in view: the first ones are always there.
    const firstLines = async (): Promise<string> =>
      (await given.locator(".cm-line").allTextContents()).slice(0, 10).join("\n");
    const text = await firstLines();
    await given.locator(".cm-content").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("x");
    await page.keyboard.press("Delete");
    assert.equal(await firstLines(), text);
    assert.ok(!(await given.locator(".cell-changed").isVisible()));
    await page.keyboard.press("Control+Enter");
    await status().filter({ hasText: "Cell 1 has run." }).waitFor();
  });

  test("solved, all its tests pass, and `npm run grade` gives the downloaded notebook all points", async () => {
    const answers = cellsOf(notebookIn("source"));
    for (const [i, { source, metadata }] of answers.entries()) {
      if (metadata.nbgrader?.solution !== true) continue;
      const answer = textOf(source).replace(/^.*\/\/\/ (BEGIN|END) SOLUTION.*\n?/gm, "");
      await page.locator(".cell").nth(i).locator(".cm-content").click();
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.insertText(answer);
    }
    await page.getByRole("button", { name: "Start anew" }).click();
    assert.match(await runAll(), / 9 of 9 tests pass here/);
    await download("solved");
    const [given, back] = [notebookIn("release"), join(handedIn, "solved.ipynb")].map(cellsOf);
    const unchanged = (cells: readonly TestCell[]) => cells.map(({ id, metadata }) => ({ id, metadata }));
    assert.deepEqual(unchanged(back!), unchanged(given!));
    python("-m", "tools.grading.grade", assignment, handedIn, "--course", course);
    const [head, ...rows] = readFileSync(join(course, "marks", `${assignment}.csv`), "utf8")
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(","));
    const points = head!.indexOf("points");
    assert.deepEqual(
      rows.map((row) => [row[0], row[1], row[points], row[points + 1]]),
      [
        ["nothing", "graded", "0", "20"],
        ["solved", "graded", "20", "20"],
      ],
    );
    assert.deepEqual(errors, []);
  });
});

function notebookIn(kind: "source" | "release"): string {
  return join(course, kind, assignment, `${assignment}.ipynb`);
}

const textOf = (source: TestCell["source"]): string => [source].flat().join("");

/** The code cells of a notebook. */
function cellsOf(path: string): readonly TestCell[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: readonly TestCell[] };
  return cells.filter(({ cell_type: type }) => type === "code");
}

/** Runs Python with the project's packages. */
function python(...args: readonly string[]): void {
  const setup = join(project, "src", "setup", "main.mjs");
  execFileSync(process.execPath, [setup, "python", ...args], { cwd: project, stdio: "pipe" });
}
