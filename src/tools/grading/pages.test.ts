/**
 * Grades a submission that tries to do something on the pages that are made of it, and opens these in a real browser:
 * the student's page, and Formgrader's. It is skipped where there is no Chromium, or where set-up has not run.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { launchBrowser, missingBrowser } from "../testing/browser.js";

const project = join(__dirname, "..", "..", "..", "..");
const course = join(project, ".cache", "course-for-pages");
const assignment = "backpropagate-by-hand";
const python = [process.env["CONDA_PREFIX"] ?? "", join(project, ".venv")]
  .filter((prefix) => prefix !== "")
  .map((prefix) => join(prefix, "bin", "python"))
  .find((path) => existsSync(path));
const missing = missingBrowser ?? (python === undefined ? "NOT SET UP: run npm run setup" : undefined);

/** Each would change the page's title, if it ran. */
const MARKDOWN = `My notes. <script>document.title += " ran";</script> <img src="x" onerror="document.title += ' ran'">
<svg onload="document.title += ' ran'"></svg> <iframe srcdoc="<script>parent.document.title += ' ran'</script>"></iframe>`;
const CODE = `import { display } from "tslab";
const attack = ${JSON.stringify(MARKDOWN)};
display.html(attack); display.markdown(attack); display.latex("$x$" + attack); display.text(attack);
display.svg(attack); display.javascript("document.title += ' ran';");
(require("tslab/dist/jupyter") as any).lastWriteDisplayData(
  { data: { "image/png": "AAAA" }, metadata: { "image/png": { width: "1 onerror=document.title+='ran'" } }, transient: {} }, false);
console.log(attack);
throw new Error(attack);`;

describe("pages of a submission that tries to do something on them", { skip: missing ?? false }, () => {
  let browser: Browser;

  before(async () => {
    rmSync(course, { recursive: true, force: true });
    mkdirSync(course, { recursive: true });
    const theirs = join(project, "notebooks", "assignments");
    cpSync(join(theirs, "nbgrader_config.py"), join(course, "nbgrader_config.py"));
    cpSync(join(theirs, "source", assignment), join(course, "source", assignment), { recursive: true });
    mkdirSync(join(course, "handed-in"));
    writeFileSync(join(course, "handed-in", "mallory.ipynb"), submission(join(theirs, "source")));
    const grade = ["-m", "tools.grading.grade", assignment, join(course, "handed-in"), "--course", course];
    execFileSync(python!, grade, { cwd: project, env: environment(), stdio: "pipe" });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    rmSync(course, { recursive: true, force: true });
  });

  /** The page's title when all has been loaded, its text, and what in the notebook could do something. */
  const look = async (address: string): Promise<{ title: string; text: string; live: number }> => {
    const page = await browser.newPage();
    await page.goto(address, { waitUntil: "load" });
    await page.waitForTimeout(500);
    const live = ["script", "svg", "iframe", "[onerror]", "[onload]"];
    const found = await page.locator(live.map((name) => `#notebook-container ${name}`).join()).count();
    const result = { title: await page.title(), text: await page.innerText("body"), live: found };
    await page.close();
    return result;
  };

  test("the same text does something on a page that is not made inert", async () => {
    const page = await browser.newPage();
    await page.setContent(`<title>page</title>${MARKDOWN}`);
    await page.waitForTimeout(500);
    assert.match(await page.title(), /ran/);
    await page.close();
  });

  test("on the student's page it is shown, and does nothing", async () => {
    const file = join(course, "feedback", "mallory", assignment, `${assignment}.html`);
    const { text, ...page } = await look(pathToFileURL(file).href);
    assert.deepEqual(page, { title: `${assignment}: mallory`, live: 0 });
    assert.match(text, /My notes\./);
  });

  test("in Formgrader it is shown, and does nothing", async (t) => {
    const settings = join(project, "src", "tools", "lab", "everyone");
    const options = ["--no-browser", "--port=0", "--IdentityProvider.token=", "--allow-root"];
    const server = spawn(python!, ["-m", "jupyterlab", ...options, `--ServerApp.root_dir=${project}`], {
      cwd: course,
      detached: true,
      env: { ...environment(), JUPYTER_CONFIG_PATH: settings },
    });
    t.after(() => process.kill(-server.pid!, "SIGTERM"));
    const origin = await new Promise<string>((resolve, reject) => {
      let said = "";
      for (const stream of [server.stdout, server.stderr]) {
        stream.on("data", (data: Buffer) => {
          said += data.toString();
          const address = /^http:\/\/[^/]+/m.exec(said)?.[0];
          if (address !== undefined) resolve(address);
        });
      }
      server.on("exit", () => {
        reject(new Error(`JupyterLab ended:\n${said}`));
      });
    });
    const api = `${origin}/formgrader/api/submitted_notebooks/${assignment}/${assignment}`;
    const [submitted] = (await (await fetch(api)).json()) as { id: string }[];
    const { text, ...page } = await look(`${origin}/formgrader/submissions/${submitted!.id}`);
    assert.deepEqual(page, { title: assignment, live: 0 });
    assert.match(text, /My notes\./);
  });
});

/** The environment in which the kernel and nbgrader are found. */
function environment(): NodeJS.ProcessEnv {
  const path = `${join(python!, "..")}:${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH: path, JUPYTER_PREFER_ENV_PATH: "1", PYTHONNOUSERSITE: "1" };
}

/** The assignment with solutions, and two cells added. */
function submission(source: string): string {
  interface Cell {
    cell_type: string;
  }
  const text = readFileSync(join(source, assignment, `${assignment}.ipynb`), "utf8");
  const notebook = JSON.parse(text) as { cells: Cell[] };
  const given = { metadata: {}, source: MARKDOWN };
  const markdown = { ...given, cell_type: "markdown", id: "attack-in-markdown" };
  const code = {
    ...given,
    cell_type: "code",
    id: "attack-in-code",
    source: CODE,
    outputs: [],
    execution_count: null,
  };
  const cells = [...notebook.cells.slice(0, 2), markdown, code, ...notebook.cells.slice(2)];
  return JSON.stringify({ ...notebook, cells });
}
