import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import test, { beforeEach } from "node:test";
import { activationFigure } from "../figures/index.js";
import { madeUpFigures } from "../figures/madeUpFigures.js";
import { connectDisplay } from "./notebook.js";
import { buildMlp } from "../models/mlp.js";
import type { Progress } from "../training/progress.js";
import {
  checkClaims,
  countIs,
  medianIs,
  medianRows,
  progressBar,
  renderPng,
  showFigure,
  showSummary,
  showTable,
} from "./index.js";

interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
  readonly update: boolean;
}

let outputs: Output[] = [];
connectDisplay((content, update) => outputs.push({ ...content, update }));
beforeEach(() => {
  outputs = [];
});

const textOf = ({ data }: Output): string => String(data["text/plain"]);

test("showFigure() gives one output: the figure, its picture with its size, and its text", () => {
  const figure = madeUpFigures()["gradientByLayer"]!;
  showFigure(figure);
  assert.equal(outputs.length, 1);
  const [{ data, metadata, update }] = outputs as [Output];
  assert.equal(update, false);
  assert.deepEqual(Object.keys(data), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert.deepEqual(metadata["image/png"], { width: 760, height: 420 });
  assert.deepEqual(Buffer.from(String(data["image/png"]), "base64"), Buffer.from(renderPng(figure)));
  assert.equal(data["text/plain"], figure.alt);
  const shown = data["application/vnd.plotly.v1+json"] as {
    data: { y: number[] }[];
    layout: object;
    config: { showSendToCloud: boolean };
  };
  assert.deepEqual(shown.layout, figure.layout);
  // No button that uploads the figure, which plotly shows by default.
  assert.equal(shown.config.showSendToCloud, false);
  (figure.data[0]!["y"] as number[]).forEach((value, i) => {
    assert.ok(Math.abs(shown.data[0]!.y[i]! / value - 1) < 1e-5);
  });
});

test("figures, tables and figures again come in the order of their calls", () => {
  showFigure(activationFigure("sigmoid"));
  showTable([{ a: 1 }]);
  showFigure(activationFigure("relu"));
  assert.deepEqual(
    outputs.map(({ data }) => Object.keys(data)[0]),
    ["application/vnd.plotly.v1+json", "text/html", "application/vnd.plotly.v1+json"],
  );
});

test("showTable() gives an HTML table with headers and a caption, and the same as text in columns", () => {
  const rows = [
    { network: "sigmoid", ratio: 1.4e-10, layers: 9 },
    { network: "<b> & relu", ratio: 0.51234, layers: 12 },
  ];
  showTable(rows, { columns: ["network", "ratio"], caption: "First over last" });
  const [{ data }] = outputs as [Output];
  const html = String(data["text/html"]);
  assert.match(html, /<caption>First over last<\/caption>/);
  assert.deepEqual(
    [...html.matchAll(/<th scope="col"[^>]*>([^<]*)</g)].map((match) => match[1]),
    ["network", "ratio"],
  );
  assert.match(html, /<th scope="row"[^>]*>&lt;b&gt; &amp; relu<\/th>/);
  assert.match(html, /<td style="text-align:right">1\.4e-10<\/td>/);
  assert.equal(
    data["text/plain"],
    ["First over last", "network       ratio", "sigmoid     1.4e-10", "<b> & relu    0.512"].join("\n"),
  );
});

test("showTable() writes whole numbers in full, and refuses no rows and missing values", () => {
  showTable([{ parameters: 1234567, share: 1 / 3, large: 123456.7 }]);
  assert.match(textOf(outputs[0]!), /1234567 +0\.333 +1\.2e\+5$/);
  for (const none of [[], undefined as never]) {
    assert.throws(() => {
      showTable(none);
    }, /^RangeError: showTable\(\): rows is (\[\]|undefined);/);
  }
  assert.throws(() => {
    showTable([{ a: true as never }]);
  }, /rows\[0\]\.a is true;/);
  assert.throws(() => {
    showTable([{ a: 1 }, { b: 2 }] as never);
  }, /rows\[1\]\.a is undefined; it must be a text or a number/);
});

test("showTable() sets texts that are a number or a percentage to the right, with their heading", () => {
  const rows = [
    { name: "tanh", share: "75 %", change: "0.1230000", of: "3 of 20", mixed: "", size: 1 },
    { name: "relu", share: "100 %", change: "-1.2e-7", of: "12 of 20", mixed: "−3,5 %", size: "" },
  ];
  showTable(rows);
  const html = String(outputs[0]!.data["text/html"]);
  const sides = [...html.matchAll(/<th scope="col" style="text-align:(\w+)"/g)].map(([, side]) => side);
  assert.deepEqual(sides, ["left", "right", "right", "left", "right", "right"]);
  assert.match(html, /<td style="text-align:right">75 %<\/td>/);
  assert.match(textOf(outputs[0]!), /^tanh {3}75 % {2}0\.1230000 {2}3 of 20 /m);
});

test("showTable() refuses an unknown option", () => {
  assert.throws(
    () => {
      showTable([{ a: 1 }], { caption: "A", colums: ["a"] } as never);
    },
    {
      name: "RangeError",
      message: /^showTable\(\): options has no option "colums"; it has columns, caption$/,
    },
  );
});

test("medianRows() gives each group's medians, and the quartiles of the first measure", () => {
  const groups = { tanh: [1, 2, 3, 4, 100], relu: [5] };
  const rows = medianRows(groups, { size: (one) => one, "its square": (one) => one ** 2 });
  assert.deepEqual(rows, [
    { network: "tanh", size: 3, quartiles: "2 to 4", "its square": 9 },
    { network: "relu", size: 5, quartiles: "5 to 5", "its square": 25 },
  ]);
  assert.deepEqual(Object.keys(rows[0]!), ["network", "size", "quartiles", "its square"]);
  // The compiler knows the columns: a claim about one needs no conversion.
  assert.equal(rows[0]!["its square"] / 3, 3);
  assert.throws(
    () => medianRows({ none: [] }, { size: Number }),
    /^RangeError: medianRows\(\): groups\.none is \[\];/,
  );
  assert.throws(() => medianRows({}, { size: Number }), /medianRows\(\): groups is \[\];/);
});

test("checkClaims() prints what holds, and stops at what does not", () => {
  const code = `
    const { checkClaims } = require(${JSON.stringify(join(__dirname, "index.js"))});
    checkClaims({ "1 is below 2": 1 < 2, "2 is below 1": 2 < 1, "never read": true });`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", code], { encoding: "utf8" });
  assert.equal(stdout, "holds: 1 is below 2\n");
  assert.match(stderr, /^Error: checkClaims\(\): this does not hold: 2 is below 1$/m);
  assert.equal(status, 1);
});

test("checkClaims() refuses a number: it would pass for true", () => {
  assert.throws(() => {
    checkClaims({ "a share": 0.3 as never });
  }, /^RangeError: checkClaims\(\): claims\["a share"\] is 0\.3; it must be true or false$/);
});

test("showSummary() shows each layer's output and parameters, and their sum", () => {
  const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 2, width: 10, activation: "tanh", seed: 1 });
  const tensors = tf.memory().numTensors;
  showSummary(model);
  assert.equal(tf.memory().numTensors, tensors);
  const lines = textOf(outputs[0]!).split("\n");
  assert.match(lines[2]!, /^hidden1 +Dense +\[examples, 10\] +50$/);
  assert.match(lines[4]!, /^output +Dense +\[examples, 3\] +33$/);
  assert.match(lines[5]!, /^total +193$/);
  model.dispose();
});

function progress(step: number, more: Partial<Progress> = {}): Progress {
  const [steps, epochs] = [1000, 10];
  return { step, steps, epochs, epoch: Math.ceil(step / 100), loss: 1 / step, accuracy: 0.5, ...more };
}

test("progressBar() is one output that changes; its last line has the loss and no time", () => {
  const bar = progressBar("relu");
  for (let step = 1; step <= 1000; step++) {
    bar(progress(step));
  }
  const ids = new Set(outputs.map(({ transient }) => transient.display_id));
  assert.equal(ids.size, 1);
  assert.match([...ids][0]!, /./);
  assert.deepEqual(
    outputs.map(({ update }) => update),
    [false, ...Array<boolean>(outputs.length - 1).fill(true)],
  );
  assert.ok(outputs.length >= 2 && outputs.length < 1000);
  const last = textOf(outputs.at(-1)!);
  assert.match(last, /^relu █+ epoch 10 of 10, loss of the batch 0\.001$/);
  const cells = (text: string): number => text.replace(/[^█░]/g, "").length;
  assert.equal(cells(textOf(outputs[0]!)), cells(last));
});

test("progressBar() says why a training stopped, and two bars are two outputs", () => {
  const [first, second] = [progressBar("a"), progressBar("b")];
  first(progress(7, { stopped: "interrupted before step 7 of 1000" }));
  second(progress(1000));
  assert.match(textOf(outputs[0]!), /epoch 1 of 10, .* Stopped: interrupted before step 7 of 1000\.$/);
  assert.notEqual(outputs[0]!.transient.display_id, outputs[1]!.transient.display_id);
});

test("in a log, progressBar() prints its first and its last line, with no signs that move the cursor", () => {
  const code = `
    const bar = require(${JSON.stringify(join(__dirname, "index.js"))}).progressBar("sigmoid");
    for (let step = 1; step <= 500; step++) bar({ step, steps: 500, epoch: 1, epochs: 1, loss: 0.25, accuracy: 1 });`;
  const { stdout, status } = spawnSync(process.execPath, ["-e", code], { encoding: "utf8" });
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines.at(-1)!, /^sigmoid █+ epoch 1 of 1, loss of the batch 0\.25$/);
  assert.ok(lines.length >= 2 && lines.length < 500);
  assert.doesNotMatch(stdout, /[\r\u001b]/);
});

test("medianIs wants that number where TensorFlow does the arithmetic", () => {
  assert.equal(medianIs([0.7, 0.776, 0.8], 0.7755, 0.001), true);
  assert.equal(medianIs([0.7, 0.776, 0.8], 0.77, 0.001), false);
  assert.equal(medianIs([0.7, NaN, 0.8], 0.7, 0.001), false);
  assert.throws(() => medianIs([], 1, 0.1), /medianIs\(\): values is/);
  assert.throws(() => medianIs([1], 1, -0.1), /medianIs\(\): within is -0.1/);
});

test("countIs wants the very number where TensorFlow does the arithmetic", () => {
  assert.equal(countIs(91, 91, 400), true);
  assert.equal(countIs(92, 91, 400), false);
  assert.throws(() => countIs(401, 91, 400), /countIs\(\): count is 401/);
  assert.throws(() => countIs(0.5, 91, 400), /countIs\(\): count is 0.5/);
});
