/**
 * A page that runs its cells, in a real browser: a notebook of a few cells, bundled and compiled as the site's pages are. It is
 * skipped where there is no Chromium.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import {
  launchBrowser,
  makePage,
  missingBrowser,
  project,
  serve,
  type TestCell,
  violations,
} from "./testPage.js";

const CELLS = [
  `import { buildMlp, checkClaims, gradientByLayerFigure, loadIris, progressBar, recordTraining, showFigure, showTable,
  splitTrainTest, standardize, toTensors, type TrainingRecord } from "vanishing-gradients";
import * as tf from "@tensorflow/tfjs-node";`,
  `const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
let rate = 0.1;
iris.train.labels.length`,
  `const spec = { inputs: 4, outputs: 3, hiddenLayers: 3, width: 10, activation: "relu", seed: 1 } as const;
let record: TrainingRecord | undefined;
record = await recordTraining(buildMlp(spec), iris.train, {
  optimizer: "sgd", learningRate: rate, epochs: 20, batchSize: 20, seed: 1, onProgress: progressBar("training"),
});
console.log(\`\${record.loss.length} steps\`);`,
  `showFigure(gradientByLayerFigure(record!));
showTable([{ rate, loss: record!.loss.at(-1) }], { caption: "The last loss" });`,
  `checkClaims({ "it learned something": record!.loss.at(-1)! < record!.loss[0] });`,
];

const NOTEBOOK = {
  cells: [
    ...CELLS.map((source, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: {},
      source: source.split(/(?<=\n)/),
      outputs: [],
      execution_count: null,
    })),
    { cell_type: "markdown", id: "exercise", metadata: {}, source: "**Exercise 1.** Add one." },
  ],
  metadata: { kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
};

describe("a page that runs its cells", { skip: missingBrowser ?? false, timeout: 400_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  let browser: Browser;
  let stop = (): void => {};
  let address = "";

  before(async () => {
    const path = join(folder, "small.ipynb");
    writeFileSync(path, JSON.stringify(NOTEBOOK));
    await makePage(folder, path);
    ({ address, stop } = await serve(folder));
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    stop();
    rmSync(folder, { recursive: true });
  });

  interface Opened {
    readonly page: Page;
    readonly context: BrowserContext;
    readonly errors: string[];
    readonly loaded: string[];
  }

  const open = async (options: BrowserContextOptions = {}, context?: BrowserContext): Promise<Opened> => {
    const own = context ?? (await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options }));
    const page = await own.newPage();
    const errors: string[] = [];
    const loaded: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    own.on("request", (request) => loaded.push(new URL(request.url()).pathname.slice(1)));
    await page.goto(address, { waitUntil: "networkidle" });
    return { page, context: own, errors, loaded };
  };

  const cell = (page: Page, number: number): Locator => page.locator(".cell").nth(number - 1);
  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  const status = (page: Page): Locator => page.locator(".run-bar").getByRole("status");
  const hears = (page: Page, text: RegExp): Promise<void> =>
    status(page).filter({ hasText: text }).waitFor({ timeout: 60_000 });
  const write = async (page: Page, number: number, source: string): Promise<void> => {
    await cell(page, number).locator(".cm-content").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(source);
  };
  const runAll = async (page: Page): Promise<void> => {
    await press(page, "Run all");
    await hears(page, /^All cells have run/);
  };

  test("who presses both buttons, or one twice, gets one notebook, and all cells run", async () => {
    const { page, errors } = await open();
    await page.evaluate(`for (const button of document.querySelectorAll(".run-bar button")) {
      button.click();
      button.click();
    }`);
    await hears(page, /^All cells have run/);
    assert.equal(await page.locator(".cell-bar").count(), CELLS.length);
    assert.deepEqual(errors, []);
    await page.close();
  });

  test("loads nothing but a small script before it is asked to; then runs all cells, and shows what they put out", async () => {
    const { page, errors, loaded } = await open();
    assert.deepEqual(
      loaded.filter((path) => path.endsWith(".js") || path.endsWith(".json")),
      ["page.js"],
    );
    assert.ok(readFileSync(join(folder, "page.js")).length < 20_000);
    await page.evaluate("globalThis.start = performance.now()");
    await page.getByRole("button", { name: "Run all" }).click();
    await cell(page, 2).locator(".output").first().waitFor();
    console.log(
      `from "Run all" to the first output: ${await page.evaluate<number>("Math.round(performance.now() - start)")} ms`,
    );
    await hears(page, /^All cells have run/);
    assert.equal(await cell(page, 2).locator(".output").textContent(), "100");
    const bar = cell(page, 3).locator(".output").first();
    assert.match((await bar.textContent())!, /^training █+ epoch 20 of 20, loss of the batch 0\.\d+$/);
    assert.match((await cell(page, 3).locator(".output").last().textContent())!, /^100 steps/);
    await cell(page, 4).locator(".figure").scrollIntoViewIfNeeded();
    await cell(page, 4).locator(".js-plotly-plot .main-svg").first().waitFor();
    assert.match((await cell(page, 4).locator(".plot").getAttribute("aria-label"))!, /.{40}/);
    assert.equal(
      await cell(page, 4).getByRole("region", { name: "The last loss" }).locator("tbody tr").count(),
      1,
    );
    assert.match((await cell(page, 5).locator(".output").textContent())!, /holds: it learned something/);
    assert.ok(!(await cell(page, 1).locator(".old").isVisible()), "what was stored is replaced");
    const first = new Set(loaded.filter((path) => !/plotly|favicon|\.css$|^$/.test(path)));
    assert.ok(!first.has("browser/compiler.js"));
    const bytes = [...first].map((path) => gzipSync(readFileSync(join(folder, path))).length);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    const compiler = ["compiler.js", "types.json"].map(
      (name) => gzipSync(readFileSync(join(folder, "browser", name))).length,
    );
    console.log(`a first run loads ${total} bytes, compressed; the compiler adds ${compiler.join(" + ")}`);
    assert.ok(total < 700_000, `${total} bytes`);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test("a changed cell is compiled with its types; errors name their line", async () => {
    const { page, context, errors } = await open();
    await runAll(page);
    const run = async (source: string): Promise<string> => {
      await write(page, 2, source);
      await press(page, "Run cell 2");
      await page
        .locator(".cell")
        .nth(1)
        .locator('.cell-bar[data-state="ok"], .cell-bar[data-state="error"]')
        .waitFor({ timeout: 60_000 });
      return (await cell(page, 2).locator(".output").allTextContents()).join("\n");
    };
    assert.match(
      await run(`rate = 0.2;\nrate = "fast";`),
      /TypeScriptError: Type 'string' is not assignable to type 'number'[^]*line 2/,
    );
    assert.equal(await cell(page, 2).locator(".error-line").textContent(), `rate = "fast";`);
    assert.match(await run("const a = 1;\nconst b = ;"), /SyntaxError[^]*line 2/);
    assert.match(
      await run(`function fall(n: number): never {\n  throw new RangeError(\`down \${n}\`);\n}\nfall(7);`),
      /RangeError: down 7[^]*line 2[^]*line 4/,
    );
    assert.match(await run(`import { x } from "left-pad";\nx`), /left-pad/);
    assert.equal(await run("const half = rate / 2;\nhalf"), "0.05");
    assert.equal(
      await run(
        "interface Pair { a: number }\nconst pair: Pair = { a: 1 };\n[pair, new Float32Array(2), null]",
      ),
      "[ { a: 1 }, Float32Array(2) [ 0, 0 ], null ]",
    );
    assert.match((await cell(page, 2).locator(".cell-changed").textContent())!, /changed/);
    await page.reload();
    await press(page, "Edit and run");
    await hears(page, /A cell is as you left it/);
    assert.match((await cell(page, 2).locator(".cm-content").textContent())!, /interface Pair/);
    await press(page, "Undo changes of cell 2");
    assert.match((await cell(page, 2).locator(".cm-content").textContent())!, /splitTrainTest/);
    await page.reload();
    await press(page, "Edit and run");
    assert.ok(!(await cell(page, 2).locator(".cell-changed").isVisible()));
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("completion knows the library", async () => {
    const { page, context } = await open();
    await runAll(page);
    await write(page, 5, "iris.train.lab");
    await hears(page, /The compiler is here/);
    await page.keyboard.type("e");
    await page.locator(".cm-tooltip-autocomplete", { hasText: "labels" }).waitFor();
    await page.keyboard.press("Escape");
    await context.close();
  });

  test("stops a training, which keeps its record; a loop that waits; and one that does not", async () => {
    const { page, context, errors } = await open();
    await runAll(page);
    const stop = async (): Promise<number> => {
      await cell(page, 3).locator('.cell-bar[data-state="running"]').waitFor({ timeout: 60_000 });
      // It is stopped in the midst of its work.
      await page.waitForTimeout(1000);
      const start = Date.now();
      await press(page, "Stop");
      await cell(page, 3).locator('.cell-bar[data-state="stopped"]').waitFor({ timeout: 20_000 });
      return Date.now() - start;
    };
    const long = CELLS[2]!.replace("epochs: 20", "epochs: 5000, recordEvery: 50");
    await write(page, 3, long.replace("let record: TrainingRecord | undefined;\n", ""));
    await press(page, "Run cell 3");
    // By then the compiler has come and the training is on its way.
    await cell(page, 3)
      .locator(".output", { hasText: /epoch [1-9]\d+ of 5000/ })
      .waitFor({ timeout: 90_000 });
    const times = [await stop()];
    await write(page, 4, "`${record!.stopped!.reason} after ${record!.stopped!.step}`");
    await press(page, "Run cell 4");
    await press(page, "Run this one alone");
    await cell(page, 4).locator('.cell-bar[data-state="ok"]').waitFor();
    const [, steps] = /^interrupt after (\d+)$/.exec(
      (await cell(page, 4).locator(".output").textContent())!,
    )!;
    assert.ok(Number(steps) > 50, `${steps} steps`);
    await write(page, 3, "for (;;) await new Promise((done) => setTimeout(done, 1));");
    await press(page, "Run cell 3");
    times.push(await stop());
    await write(page, 3, "rate");
    await press(page, "Run cell 3");
    await cell(page, 3).locator('.cell-bar[data-state="ok"]').waitFor();
    await write(page, 3, "for (;;) rate += 1;");
    await press(page, "Run cell 3");
    times.push(await stop());
    await hears(page, /variables are gone/);
    console.log(`a training, a loop that waits, one that does not: stopped after ${times.join(", ")} ms`);
    await write(page, 3, "rate");
    await press(page, "Run cell 3");
    await press(page, "Run them, then this one");
    await cell(page, 3).locator('.cell-bar[data-state="ok"]').waitFor({ timeout: 60_000 });
    assert.equal(await cell(page, 3).locator(".output").textContent(), "0.1");
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("a stop while the compiler comes leaves the variables; a loop that was stopped does not go on behind the next cell", async () => {
    const { page, context } = await open();
    await runAll(page);
    let come = (): void => {};
    await context.route("**/compiler.js", async (route) => {
      await new Promise<void>((done) => (come = done));
      await route.continue();
    });
    await write(
      page,
      3,
      'for (;;) { await new Promise((done) => setTimeout(done, 500)); console.log("tick"); }',
    );
    await press(page, "Run cell 3");
    await cell(page, 3).locator('.cell-bar[data-state="running"]').waitFor();
    await press(page, "Stop");
    await cell(page, 3).locator('.cell-bar[data-state="stopped"]').waitFor();
    come();
    await hears(page, /The compiler is here/);
    await press(page, "Run cell 3");
    await cell(page, 3).locator(".output", { hasText: "tick" }).waitFor({ timeout: 60_000 });
    await press(page, "Stop");
    await cell(page, 3).locator('.cell-bar[data-state="stopped"]').waitFor();
    await write(page, 5, "await new Promise((done) => setTimeout(done, 1500)); rate");
    await press(page, "Run cell 5");
    await press(page, "Run this one alone");
    await cell(page, 5).locator('.cell-bar[data-state="ok"]').waitFor({ timeout: 60_000 });
    // What it waited for when it was stopped, it may still do.
    assert.match((await cell(page, 5).locator(".output").allTextContents()).join(""), /^(tick\n)?0\.1$/);
    await context.close();
  });

  test("goes on without a network; what was not loaded yet is named", async () => {
    const { page, context } = await open();
    await runAll(page);
    await context.setOffline(true);
    await press(page, "Run cell 3");
    await hears(page, /^Cell 3 has run/);
    await write(page, 5, "rate + 1");
    await hears(page, /compiler could not be loaded: there is no network/);
    await press(page, "Run cell 5");
    await cell(page, 5).locator('.cell-bar[data-state="error"]').waitFor();
    assert.match((await cell(page, 5).locator(".output").textContent())!, /there is no network/);
    await context.setOffline(false);
    await press(page, "Run cell 5");
    await cell(page, 5).locator('.cell-bar[data-state="ok"]').waitFor({ timeout: 60_000 });
    await context.setOffline(true);
    await write(page, 5, "rate + 2");
    await press(page, "Run cell 5");
    await cell(page, 5).locator(".output", { hasText: "2.1" }).waitFor();
    await context.close();
  });

  test("two tabs have their own variables; a change in one is told in the other", async () => {
    const { page, context } = await open();
    const { page: other } = await open({}, context);
    await runAll(page);
    await press(other, "Edit and run");
    await write(page, 2, `${CELLS[1]!} + 1`);
    await hears(other, /changed in another tab/);
    await press(other, "Run cell 4");
    await press(other, "Run this one alone");
    await cell(other, 4).locator('.cell-bar[data-state="error"]').waitFor({ timeout: 60_000 });
    await context.close();
  });

  test("the notebook is downloaded with what was changed and put out", async () => {
    const { page, context } = await open();
    await runAll(page);
    await write(page, 2, "rate * 10");
    await press(page, "Run cell 2");
    await cell(page, 2).locator(".output", { hasText: /^1$/ }).waitFor({ timeout: 60_000 });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      press(page, "Download as notebook"),
    ]);
    const path = join(folder, "downloaded.ipynb");
    await download.saveAs(path);
    const { cells } = JSON.parse(readFileSync(path, "utf8")) as {
      cells: { source: string; outputs?: Output[] }[];
    };
    const code = cells.filter(({ outputs }) => outputs);
    assert.equal(code[1]!.source, "rate * 10");
    assert.deepEqual(code[1]!.outputs![0]!.data, { "text/plain": "1" });
    assert.match(code[3]!.outputs![0]!.data!["image/png"]!, /^iVBOR/);
    assert.equal(code[4]!.outputs![0]!.output_type, "stream");
    const validate = "import sys, nbformat; nbformat.validate(nbformat.read(sys.argv[1], as_version=4))";
    execFileSync(process.execPath, [join(project, "src/setup/main.mjs"), "python", "-c", validate, path]);
    await context.close();
  });

  test("a page that was closed has the edits when it is opened again, until they are thrown away", async () => {
    const { page, context } = await open();
    await press(page, "Edit and run");
    await write(page, 2, "const mine = 1;");
    await page.close();
    const { page: again, errors } = await open({}, context);
    await press(again, "Edit and run");
    await hears(again, /^A cell is as you left it/);
    assert.equal(await cell(again, 2).locator(".cm-content").textContent(), "const mine = 1;");
    const questions: string[] = [];
    again.on("dialog", (dialog) => {
      questions.push(dialog.message());
      void (questions.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await press(again, "Back to the stored version");
    assert.equal(await cell(again, 2).locator(".cm-content").textContent(), "const mine = 1;");
    await Promise.all([again.waitForEvent("load"), press(again, "Back to the stored version")]);
    assert.match(questions.join(), /^Throw away your changes to a cell/);
    await press(again, "Edit and run");
    assert.match((await cell(again, 2).locator(".cm-content").textContent())!, /splitTrainTest/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("a cell of one's own runs, is kept, is downloaded in its place, and removed", async () => {
    const { page, context, errors } = await open();
    await runAll(page);
    await press(page, "Add a cell here");
    await page.keyboard.insertText("rate + 1");
    await page.keyboard.press("Control+Enter");
    await cell(page, 6)
      .locator(".output", { hasText: /^1\.1$/ })
      .waitFor({ timeout: 60_000 });
    await press(page, "Add a cell here");
    await page.keyboard.insertText("rate + 2");
    await page.reload();
    await press(page, "Edit and run");
    await hears(page, /2 cells are as you left them/);
    await press(page, "Run all");
    await cell(page, 7)
      .locator(".output", { hasText: /^2\.1$/ })
      .waitFor({ timeout: 60_000 });
    await press(page, "Remove cell 5.1");
    assert.equal(await page.locator(".cell").count(), 6);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      press(page, "Download as notebook"),
    ]);
    const { cells } = JSON.parse(readFileSync(await download.path(), "utf8")) as { cells: TestCell[] };
    assert.deepEqual(cells.at(-2)!.id, "exercise");
    assert.deepEqual([cells.at(-1)!.id, cells.at(-1)!.source], ["own-exercise-2", "rate + 2"]);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test("without JavaScript the stored cells are there, and nothing to press", async () => {
    const { page, context, loaded } = await open({ javaScriptEnabled: false });
    assert.deepEqual(
      loaded.filter((path) => path.endsWith(".js")),
      [],
    );
    assert.equal(await page.getByRole("button").count(), 0);
    assert.equal(await page.locator(".cell .old").first().textContent(), "stored");
    await context.close();
  });

  for (const [name, options] of Object.entries({
    light: {},
    dark: { colorScheme: "dark" },
    "on a phone": { viewport: { width: 360, height: 740 } },
  } as const)) {
    test(`is accessible before, while and after it runs (${name})`, async () => {
      const { page, context } = await open(options);
      assert.deepEqual(await violations(page), []);
      await runAll(page);
      await write(page, 3, "for (;;) await new Promise((done) => setTimeout(done, 1));");
      await press(page, "Run cell 3");
      await cell(page, 3).locator('.cell-bar[data-state="running"]').waitFor({ timeout: 60_000 });
      assert.deepEqual(await violations(page), []);
      await press(page, "Stop");
      await cell(page, 3).locator('.cell-bar[data-state="stopped"]').waitFor();
      await write(page, 2, "rate.fast");
      await press(page, "Run cell 2");
      await cell(page, 2).locator('.cell-bar[data-state="error"]').waitFor({ timeout: 60_000 });
      assert.deepEqual(await violations(page), []);
      const [inner, outer] = await page.evaluate<[number, number]>(
        "[document.documentElement.scrollWidth, innerWidth]",
      );
      assert.ok(inner <= outer, `it is ${inner} wide`);
      const screenshots = join(project, ".cache", "site-screenshots");
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({
        path: join(screenshots, `cells-${name.replaceAll(" ", "-")}.png`),
        fullPage: true,
      });
      await context.close();
    });
  }

  test("by keyboard alone: to the bar, through three cells, and out of an editor", async () => {
    const { page, context } = await open();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await cell(page, 1).locator(".cm-content").waitFor();
    const isInEditor = (): Promise<boolean> =>
      page.evaluate("document.activeElement.classList.contains('cm-content')");
    for (let i = 0; i < 10 && !(await isInEditor()); i++) await page.keyboard.press("Tab");
    for (const number of [1, 2, 3]) {
      await page.keyboard.press("Shift+Enter");
      await cell(page, number).locator('.cell-bar[data-state="ok"]').waitFor({ timeout: 60_000 });
    }
    assert.ok(await isInEditor());
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-label')"), "Run cell 4");
    await context.close();
  });
});

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, string>>;
}
