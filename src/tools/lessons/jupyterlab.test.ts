/**
 * Opens lessons in a real JupyterLab, in a real browser, and runs them cell by cell with Shift+Enter: two of them, or
 * with LESSONS=all every one. It is skipped where there is no Chromium, or where set-up has not run.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import { launchBrowser, missingBrowser } from "../testing/browser.js";

const project = join(__dirname, "..", "..", "..", "..");
const lessons = readdirSync(join(project, "notebooks")).filter((name) => /^\d\d-.*\.ipynb$/.test(name));
const chosen = process.env["LESSONS"] === "all" ? lessons : lessons.filter((name) => /^(01|09)/.test(name));
/** JupyterLab's folder for this test: it lies in the project, so that a lesson finds its packages. */
const folder = join(project, ".cache", "jupyterlab-test");

const jupyter = [process.env["CONDA_PREFIX"] ?? "", join(project, ".venv")]
  .filter((prefix) => prefix !== "")
  .map((prefix) => join(prefix, "bin", "jupyter"))
  .find((path) => existsSync(path));

const missing =
  missingBrowser ??
  (jupyter === undefined ? "NO JUPYTERLAB HERE: nothing was tried in it. Run: npm run setup" : undefined);

for (const lesson of chosen) {
  void test(
    `${lesson} runs cell by cell in JupyterLab, and its figures are drawn`,
    { timeout: 600_000 },
    async (t) => {
      if (missing !== undefined || jupyter === undefined) {
        console.error(missing);
        t.skip(missing);
        return;
      }
      const address = await startJupyterLab(t, jupyter, lesson);
      const browser = await launchBrowser();
      t.after(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 1200, height: 1600 } });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        // JupyterLab puts a picture into the page before it finds that it is attached to the cell.
        const isAttached = message.location().url.startsWith("attachment:");
        if (message.type() === "error" && !isAttached) {
          errors.push(message.text());
        }
      });

      await page.goto(`${address}/lab/tree/${lesson}`);
      await runCellByCell(page);

      const figures = page.locator(".jp-Notebook .jp-RenderedPlotly");
      const expected = countFigures(lesson);
      if (expected > 0) {
        // A cell has its number a moment before its last figure is there.
        await figures.nth(expected - 1).waitFor({ timeout: 60_000 });
      }
      assert.equal(await figures.count(), expected);
      for (const figure of await figures.all()) {
        await drawByPointing(figure);
      }
      if (lesson === lessons[0]) {
        await hoverOverLine(page);
      }
      await seeSolutions(page);
      await page.screenshot({ path: join(project, ".cache", `jupyterlab-${lesson.slice(0, 2)}.png`) });
      assert.equal(
        await page.locator(".jp-Notebook [data-mime-type='application/vnd.jupyter.stderr']").count(),
        0,
      );
      assert.deepEqual(errors, []);
    },
  );
}

/** Unfolds the solutions: each of their pictures is there. */
async function seeSolutions(page: Page): Promise<void> {
  const summaries = page.locator(".jp-Notebook summary");
  assert.ok((await summaries.count()) > 0);
  for (const summary of await summaries.all()) {
    await summary.click();
  }
  for (const picture of await page.locator(".jp-Notebook details img").all()) {
    await picture.scrollIntoViewIfNeeded();
    const width = await picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
    assert.ok(width > 300, (await picture.getAttribute("alt")) ?? "");
  }
}

/** Starts JupyterLab on a copy of the lesson without its outputs. Returns its address. */
async function startJupyterLab(t: TestContext, jupyter: string, lesson: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const settings = join(folder, "settings", "@jupyterlab");
  mkdirSync(join(settings, "notebook-extension"), { recursive: true });
  mkdirSync(join(settings, "apputils-extension"), { recursive: true });
  // Without this only the cells in view are in the page.
  writeFileSync(
    join(settings, "notebook-extension", "tracker.jupyterlab-settings"),
    '{"windowingMode": "none"}',
  );
  writeFileSync(
    join(settings, "apputils-extension", "notification.jupyterlab-settings"),
    '{"fetchNews": "false", "checkForUpdates": false}',
  );
  copyFileSync(join(project, "notebooks", lesson), join(folder, lesson));
  const options = [
    `--LabApp.user_settings_dir=${join(folder, "settings")}`,
    // Else it opens what its user had open last.
    `--LabApp.workspaces_dir=${join(folder, "workspaces")}`,
    `--ServerApp.root_dir=${folder}`,
  ];
  const server = spawn(
    jupyter,
    ["lab", "--no-browser", "--port=0", "--IdentityProvider.token=", "--allow-root", ...options],
    { cwd: folder, detached: true, env: { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" } },
  );
  t.after(() => {
    stop(server);
    rmSync(folder, { recursive: true, force: true });
  });
  return await new Promise((resolve, reject) => {
    let log = "";
    server.stderr.on("data", (data: Buffer) => {
      log += data.toString();
      const address = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(log)?.[0];
      if (address !== undefined) {
        resolve(address);
      }
    });
    server.on("exit", () => {
      reject(new Error(`JupyterLab ended at once:\n${log}`));
    });
  });
}

/** The server and its kernels make a process group of their own. */
function stop(server: ChildProcess): void {
  if (server.pid !== undefined && server.exitCode === null) {
    process.kill(-server.pid, "SIGTERM");
  }
}

/** Presses Shift+Enter in each cell, and waits for each result before the next. */
async function runCellByCell(page: Page): Promise<void> {
  // While the kernel starts, JupyterLab may take the focus back: keys would go nowhere.
  await page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").waitFor({ timeout: 60_000 });
  await page
    .locator(".jp-Notebook .jp-Cell")
    .first()
    .click({ position: { x: 200, y: 10 } });
  await page.keyboard.press("Escape");
  await page.locator(".jp-Notebook.jp-mod-commandMode:focus-within").waitFor({ timeout: 60_000 });
  const cells = page.locator(".jp-Notebook .jp-Cell");
  let count = 0;
  for (let i = 0; i < (await cells.count()); i++) {
    const cell = cells.nth(i);
    const isCode = await cell.evaluate((element) => element.classList.contains("jp-CodeCell"));
    if (!isCode) {
      await page.keyboard.press("Shift+Enter");
    } else {
      count += 1;
      await runCodeCell(page, cell, count);
      const failure = cell.locator("[data-mime-type='application/vnd.jupyter.error']");
      assert.equal(await failure.count(), 0, `cell ${count} failed: ${await cell.innerText()}`);
    }
    if (i === (await cells.count()) - 2) {
      // Shift+Enter in the last cell adds a new one.
      break;
    }
  }
}

/**
 * Presses Shift+Enter until the code cell is asked to run, and waits until it has its number. JupyterLab may take the
 * focus for a moment, of all times while the kernel starts: the key then goes nowhere, and the cell's prompt stays empty.
 */
async function runCodeCell(page: Page, cell: Locator, number: number): Promise<void> {
  const asked = cell.locator(".jp-InputPrompt:not(:text-is('[ ]:'))");
  for (let tries = 1; ; tries++) {
    await page.keyboard.press("Shift+Enter");
    try {
      await asked.waitFor({ timeout: 10_000 });
      break;
    } catch (error) {
      if (tries === 3) {
        throw new Error(`cell ${number} was not asked to run`, { cause: error });
      }
      await cell.locator(".jp-InputPrompt").click();
      await page.keyboard.press("Escape");
    }
  }
  try {
    await cell.locator(`.jp-InputPrompt:text-is("[${number}]:")`).waitFor({ timeout: 120_000 });
  } catch (error) {
    const prompt = await cell.locator(".jp-InputPrompt").innerText();
    const status = await page.locator(".jp-Notebook-ExecutionIndicator").getAttribute("data-status");
    throw new Error(`cell ${number} did not end: its prompt is ${prompt}, the kernel is ${status}`, {
      cause: error,
    });
  }
}

/** A figure is its picture until the mouse comes: then plotly draws it. Neither is cut off at the side. */
async function drawByPointing(figure: Locator): Promise<void> {
  await figure.scrollIntoViewIfNeeded();
  const fits = (): Promise<boolean> =>
    figure.evaluate((element) => element.scrollWidth <= element.clientWidth);
  assert.ok(await fits(), "a picture is wider than the notebook");
  await figure.hover();
  await figure.locator(".main-svg").first().waitFor();
  assert.ok(await fits(), "a figure is wider than the notebook");
}

/** Moves the mouse along a figure until a label with the values appears. */
async function hoverOverLine(page: Page): Promise<void> {
  const figure = page.locator(".jp-Notebook .js-plotly-plot").first();
  await figure.scrollIntoViewIfNeeded();
  const area = await figure.locator(".nsewdrag").first().boundingBox();
  assert.ok(area);
  for (let share = 0.02; share < 1; share += 0.02) {
    await page.mouse.move(area.x + share * area.width, area.y + (1 - share) * area.height);
    await page.waitForTimeout(60);
    if ((await figure.locator(".hoverlayer .hovertext").count()) > 0) {
      return;
    }
  }
  assert.fail("no label appeared when the mouse moved over the first figure");
}

/** How many figures a lesson shows, by what is stored. */
function countFigures(lesson: string): number {
  const notebook = readFileSync(join(project, "notebooks", lesson), "utf8");
  return notebook.match(/"application\/vnd\.plotly\.v1\+json"/g)?.length ?? 0;
}
