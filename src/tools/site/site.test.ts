/**
 * Builds the site and opens every page in a real browser. It is skipped where there is no Chromium.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import test, { after, before, describe } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser, missingBrowser } from "../testing/browser.js";

const project = join(__dirname, "..", "..", "..", "..");
const site = join(project, "site");
const screenshots = join(project, ".cache", "site-screenshots");
const axe = join(project, "node_modules", "axe-core", "axe.min.js");
const setup = join(project, "src", "setup", "main.mjs");

const phone = { viewport: { width: 360, height: 740 } };

/** What a page did wrong. */
interface Faults {
  readonly errors: string[];
  readonly foreign: string[];
  bytes: number;
}

describe("the site", { skip: missingBrowser ?? false, timeout: 600_000, concurrency: 2 }, () => {
  let browser: Browser;
  let address = "";
  let stop = (): void => {};

  before(async () => {
    execFileSync(process.execPath, [setup, "python", "-m", "tools.site.build"], { cwd: project, stdio: "pipe" });
    mkdirSync(screenshots, { recursive: true });
    ({ address, stop } = await serve());
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    stop();
  });

  /** A page that notes what goes wrong in it. */
  const open = async (options: BrowserContextOptions = {}): Promise<{ page: Page; faults: Faults }> => {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    const faults: Faults = { errors: [], foreign: [], bytes: 0 };
    page.on("pageerror", (error) => faults.errors.push(error.message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) faults.errors.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !/^(data|blob):/.test(url)) faults.foreign.push(url);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) faults.errors.push(`${response.status()} ${response.url()}`);
    });
    page.on("requestfinished", (request) => {
      void request.sizes().then(
        ({ responseBodySize, responseHeadersSize }) => (faults.bytes += responseBodySize + responseHeadersSize),
        () => {},
      );
    });
    return { page, faults };
  };

  test("every page opens without a fault, is accessible, light and dark, and draws its first figure", async () => {
    const { page, faults } = await open();
    for (const path of pages()) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(`${address}/${path}`);
      const figure = page.locator(".figure").first();
      if ((await figure.count()) > 0) {
        await figure.scrollIntoViewIfNeeded();
        await page.locator(".figure[data-drawn]").first().waitFor();
      }
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.equal(await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), colorScheme === "dark");
        // Dark pages differ in their colors alone, which style sheets choose.
        const rules = colorScheme === "dark" ? ["color-contrast", "link-in-text-block"] : undefined;
        assert.deepEqual(await violations(page, rules), [], `${path} (${colorScheme})`);
        await page.screenshot({
          path: join(screenshots, `${path.replaceAll(/\W+/g, "-")}${colorScheme}.png`),
        });
      }
    }
    assert.deepEqual({ errors: faults.errors, foreign: faults.foreign }, { errors: [], foreign: [] });
    await page.close();
  });

  test("the first page is small, and nothing in it jumps", async () => {
    const { page, faults } = await open();
    for (const path of ["", "lessons/01-see-it-vanish/"]) {
      faults.bytes = 0;
      await page.goto(`${address}/${path}`, { waitUntil: "networkidle" });
      assert.ok(faults.bytes > 10_000 && faults.bytes < 500_000, `${path}: ${faults.bytes} bytes`);
      const [paint, shift] = await page.evaluate<[number, number]>(`new Promise((done) => {
        let shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        setTimeout(() => done([paint.startTime, shift]), 500);
      })`);
      console.log(`/${path}: ${faults.bytes} bytes, first paint ${paint.toFixed(0)} ms, layout shift ${shift}`);
      assert.ok(shift < 0.02, `layout shift ${shift}`);
    }
    await page.close();
  });

  test("all figures of a lesson are drawn in their place, a slider and a menu change theirs", async () => {
    const { page } = await open();
    await page.goto(`${address}/lessons/02-why-it-vanishes/`, { waitUntil: "networkidle" });
    const figures = await page.locator(".figure").all();
    for (const figure of figures) {
      const before = await figure.boundingBox();
      await figure.scrollIntoViewIfNeeded();
      await figure.locator(".js-plotly-plot .main-svg").first().waitFor();
      const size = await figure.boundingBox();
      assert.deepEqual([size!.width, size!.height], [before!.width, before!.height]);
    }
    const rail = page.locator(".slider-rail-touch-rect").first();
    await rail.scrollIntoViewIfNeeded();
    const active = () =>
      page.evaluate<number>("document.querySelector('.slider-container').closest('.plot')._fullLayout.sliders[0].active");
    const before = await active();
    const box = (await rail.boundingBox())!;
    await page.mouse.click(box.x + 0.9 * box.width, box.y + box.height / 2);
    await page.waitForTimeout(500);
    assert.notEqual(await active(), before);
    const byMouse = await active();
    await page.locator(".plot", { has: page.locator(".slider-container") }).first().focus();
    await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(500);
    assert.equal(await active(), byMouse - 1);

    await page.goto(`${address}/lessons/06-initialization/`, { waitUntil: "networkidle" });
    const titled = page.locator(".figure", { has: page.locator("img[alt*='menu' i], img") });
    for (const figure of await titled.all()) {
      await figure.scrollIntoViewIfNeeded();
      await figure.locator(".js-plotly-plot .main-svg").first().waitFor();
    }
    const button = page.locator(".updatemenu-header").first();
    await button.scrollIntoViewIfNeeded();
    const chosen = () => page.locator(".updatemenu-header-group").first().textContent();
    const first = await chosen();
    await button.click();
    await page.locator(".updatemenu-dropdown-button").first().click();
    await page.waitForTimeout(500);
    assert.notEqual(await chosen(), first);
    await page.close();
  });

  test("without JavaScript the pictures are there, each with a text that tells what it shows", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    for (const path of pages().filter((name) => name.startsWith("lessons/"))) {
      await page.goto(`${address}/${path}`);
      const images = await page.locator(".figure img").all();
      assert.ok(images.length > 0, path);
      for (const image of images) {
        await image.scrollIntoViewIfNeeded();
        assert.ok(await image.isVisible());
        assert.match((await image.getAttribute("alt")) ?? "", /.{40}/);
        const box = (await image.boundingBox())!;
        assert.ok(box.width > 300 && box.height > 150, path);
      }
    }
    await page.close();
  });

  test("on a phone no page scrolls sideways, and all is accessible", async () => {
    const { page, faults } = await open(phone);
    for (const path of pages()) {
      await page.goto(`${address}/${path}`);
      await assertFits(page, path);
      const figure = page.locator(".figure").first();
      if ((await figure.count()) > 0) {
        await figure.scrollIntoViewIfNeeded();
        await figure.locator("button").waitFor();
      }
      assert.deepEqual(await violations(page), [], path);
    }
    assert.deepEqual(faults.errors, []);
    await page.close();
  });

  test("on a phone a figure is a picture until its button is pressed; then its slider moves", async () => {
    const { page, faults } = await open({ ...phone, hasTouch: true });
    await page.goto(`${address}/lessons/02-why-it-vanishes/`, { waitUntil: "networkidle" });
    const figure = page.locator(".figure", { has: page.locator("img[alt*='slider']") });
    await figure.scrollIntoViewIfNeeded();
    await figure.getByRole("button", { name: "Enlarge" }).tap();
    const rail = figure.locator(".slider-rail-touch-rect");
    await rail.waitFor();
    await rail.scrollIntoViewIfNeeded();
    const title = () => figure.locator(".slider-label").first().textContent();
    const before = await title();
    const width = await figure.locator("img").getAttribute("width");
    assert.equal((await figure.locator(".main-svg").first().boundingBox())!.width, Number(width));
    await rail.tap({ position: { x: 20, y: 5 } });
    await page.waitForTimeout(500);
    assert.notEqual(await title(), before);
    await assertFits(page, "the lesson");
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: join(screenshots, "phone-enlarged.png") });
    assert.deepEqual(faults.errors, []);
    await page.close();
  });

  test("lesson 1 runs in its page, and its claims hold", async () => {
    const { page, faults } = await open();
    await page.goto(`${address}/lessons/01-see-it-vanish/`, { waitUntil: "networkidle" });
    const start = Date.now();
    await page.getByRole("button", { name: "Run all" }).click();
    const status = page.locator(".run-bar").getByRole("status").first();
    await status.filter({ hasText: /^(All cells have run|Cell \d+ (failed|was stopped))/ }).waitFor({ timeout: 120_000 });
    console.log(`lesson 1 ran in its page in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    assert.match((await status.textContent())!, /^All cells have run/);
    assert.deepEqual(faults, { errors: [], foreign: [], bytes: faults.bytes });
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  test("on a phone the bar of a lesson stays in sight, below the page's header", async () => {
    const { page, faults } = await open({ ...phone, hasTouch: true, isMobile: true });
    await page.goto(`${address}/lessons/01-see-it-vanish/`, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Edit and run" }).tap();
    await page.locator(".cell .cm-content").first().waitFor();
    await page.locator(".cell").nth(6).scrollIntoViewIfNeeded();
    const header = (await page.locator(".mobile-header").boundingBox())!;
    const bar = (await page.locator(".run-bar").boundingBox())!;
    assert.ok(bar.y >= header.height - 1 && bar.y + bar.height < 200, `the bar is at ${bar.y}`);
    await assertFits(page, "the lesson");
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(faults.errors, []);
    await page.close();
  });

  test("the search finds a word", async () => {
    const { page } = await open();
    await page.goto(`${address}/search/?q=saturation`, { waitUntil: "networkidle" });
    await page.locator("#search-results li a").first().waitFor();
    assert.ok((await page.locator("#search-results li a").count()) > 2);
    await page.close();
  });

  test("links lead somewhere", () => {
    const broken: string[] = [];
    const ids = new Map<string, Set<string>>();
    const idsOf = (file: string): Set<string> => {
      const known =
        ids.get(file) ??
        new Set([...readFileSync(file, "utf8").matchAll(/ (?:id|name)="([^"]+)"/g)].map(([, id]) => id!));
      ids.set(file, known);
      return known;
    };
    for (const path of pages()) {
      const file = join(site, path, "index.html");
      for (const [, href] of readFileSync(file, "utf8").matchAll(/<a [^>]*href="([^"]+)"/g)) {
        const { protocol, host, pathname, hash } = new URL(href!.replaceAll("&amp;", "&"), `http://site/${path}`);
        if (host !== "site" || protocol !== "http:") continue;
        const target = join(site, decodeURIComponent(pathname));
        const page = existsSync(join(target, "index.html")) ? join(target, "index.html") : target;
        const id = decodeURIComponent(hash.slice(1));
        if (!existsSync(page)) broken.push(`${path}: ${href!}`);
        else if (id !== "" && page.endsWith(".html") && !idsOf(page).has(id)) broken.push(`${path}: ${href!}`);
      }
    }
    assert.deepEqual(broken, []);
  });

  /** Every page's address below the site, such as "lessons/01-see-it-vanish/". */
  function pages(): string[] {
    return readdirSync(site, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("index.html") && !path.startsWith("_"))
      .map((path) => relative(".", path).replace(/index\.html$/, ""))
      .sort();
  }
});

/** What axe-core finds wrong with a page, by all of its rules or by these: the rule, and where. */
async function violations(page: Page, rules?: readonly string[]): Promise<unknown> {
  await page.addScriptTag({ path: axe });
  // What passes need not be listed: on a long page that takes as long as the tests.
  const options = JSON.stringify({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  return page.evaluate(
    `axe.run(${options}).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
  );
}

/** Fails if a page can be scrolled sideways. */
async function assertFits(page: Page, path: string): Promise<void> {
  const [inner, outer] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  assert.ok(inner <= outer, `${path} is ${inner} wide`);
}

/** Serves the site, as `npm run site -- --serve` does. */
async function serve(): Promise<{ address: string; stop: () => void }> {
  const code = "from tools.site.build import serve; serve(0)";
  const server = spawn(process.execPath, [setup, "python", "-c", code], { cwd: project, detached: true });
  const address = await new Promise<string>((found, failed) => {
    server.on("exit", () => {
      failed(new Error("the site's server ended"));
    });
    server.stdout.on("data", (text: Buffer) => {
      const match = /http:\/\/[\d.:]+/.exec(text.toString());
      if (match) found(match[0]);
    });
  });
  return { address, stop: () => process.kill(-server.pid!, "SIGTERM") };
}
