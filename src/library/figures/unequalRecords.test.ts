import assert from "node:assert/strict";
import test from "node:test";
import type { TrainingRecord } from "../training/record.js";
import {
  type Figure,
  gradientByLayerFigure,
  historyFigure,
  lossFigure,
  testAccuracyFigure,
  weightChangeByLayerFigure,
} from "./index.js";
import { madeUpRecord } from "./madeUpFigures.js";

const stopped = (record: TrainingRecord, reason: "interrupt" | "not finite"): TrainingRecord => ({
  ...record,
  stopped: { reason, step: record.steps.length, message: "stopped" },
});
const whole = [madeUpRecord(), madeUpRecord({ gradient: 0.1 }), madeUpRecord({ gradient: 0.2 })];
const short = stopped(madeUpRecord({ steps: 3, gradient: 0.3 }), "interrupt");
const none = stopped({ ...madeUpRecord({ steps: 2, gradient: 0.3 }), epochs: [] }, "not finite");
const exploded = madeUpRecord({ gradient: NaN });

const lineOf = ({ data }: Figure): number[] => data.find(({ fill }) => fill === undefined)!["y"] as number[];
const nameOf = ({ data }: Figure): unknown => data[0]!["name"];

test("lossFigure() shows all epochs; those that a network did not end are medians of the others, and the text says so", () => {
  const higher = whole.map((record, i) => ({
    ...record,
    epochs: record.epochs.map((epoch) => ({ ...epoch, loss: epoch.loss + i })),
  }));
  const figure = lossFigure([[...higher, { ...short, epochs: [{ loss: 9, accuracy: 0.1 }] }]]);
  assert.deepEqual(
    lineOf(figure).map((value) => Number(value.toFixed(9))),
    [2.6, 2],
  );
  assert.equal(nameOf(figure), "sigmoid, 4 seeds<br>(1 incomplete)");
  assert.match(
    figure.alt,
    /Without a number, and left out, in sigmoid, 4 seeds: network 4 from epoch 2 on\./,
  );
  assert.match(figure.alt, /in sigmoid, 4 seeds, test set: network 4 in every epoch\.$/);
});

test("lossFigure() leaves out a network of no whole epoch, and refuses a series of nothing else", () => {
  const figure = lossFigure([[...whole, none]]);
  assert.deepEqual(lineOf(figure), lineOf(lossFigure([whole])));
  assert.match(figure.alt, /network 4 in every epoch\.$/);
  assert.throws(() => lossFigure([whole, [none, none]]), {
    name: "RangeError",
    message: /^lossFigure\(\): series\[1\] is "a training of 0 whole epochs \("sigmoid"\)";/,
  });
});

test("networks of other depths are no series: no median is taken over layers that are not the same", () => {
  const depths = [madeUpRecord({ layers: 5, label: "deep" }), madeUpRecord({ layers: 2, label: "flat" })];
  for (const [name, draw] of Object.entries({ gradientByLayerFigure, weightChangeByLayerFigure })) {
    assert.throws(() => draw([depths]), {
      name: "RangeError",
      message: new RegExp(`^${name}\\(\\): series\\[0\\] is .*"deep" has 5 layers and "flat" has 2 layers`),
    });
    // As two series they are drawn.
    assert.deepEqual(
      draw(depths).data.map(({ x }) => (x as number[]).length),
      [5, 2],
    );
  }
});

test("a network whose numbers are not finite is left out of the median, layer by layer, and named", () => {
  const partly = structuredClone(madeUpRecord({ gradient: 0.5 }));
  partly.layers[1]!.kernel.gradient[0]!.fill(Infinity);
  const figure = gradientByLayerFigure([[...whole, exploded, partly]]);
  const [with4, with3] = [gradientByLayerFigure([[...whole, partly]]), gradientByLayerFigure([whole])];
  assert.equal(lineOf(figure)[0], lineOf(with4)[0]);
  assert.equal(lineOf(figure)[1], lineOf(with3)[1]);
  assert.match(figure.alt, /in sigmoid, 5 seeds: network 4 in every layer, network 5 in layer 2\.$/);
  assert.equal(nameOf(figure), "sigmoid, 5 seeds<br>(2 incomplete)");
});

test("many networks without a number are counted, not named one by one", () => {
  const figure = gradientByLayerFigure([[...whole, ...Array<TrainingRecord>(5).fill(exploded)]]);
  assert.match(figure.alt, /in sigmoid, 8 seeds: 5 networks \(5 of them in every layer\)\.$/);
});

test("members of an ensemble are named by their seed", () => {
  const member = { ...exploded, member: { seed: 77, kernelScale: 1, learningRate: 0.1 } };
  assert.match(gradientByLayerFigure([[...whole, member]]).alt, /: seed 77 in every layer\.$/);
});

test("a step that some have not recorded is drawn without them; one that nobody has is refused", () => {
  const figure = gradientByLayerFigure([[...whole, short]], { at: 4 });
  assert.deepEqual(lineOf(figure), lineOf(gradientByLayerFigure([whole], { at: 4 })));
  assert.match(figure.alt, /network 4 in every layer\.$/);
  assert.throws(() => gradientByLayerFigure([[...whole, short]], { at: 6 }), /at is 6; .* from -6 to 5/);
});

test("the last steps of trainings of unequal length are not called one step", () => {
  const figure = gradientByLayerFigure([[...whole, short]], { at: -1 });
  assert.match(figure.alt, /^Gradient that reaches each layer's weights, at each network's last step\./);
  assert.match(figure.alt, /The step is 2 to 5 for sigmoid, 4 seeds, counted from 0\./);
  const equal = gradientByLayerFigure([whole], { at: -1 });
  assert.match(equal.alt, /, at the last step\. /);
  assert.doesNotMatch(equal.alt, /counted from 0/);
  assert.match(weightChangeByLayerFigure([[...whole, short]]).alt, /The last step is 2 to 5 for/);
});

test("records that keep other steps are not called by one place", () => {
  const every = { ...madeUpRecord({ label: "each" }), steps: [0, 1, 2, 3, 4, 5] };
  const tenth = { ...madeUpRecord({ label: "tenth" }), steps: [0, 10, 20, 30, 40, 50] };
  const { alt } = gradientByLayerFigure([every, tenth], { at: 2 });
  assert.match(alt, /, at recorded step 3\. .*The step is 2 for each, 20 for tenth, counted from 0\.$/);
});

test("historyFigure() gives layer k one color at every depth, and each layer one entry in the legend", () => {
  const figure = historyFigure([madeUpRecord({ layers: 5 }), madeUpRecord({ layers: 2, label: "flat" })]);
  const color = (trace: (typeof figure.data)[number]): string => (trace["line"] as { color: string }).color;
  const second = figure.data.filter(({ name }) => String(name).startsWith("2"));
  assert.deepEqual(
    second.map(({ name }) => name),
    ["2", "2 (output)"],
  );
  assert.equal(new Set(second.map(color)).size, 1);
  const entries = figure.data.filter(({ showlegend }) => showlegend).map(({ name }) => name);
  assert.deepEqual(entries, ["1 (first)", "2", "3", "4", "5 (output)", "2 (output)"]);
  assert.match(historyFigure([whole[0]!, short]).alt, /sigmoid stopped at step 3\.$/);
});

test("testAccuracyFigure() says of how many networks the accuracy is not that of the last epoch", () => {
  const figure = testAccuracyFigure([[...whole, short, none]]);
  assert.deepEqual((figure.data[0]!["y"] as number[]).at(-1), 0);
  const text =
    "1 of sigmoid, 5 seeds diverged and count as 0, 1 of sigmoid, 5 seeds stopped before the last epoch.";
  assert.ok(figure.alt.endsWith(`Of the networks, ${text}`), figure.alt);
});

test("testAccuracyFigure() refuses a training without a test accuracy, and names it", () => {
  const untested = madeUpRecord({ testSet: false, label: "untested" });
  assert.throws(() => testAccuracyFigure([[...whole, untested]]), {
    message: /^testAccuracyFigure\(\): series\[0\] is "a training without the option test \("untested"\)";/,
  });
  assert.throws(() => testAccuracyFigure(stopped({ ...whole[0]!, epochs: [] }, "interrupt")), {
    message: /^testAccuracyFigure\(\): series\[0\] is "a training of no whole epoch \("sigmoid"\)";/,
  });
});
