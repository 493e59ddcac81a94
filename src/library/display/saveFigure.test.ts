import { Resvg } from "@resvg/resvg-js";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { activationFigure, type Figure } from "../figures/index.js";
import { madeUpFigures } from "../figures/madeUpFigures.js";
import { renderPng, saveFigure } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "saved-figures-"));
after(() => {
  rmSync(folder, { recursive: true });
});

const figures = madeUpFigures();
const figure = figures["gradientByLayer"]!;

/** The file that a figure is saved in. */
function saved(one: Figure, name: string): string {
  const path = join(folder, name);
  saveFigure(one, path);
  return path;
}

test("saveFigure() writes a PNG, whatever the case of the ending", () => {
  assert.deepEqual(readFileSync(saved(figure, "line.PNG")), Buffer.from(renderPng(figure)));
});

test("saveFigure() writes an SVG of the figure's size, with its text for those who do not see it", () => {
  for (const name of ["gradientByLayer", "weightChange"]) {
    const svg = readFileSync(saved(figures[name]!, "figure.svg"), "utf8");
    const { width, height } = new Resvg(svg);
    assert.deepEqual([width, height], [760, 420]);
    assert.match(
      svg,
      /^<svg role="img" aria-label="[^"]*first layer|^<svg role="img" aria-label="sigmoid: the kernel/,
    );
  }
});

test("saveFigure() writes plotly's data and layout as JSON, whole, with the text", () => {
  const read = JSON.parse(readFileSync(saved(figure, "figure.json"), "utf8")) as unknown;
  assert.deepEqual(read, JSON.parse(JSON.stringify(figure)));
});

test("saveFigure() writes a page of one file, which names no other", () => {
  const awkward = { ...figure, alt: 'With "quotes", <script> & </script><!-- a comment' };
  const html = readFileSync(saved(awkward, "figure.html"), "utf8");
  assert.match(html, /aria-label="With &quot;quotes&quot;, &lt;script&gt; &amp; &lt;\/script&gt;/);
  assert.equal([...html.matchAll(/<script/gi)].length - [...html.matchAll(/["'`]<script/gi)].length, 2);
  assert.doesNotMatch(html, /<(script|link|img)[^>]*\s(src|href)=/);
  assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  assert.match(html, /"showSendToCloud":false/);
});

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env["CHROMIUM"] ?? CHROMIUM.find((path) => existsSync(path));
const skip = executablePath === undefined && "NO CHROMIUM HERE: the saved page was not opened in a browser.";

test(
  "the page opens in a browser without a network: it draws the figure, and asks for nothing",
  { skip },
  async () => {
    const browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
    try {
      for (const name of ["gradient and both factors", "trainability of four", "slider"]) {
        const page = await browser.newPage({ offline: true });
        const asked: string[] = [];
        const errors: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("console", (message) => {
          if (message.type() === "error") {
            errors.push(message.text());
          }
        });
        page.on("pageerror", (error) => errors.push(error.message));
        const path = pathToFileURL(saved(figures[name]!, "browser.html")).href;
        await page.goto(path);
        await page.waitForSelector(".js-plotly-plot .main-svg .xtitle");
        assert.deepEqual(errors, []);
        assert.deepEqual(
          asked.filter((url) => url !== path && !/^(data|blob):/.test(url)),
          [],
        );
        assert.equal(await page.getByRole("img", { name: figures[name]!.alt }).count(), 1);
        const shown = await page.locator(".gtitle").first().textContent();
        assert.equal(shown, (figures[name]!.layout["title"] as { text: string }).text);
        assert.equal(await page.title(), shown);
        const buttons = await page
          .locator(".modebar-btn")
          .evaluateAll((all) => all.map((button) => button.getAttribute("data-title")));
        assert.ok(buttons.length > 2);
        assert.doesNotMatch(buttons.join(), /cloud|studio|plotly/i);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  },
);

test("saveFigure() refuses what it has no format for, a folder that is not there, and what is no figure", () => {
  const refuse = (path: unknown, message: RegExp, one: unknown = figure): void => {
    assert.throws(
      () => {
        saveFigure(one as Figure, path as string);
      },
      { name: "RangeError", message },
    );
  };
  const before = readdirSync(folder);
  refuse(
    join(folder, "figure.jpg"),
    /^saveFigure\(\): path is ".*figure\.jpg"; it must be the name of a file that ends in \.png, \.svg, \.html, \.json$/,
  );
  refuse("figure", /path is "figure"; .* ends in/);
  refuse("a.constructor", /path is "a\.constructor"; .* ends in/);
  refuse(undefined, /path is undefined; .* ends in/);
  refuse(join(folder, "no", "figure.png"), /it must be in a folder that exists$/);
  refuse(join(folder, "figure.png"), /^saveFigure\(\): figure is \[object Object\]; it must be a figure/, {});
  assert.deepEqual(readdirSync(folder), before);
});

for (const [kind, name, start] of [
  ["CommonJS", "script.cjs", `const { activationFigure, saveFigure } = require(PACKAGE);`],
  ["ES modules", "script.mjs", `import { activationFigure, saveFigure } from PACKAGE;`],
] as const) {
  test(`a script in ${kind} writes a figure in all formats, and ends`, () => {
    const script = join(folder, name);
    const own = join(__dirname, "..", "index.js");
    const from = JSON.stringify(kind === "CommonJS" ? own : pathToFileURL(own).href);
    const lines = [".png", ".svg", ".html", ".json"].map(
      (ending) => `saveFigure(activationFigure("relu"), ${JSON.stringify(join(folder, name + ending))});`,
    );
    writeFileSync(script, [start.replace("PACKAGE", from), ...lines].join("\n"));
    const { status, stderr, stdout } = spawnSync(process.execPath, [script], {
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    const png = readFileSync(join(folder, `${name}.png`));
    assert.deepEqual(png, Buffer.from(renderPng(activationFigure("relu"))));
    assert.ok(readFileSync(join(folder, `${name}.html`), "utf8").includes("Plotly.newPlot"));
  });
}
