import { Resvg } from "@resvg/resvg-js";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { Figure } from "../figures/plotlyFigure.js";
import { madeUpFigures } from "../figures/madeUpFigures.js";
import { renderPng } from "./pngNode.js";

const figures = madeUpFigures();
const line = figures["gradientByLayer"]!;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** "#rrggbb" of a pixel. */
  readonly at: (x: number, y: number) => string;
}

/** resvg reads PNGs too. */
function decode(png: Uint8Array): Picture {
  const [width, height] = [16, 20].map((at) => Buffer.from(png).readUInt32BE(at)) as [number, number];
  const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" href="${source}"/></svg>`;
  const { pixels } = new Resvg(svg).render();
  return {
    width,
    height,
    at: (x, y) => `#${pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 3).toString("hex")}`,
  };
}

function colors(
  { width, height, at }: Picture,
  rows: readonly [number, number] = [0, height],
): Map<string, number> {
  const found = new Map<string, number>();
  for (let y = rows[0]; y < rows[1]; y++) {
    for (let x = 0; x < width; x++) {
      const color = at(x, y);
      found.set(color, (found.get(color) ?? 0) + 1);
    }
  }
  return found;
}

function withTitle(figure: Figure, text: string): Figure {
  return { ...figure, layout: { ...figure.layout, title: { ...(figure.layout["title"] as object), text } } };
}

for (const [name, figure] of Object.entries(figures)) {
  test(`${name}: the picture has the figure's size, and is neither blank nor full`, () => {
    const picture = decode(renderPng(figure));
    assert.deepEqual([picture.width, picture.height], [760, figure.layout.height]);
    const found = colors(picture);
    const white = found.get("#ffffff")! / (picture.width * picture.height);
    assert.ok(white > 0.3 && white < 0.98, `${white} of it is white`);
    assert.ok(found.size > 50);
  });
}

test("renderPng() draws lines and cells in their colors", () => {
  const lines = colors(decode(renderPng(line)));
  assert.ok(lines.get("#c44500")! > 100, "sigmoid");
  assert.ok(lines.get("#0072b2")! > 100, "ReLU");
  // The darkest red and blue: the cells at both ends of the scale, far more than the color bars have of them.
  const cells = colors(decode(renderPng(figures["weightChange"]!)));
  assert.ok([...cells].some(([color, count]) => color === "#67001f" && count > 300));
});

test("renderPng() writes with the font that comes with the project: no other is there", () => {
  const inkOf = (title: string): number => {
    const found = colors(decode(renderPng(withTitle(line, title))), [0, 40]);
    return 760 * 40 - found.get("#ffffff")!;
  };
  assert.equal(inkOf(""), 0);
  assert.ok(inkOf("Gradient: μ ≤ 10⁻³, f′(z)") > 500);
  assert.ok(inkOf("<b>Gradient</b>") > inkOf("Gradient"), "bold");
});

test("renderPng() gives the same bytes again, and leaves the figure as it was", () => {
  const before = structuredClone(line);
  const first = renderPng(line);
  assert.deepEqual(renderPng(line), first);
  assert.deepEqual(line, before);
});

test("renderPng() says so when a figure cannot be drawn, and draws the next", () => {
  assert.throws(() => renderPng({ ...line, layout: { ...line.layout, width: 0 } }), {
    message: /^renderPng\(\): the figure could not be drawn: \S/,
  });
  assert.ok(renderPng(line).length > 1000);
});

/** Runs code in a process of its own, where `lib` is this package. */
function run(code: string, ...flags: string[]): { status: number | null; stdout: string; stderr: string } {
  const start = `const lib = require(${JSON.stringify(join(__dirname, ".."))});\n`;
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  return spawnSync(process.execPath, [...flags, "-e", start + code], options);
}

test("in a script showFigure() prints the text, and the script ends", () => {
  const { status, stdout } = run(`lib.showFigure(lib.activationFigure("sigmoid"));`);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    "sigmoid and its derivative. For z from -6 to 6, the slope is at most 0.25 for sigmoid.\n",
  );
});

test("a script that draws a picture ends by itself", () => {
  const { status, stdout } = run(`console.log(lib.renderPng(lib.activationFigure("relu")).length > 1000);`);
  assert.deepEqual([status, stdout], [0, "true\n"]);
});

test("without the native module, figures are shown without a picture, with one warning", () => {
  const folder = mkdtempSync(join(tmpdir(), "figures-"));
  try {
    const broken = join(folder, "broken.cjs");
    writeFileSync(
      broken,
      `const Module = require("node:module");
       const load = Module._load;
       Module._load = function (name, ...rest) {
         if (name === "@resvg/resvg-js") throw new Error("no native module for this machine");
         return load.call(this, name, ...rest);
       };`,
    );
    const { status, stdout, stderr } = run(
      `const { connectDisplay } = require(${JSON.stringify(join(__dirname, "notebook.js"))});
       connectDisplay(({ data }) => console.log(Object.keys(data).join(" ")));
       lib.showFigure(lib.activationFigure("sigmoid"));
       lib.showFigure(lib.activationFigure("relu"));`,
      "--require",
      broken,
    );
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "application/vnd.plotly.v1+json text/plain\n".repeat(2));
    const warnings = stderr.split("\n").filter((text) => text.includes("showFigure()"));
    assert.equal(warnings.length, 1, stderr);
    assert.match(warnings[0]!, /without a picture: .*no native module for this machine/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
