/** For tests: a page that runs a notebook, bundled and compiled as the site's pages are, and a server for it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";

export const project = join(__dirname, "..", "..", "..");
export const { launchBrowser, missingBrowser, missingFirefox, openInFirefox } = createRequire(__filename)(
  join(project, "src", "tools", "dist", "testing", "browser.js"),
) as typeof import("../tools/testing/browser.js");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".png": "image/png",
};

/** A cell of a notebook (nbformat 4). */
export interface TestCell {
  readonly id: string;
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly metadata: {
    readonly nbgrader?: { readonly solution: boolean; readonly locked: boolean; readonly grade_id: string };
  };
}

/** Serves a folder. @param onReport called with what a page sends (POST) */
export async function serve(
  folder: string,
  onReport?: (text: string) => void,
): Promise<{ readonly address: string; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const { method, url = "" } = request;
    if (method === "POST" && onReport) {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        onReport(text);
        response.end();
      });
      return;
    }
    const path = join(folder, url === "/" ? "index.html" : url);
    try {
      const text = readFileSync(path);
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { address, stop: () => server.close() };
}

/** What axe-core finds wrong in a page, or in the part of it that a selector names: the rule, and where. */
export async function violations(page: Page, within = "html"): Promise<unknown> {
  await page.addScriptTag({ path: join(project, "node_modules", "axe-core", "axe.min.js") });
  return page.evaluate(
    `axe.run(${JSON.stringify(within)}).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
  );
}

/** Makes a page of a notebook, as the site has them: index.html in a folder. Behind each text there is room for cells of the reader's own. */
export async function makePage(folder: string, path: string): Promise<void> {
  const { cells: stored } = JSON.parse(readFileSync(path, "utf8")) as { cells: readonly TestCell[] };
  const copy = join(folder, basename(path));
  if (path !== copy) cpSync(path, copy);
  const { bundle } = (await import(pathToFileURL(join(project, "src/browser/bundle.mjs")).href)) as {
    bundle: (folder: string, notebooks: string[]) => Promise<void>;
  };
  await bundle(folder, [copy]);
  cpSync(join(project, "src/tools/site/content/static/site.css"), join(folder, "site.css"));
  mkdirSync(join(folder, "vendor"));
  const plotly = join(project, "node_modules", "plotly.js-basic-dist-min", "plotly-basic.min.js");
  // Lines are all that is drawn here.
  for (const name of ["plotly.min.js", "plotly-basic.min.js"]) cpSync(plotly, join(folder, "vendor", name));
  const colors = (ink: string, paper: string, brand: string): string =>
    `--color-foreground-primary: ${ink}; --color-background-primary: ${paper}; --color-background-secondary: ${paper}; ` +
    `--color-foreground-border: ${ink}; --color-background-border: ${ink}; --color-brand-primary: ${brand}; --font-stack--monospace: monospace; --code-font-size: 13px;`;
  const cells = stored.map(({ id, cell_type: type, source }) =>
    type === "code"
      ? `<div class="cell docutils container"><div class="cell_input"><pre tabindex="0">${htmlOf(source)}</pre></div>
      <div class="cell_output"><pre class="old" tabindex="0">stored</pre></div></div>`
      : `<p>A text.</p><div class="own-cells" data-after="${id}"></div>`,
  );
  writeFileSync(
    join(folder, "index.html"),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Small</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <style>body { ${colors("#000000", "#ffffff", "#0b5394")} color: var(--color-foreground-primary); background: var(--color-background-primary); }
    @media (prefers-color-scheme: dark) { body { ${colors("#e0e0e0", "#131416", "#8ab8ff")} } } pre { overflow-x: auto; }</style>
    <link rel="stylesheet" href="site.css"><script src="page.js" defer></script></head>
    <body data-theme="auto"><main><h1>Small</h1><div class="run-bar"></div>${cells.join("")}</main></body></html>`,
  );
}

const htmlOf = (source: string | readonly string[]): string =>
  [source].flat().join("").replaceAll("<", "&lt;");
