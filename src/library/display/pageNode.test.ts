import assert from "node:assert/strict";
import test from "node:test";
import type { Figure } from "../figures/index.js";
import { madeUpFigures } from "../figures/madeUpFigures.js";
import { type Box, boxOf, type PageElement, placeWithin } from "./boxNode.js";
import { loadPlotly } from "./pageNode.js";

const plotly = loadPlotly();

interface Root extends PageElement {
  innerHTML: string;
}
const { document } = globalThis as unknown as { document: { createElement(name: string): Root } };

/** A figure as plotly draws it. */
async function drawn(figure: Figure): Promise<Root> {
  const size = { width: figure.layout.width, height: figure.layout.height };
  const copy = structuredClone({ data: figure.data, layout: figure.layout });
  const url = await plotly.toImage(copy as Parameters<typeof plotly.toImage>[0], {
    format: "svg",
    ...size,
  });
  const root = document.createElement("div");
  root.innerHTML = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  return root;
}

/** The texts in an element, with their places within a holder (the whole picture if not given). */
function textsIn(element: PageElement, holder?: PageElement): { text: string; box: Box }[] {
  return Array.from(element.querySelectorAll("text"), (text) => ({
    text: text.textContent,
    box: placeWithin(text, boxOf(text), holder),
  })).filter(({ text }) => text.trim() !== "");
}

for (const [name, figure] of Object.entries(madeUpFigures())) {
  test(`${name}: plotly knows every attribute and takes every value`, () => {
    const { data, layout } = structuredClone({ data: figure.data, layout: figure.layout });
    // What is not shown is not looked at: show all that a slider or a menu can choose.
    const shown = data.map((trace) => ({ ...trace, visible: true }));
    const faults = plotly.validate(shown, layout as object) as { astr: string }[] | undefined;
    // What a slider's step hands on can be anything, and is copied: plotly takes the copy for another value.
    const own = faults?.filter(({ astr }) => !/\.args\[\d\]$/.test(astr));
    assert.deepEqual(own ?? [], []);
  });

  test(`${name}: all texts lie within the picture, and none on another`, async () => {
    const texts = textsIn(await drawn(figure));
    const { width, height } = figure.layout;
    assert.ok(texts.length > 10);
    texts.forEach(({ text, box }, i) => {
      const inside = box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height;
      assert.ok(inside, `"${text}" reaches out: ${JSON.stringify(box)}`);
      for (const other of texts.slice(i + 1)) {
        assert.ok(!overlap(box, other.box), `"${text}" and "${other.text}" overlap`);
      }
    });
  });
}

for (const [name, figure] of Object.entries(madeUpFigures()).filter(
  ([, { layout }]) => layout["showlegend"],
)) {
  test(`${name}: the legend is not cut off`, async () => {
    const root = await drawn(figure);
    const [legend] = [...root.querySelectorAll("g.legend")];
    const [window] = [...root.querySelectorAll("clipPath")].filter((clip) =>
      clip.getAttribute("id")?.startsWith("legend"),
    );
    const [frame] = [...window!.querySelectorAll("rect")];
    for (const { text, box } of textsIn(legend!, legend)) {
      assert.ok(box.bottom <= Number(frame!.getAttribute("height")), `"${text}" is cut off`);
    }
  });
}

/** By more than a pixel: the boxes of letters have room above and below. */
function overlap(a: Box, b: Box): boolean {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 1 && along > 1;
}

test("a text's box grows with its font, its letters and its lines, and is anchored as the text is", () => {
  const root = document.createElement("div");
  const box = (attributes: string, content: string): Box => {
    root.innerHTML = `<svg><text x="100" y="50" style="font-size: 20px" ${attributes}>${content}</text></svg>`;
    return boxOf([...root.querySelectorAll("text")][0]!);
  };
  const start = box("", "layer");
  assert.ok(start.left === 100 && start.width > 30 && start.width < 70);
  assert.ok(start.top < 50 && start.bottom > 50 && start.height > 20 && start.height < 30);
  assert.equal(box('text-anchor="middle"', "layer").left, 100 - start.width / 2);
  assert.equal(box('text-anchor="end"', "layer").left, 100 - start.width);
  assert.ok(box("", "layer layer").width > 2 * start.width);
  assert.ok(box("", 'layer<tspan style="font-size:70%">2</tspan>').width < box("", "layer2").width);
  const lines = box("", '<tspan class="line">layer</tspan><tspan class="line">a</tspan>');
  assert.equal(lines.width, start.width);
  assert.ok(lines.height > 2 * 20);
  assert.ok(box("", "a &lt; b &amp; c").width > 0);
});

test("a text that is turned by a quarter has its width for its height", () => {
  const root = document.createElement("div");
  root.innerHTML =
    '<svg><g transform="translate(7,3)"><text x="10" y="20" style="font-size: 20px" text-anchor="middle" transform="rotate(-90,10,20)">layer</text></g></svg>';
  const [text] = [...root.querySelectorAll("text")];
  const own = boxOf(text!);
  const placed = placeWithin(text!, own);
  assert.equal(placed.width, own.height);
  assert.equal(placed.height, own.width);
  // The middle of the turned line stays at the point about which it turns, shifted by the group.
  assert.ok(Math.abs((placed.top + placed.bottom) / 2 - (20 + 3)) < 1e-9);
  assert.ok(placed.left < 10 + 7 && placed.right > 10 + 7);
});
