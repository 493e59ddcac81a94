/**
 * Live figures, in a page of their own in a real browser. The site's own pages, which hold them too, are tried where
 * the site is. It is skipped where there is no Chromium.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import {
  gradientByLayer,
  loadIris,
  median,
  seedRange,
  splitTrainTest,
  standardize,
  trainEnsemble,
} from "vanishing-gradients";
import { SLIDERS, type SliderKey, START } from "./page/liveState.js";
import { launchBrowser, missingBrowser, project, serve, violations } from "./testPage.js";

const content = join(project, "src", "tools", "site", "content");
const done = "/After|Ended/.test(document.querySelector('.live [role=status]').textContent)";

describe("a live figure", { skip: missingBrowser ?? false, timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "live-"));
  let browser: Browser;
  let address = "";
  let stop = (): void => {};

  before(async () => {
    await makePage(folder);
    ({ address, stop } = await serve(folder));
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    stop();
    rmSync(folder, { recursive: true });
  });

  const open = async (
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; errors: string[]; loaded: string[] }> => {
    const page = await browser.newPage({ viewport: { width: 900, height: 1100 }, ...options });
    const errors: string[] = [];
    const loaded: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto(address, { waitUntil: "networkidle" });
    assert.deepEqual(errors, []);
    return { page, errors, loaded };
  };

  test("loads nothing before the touch, then draws within a second of each move; all by keyboard", async () => {
    const { page, errors, loaded } = await open();
    assert.ok(await page.locator(".live-stored img").isVisible());
    for (let i = 0; i < 12; i++) await page.keyboard.press("Tab");
    assert.deepEqual(
      loaded.filter((path) => /worker|plotly/.test(path)),
      [],
    );
    const depth = page.getByRole("slider", { name: "Hidden layers" });
    const times: number[] = [];
    for (const key of ["ArrowRight", "End", "Home", "ArrowRight"]) {
      await depth.focus();
      await page.evaluate(firstPicture);
      await page.keyboard.press(key);
      times.push(await page.evaluate<number>("picture"));
    }
    console.log(`first picture after each move: ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
    assert.equal(await depth.getAttribute("aria-valuetext"), "2");
    assert.ok(await page.locator(".live-stored img").isHidden());
    assert.equal(await page.locator(".live .js-plotly-plot .main-svg").first().isVisible(), true);
    await page.getByLabel("Function").focus();
    await page.keyboard.type("tanh");
    await page.getByLabel("Shortcuts").focus();
    await page.keyboard.press("Space");
    await page.waitForFunction(done, null, { timeout: 60_000 });
    assert.match(
      (await page.getByRole("status").textContent())!,
      /^After 60 epochs, networks that learned: tanh: \d of 8; relu: \d of 8\.$/,
    );
    await page.getByRole("button", { name: "Back to the start settings" }).press("Enter");
    assert.equal(await depth.getAttribute("aria-valuetext"), "8");
    assert.equal(await page.getByLabel("Shortcuts").isChecked(), false);
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    assert.match((await page.getByRole("status").textContent())!, /^Stopped/);
    assert.deepEqual(errors, []);
    await page.close();
  });

  test("shows the gradients that the library finds, and says when numbers are no longer finite", async () => {
    const { page, errors } = await open();
    await page.getByLabel("At which step").selectOption("first");
    await page.waitForFunction(done, null, { timeout: 60_000 });
    const drawn = await page.evaluate<Record<string, number[]>>(`Object.fromEntries(
      document.querySelector(".js-plotly-plot").data.filter(({ mode }) => /lines/.test(mode ?? "") && mode !== "none")
        .map(({ name, y }) => [name.split(",")[0], [...y]]))`);
    const { train } = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
    for (const activation of ["sigmoid", "relu"] as const) {
      const spec = { inputs: 4, outputs: 3, hiddenLayers: 8, width: 10, activation };
      const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1, batchSize: 20, seed: 1 } as const;
      const gradients = (await trainEnsemble(spec, seedRange(8), train, options)).map((one) =>
        gradientByLayer(one),
      );
      gradients[0]!.forEach((_, layer) => {
        const expected = median(gradients.map((one) => one[layer]!));
        const shown = drawn[activation]![layer]!;
        assert.ok(
          Math.abs(shown / expected - 1) < 1e-3,
          `${activation}, layer ${layer + 1}: ${shown}, not ${expected}`,
        );
      });
    }
    const ratio = (name: string): number => drawn[name]![0]! / drawn[name]!.at(-1)!;
    assert.ok(ratio("sigmoid") < ratio("relu") / 1000, `${ratio("sigmoid")} and ${ratio("relu")}`);

    // Their outputs are in the hundreds, and finite.
    await page.getByRole("slider", { name: "Hidden layers" }).press("End");
    await page.getByLabel("Batch normalization").check();
    await page.getByLabel("Shortcuts").check();
    await page.waitForFunction(done, null, { timeout: 60_000 });
    assert.match((await page.getByRole("status").textContent())!, /sigmoid: \d of 8; relu: \d of 8\.$/);
    await page.getByRole("button", { name: "Back to the start settings" }).click();

    await page.getByLabel("Function").selectOption("relu");
    await page.getByLabel("Compared with").selectOption("none");
    await page.getByRole("slider", { name: "The start's scale" }).press("End");
    await page.waitForFunction(done, null, { timeout: 60_000 });
    assert.match((await page.getByRole("status").textContent())!, /no network has finite numbers any more/);
    assert.deepEqual(errors, []);
    await page.close();
  });

  for (const [name, options] of Object.entries<BrowserContextOptions>({
    light: {},
    dark: { colorScheme: "dark" },
    phone: { viewport: { width: 360, height: 740 } },
  })) {
    test(`is accessible and fits (${name})`, async () => {
      const { page, errors } = await open(options);
      await page.getByRole("button", { name: "Train" }).click();
      await page.locator(".live[data-training]").waitFor();
      assert.deepEqual(await violations(page, ".live"), []);
      assert.ok(
        await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
      );
      assert.deepEqual(errors, []);
      await page.close();
    });
  }

  test("says in words what is wrong with settings that are refused", async () => {
    const { page } = await open();
    await page.goto(`${address}refused.html`);
    await page.getByRole("button", { name: "Train" }).press("Enter");
    const status = page.getByRole("status", { name: "" }).filter({ hasText: "can't be trained" });
    await status.waitFor();
    assert.match((await status.textContent())!, /epochs is 0.*at least 1/);
    assert.ok(await page.getByRole("button", { name: "Train" }).isVisible());
    await page.close();
  });

  test("is the stored picture without JavaScript", async () => {
    const { page, loaded } = await open({ javaScriptEnabled: false });
    assert.ok(await page.locator(".live-stored img").isVisible());
    assert.equal(await page.locator(".live input, .live button").count(), 0);
    assert.deepEqual(
      loaded.filter((path) => path.endsWith(".js")),
      [],
    );
    await page.close();
  });
});

test("lessons' live figures start with settings that their controls have", () => {
  const notebooks = join(project, "notebooks");
  const found = readdirSync(notebooks)
    .filter((name) => name.endsWith(".ipynb"))
    .flatMap((name) => {
      const { cells } = JSON.parse(readFileSync(join(notebooks, name), "utf8")) as {
        cells: { metadata: { live?: Record<string, unknown> } }[];
      };
      return cells.flatMap(({ metadata: { live } }) => (live ? [[name, live] as const] : []));
    });
  assert.deepEqual(
    found.map(([name]) => name.slice(0, 2)),
    ["02", "04", "06", "07"],
  );
  for (const [name, live] of found) {
    assert.deepEqual(
      Object.keys(live).filter((key) => !(key in START)),
      [],
      name,
    );
    for (const [key, { values }] of Object.entries(SLIDERS)) {
      assert.ok(
        values.includes((live[key] as number | undefined) ?? START[key as SliderKey]),
        `${name}: ${key}`,
      );
    }
  }
});

/** Has `picture` be the milliseconds from the next move until the first picture of what it asks for. */
const firstPicture = `(() => {
  const place = document.querySelector(".live");
  const { training } = place.dataset;
  globalThis.picture = new Promise((done) => {
    place.addEventListener("input", () => {
      const start = performance.now();
      const observer = new MutationObserver(() => {
        if (place.dataset.training !== training) {
          observer.disconnect();
          done(performance.now() - start);
        }
      });
      observer.observe(place, { attributes: true });
    }, { once: true, capture: true });
  });
})()`;

/** A page with the front page's live figure, and what it loads. */
async function makePage(folder: string): Promise<void> {
  const { build } = await import("esbuild");
  const { settings } = (await import(pathToFileURL(join(project, "src", "browser", "bundle.mjs")).href)) as {
    settings: object;
  };
  const source = (...path: string[]): string => join(project, "src", "browser", ...path);
  await build({
    ...settings,
    entryPoints: { "browser/worker": source("worker", "worker.ts") },
    outdir: folder,
  });
  await build({ ...settings, entryPoints: [source("page", "page.ts")], format: "iife", outdir: folder });
  mkdirSync(join(folder, "vendor"));
  const modules = join(project, "node_modules");
  cpSync(
    join(modules, "plotly.js-basic-dist-min", "plotly-basic.min.js"),
    join(folder, "vendor", "plotly-basic.min.js"),
  );
  cpSync(join(content, "static", "site.css"), join(folder, "site.css"));
  mkdirSync(join(folder, "_static"));
  cpSync(
    join(project, "notebooks", "01-gradient-by-layer.png"),
    join(folder, "_static", "01-gradient-by-layer.png"),
  );
  const [live] = /<div class="live"[^]*?<\/div>\s*<\/div>/.exec(
    readFileSync(join(content, "index.md"), "utf8"),
  )!;
  const page = (place: string): string => `<!doctype html>
    <html lang="en"><head><title>Live</title><meta name="viewport" content="width=device-width">
    <link rel="icon" href="data:,"><style>${COLORS}</style><link rel="stylesheet" href="site.css">
    <script defer src="page.js"></script></head>
    <body data-theme="auto"><main class="content"><h1>Live</h1>${place}</main></body></html>`;
  writeFileSync(join(folder, "index.html"), page(live));
  writeFileSync(join(folder, "refused.html"), page(`<div class="live" data-live='{"epochs": 0}'></div>`));
}

/** The theme's colors that the site's style sheet uses. */
const COLORS = `
body { margin: 1rem; font-family: sans-serif; color: var(--color-foreground-primary); background: var(--color-background-primary);
  --color-foreground-primary: black; --color-foreground-border: #878787; --color-background-primary: white;
  --color-background-secondary: #f8f9fb; --color-brand-primary: #0b5394; }
@media (prefers-color-scheme: dark) { body { --color-foreground-primary: #cfd0d0; --color-foreground-border: #666;
  --color-background-primary: #131416; --color-background-secondary: #1a1c1e; --color-brand-primary: #8ab8ff; } }`;
