import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../data/iris.js";
import { activationNames, activations } from "../models/activations.js";
import type { TrainingRecord } from "../training/record.js";
import {
  activationFigure,
  chooseFigure,
  confusionFigure,
  dataFigure,
  distributionFigure,
  exponentFigure,
  type Figure,
  gradientByLayerFigure,
  historyFigure,
  layerSpreadLine,
  learnedLine,
  linesFigure,
  lossFigure,
  sensitiveRangeFigure,
  spreadLine,
  testAccuracyFigure,
  type Trace,
  trainabilityFigure,
  weightChangeByLayerFigure,
  weightChangeFigure,
} from "./index.js";
import { madeUpFigures } from "./madeUpFigures.js";
import { madeUpEnsemble, madeUpRecord } from "./madeUpRecords.js";

interface Axis {
  readonly title: { readonly text: string };
  readonly type?: string;
  readonly range?: readonly [number, number];
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
}

const sigmoid = madeUpRecord();
const relu = madeUpRecord({ activation: "relu", gradient: 3e-3, shrink: 0.9 });
const still = madeUpRecord({ label: "still", activation: "tanh", gradient: 0 });

const axisOf = (figure: Figure, name: string): Axis => figure.layout[name] as Axis;
const titleOf = ({ layout }: Figure): string => (layout["title"] as { text: string }).text;
const named = ({ data }: Figure, name: string): Trace[] => data.filter((trace) => trace["name"] === name);
const meanAbs = (values: Iterable<number>): number => {
  const list = [...values];
  return list.reduce((sum, value) => sum + Math.abs(value), 0) / list.length;
};

function closeTo(actual: unknown, expected: readonly number[]): void {
  const list = actual as readonly number[];
  assert.equal(list.length, expected.length);
  list.forEach((value, i) => {
    const off = Math.abs(value - expected[i]!);
    assert.ok(off <= 1e-12 * Math.abs(expected[i]!), `entry ${i} is ${value}, not ${expected[i]}`);
  });
}

for (const [name, figure] of Object.entries(madeUpFigures())) {
  test(`${name}: has one size, a title, titled axes, and a text that begins with the title`, () => {
    const slider = figure.layout["sliders"] ? 70 : 0;
    assert.deepEqual([figure.layout.width, figure.layout.height], [760, 420 + slider]);
    assert.ok(figure.alt.startsWith(`${titleOf(figure)}. `), figure.alt);
    assert.ok(figure.alt.endsWith("."));
    assert.doesNotMatch(figure.alt, /NaN|undefined|Infinity|\bnull\b/);
    const axes = Object.keys(figure.layout).filter((key) => /^[xy]axis/.test(key));
    for (const axis of axes.filter((key) => key.startsWith("x") || key === "yaxis")) {
      assert.ok(axisOf(figure, axis).title.text.length > 0, `${axis} has no title`);
    }
    for (const trace of figure.data) {
      for (const letter of ["x", "y"]) {
        const axis = (trace[`${letter}axis`] as string | undefined) ?? letter;
        assert.ok(axes.includes(axis.replace(letter, `${letter}axis`)), `${axis} is not in the layout`);
      }
    }
  });

  test(`${name}: the text names numbers, in at most 4 sentences, and 2 for what is unequal`, () => {
    const most = name.includes("unequal") ? 6 : 4;
    assert.match(figure.alt.slice(titleOf(figure).length), /\d/);
    assert.ok([...figure.alt.matchAll(/\.( |$)/g)].length <= most, figure.alt);
  });
}

test("figures leave their arguments as they were, and share no array with them", () => {
  const records = [madeUpRecord(), madeUpRecord({ activation: "relu" })] as const;
  const iris = loadIris();
  const before = structuredClone({ records, iris });
  const figures = [
    gradientByLayerFigure(records),
    weightChangeByLayerFigure(records),
    weightChangeFigure(records[0]),
    historyFigure(records),
    historyFigure(records, { quantity: "dead" }),
    lossFigure(records),
    dataFigure(iris),
  ];
  // Plotly writes into what it draws.
  figures.forEach(({ data }) => {
    data.forEach((trace) => {
      Object.values(trace).forEach(wipe);
    });
  });
  assert.deepEqual({ records, iris }, before);
});

function wipe(value: unknown): void {
  if (Array.isArray(value)) {
    value.forEach(wipe);
    value.length = 0;
  }
}

test("gradientByLayerFigure() shows each layer's mean absolute gradient at the given step", () => {
  const figure = gradientByLayerFigure([sigmoid, relu], { at: 2 });
  for (const record of [sigmoid, relu]) {
    const [trace] = named(figure, record.label);
    closeTo(
      trace!["y"],
      record.layers.map(({ kernel }) => meanAbs(kernel.gradient[2]!)),
    );
    assert.deepEqual(trace!["x"], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  assert.match(titleOf(gradientByLayerFigure(sigmoid)), /at the first step$/);
  assert.match(titleOf(gradientByLayerFigure(sigmoid, { at: -1 })), /at the last step$/);
});

test("gradientByLayerFigure() shows either factor of the gradient, and says which, with its unit", () => {
  const factors = {
    preActivations: ["preActivationGradient", /^Gradient that reaches each layer's pre-activations, /],
    inputs: ["input", /^Size of what enters each layer, /],
  } as const;
  for (const [of, [key, title]] of Object.entries(factors)) {
    const figure = gradientByLayerFigure(sigmoid, { of: of as "inputs", at: -2 });
    assert.deepEqual(
      figure.data[0]!["y"],
      sigmoid.layers.map((layer) => layer[key].meanAbs.at(-2)),
    );
    assert.match(titleOf(figure), title);
    assert.match(titleOf(figure), / at step 4$/);
  }
  const unit = axisOf(gradientByLayerFigure(sigmoid, { of: "preActivations" }), "yaxis").title.text;
  assert.equal(unit, "mean |dL/dz|, nats per unit of z");
});

test("gradientByLayerFigure() shows several factors side by side, each decade as high as in the others", () => {
  const of = ["weights", "inputs", "preActivations"] as const;
  const figure = gradientByLayerFigure([sigmoid, relu], { of });
  assert.deepEqual(
    figure.data.map((trace) => [trace["yaxis"], trace["showlegend"]]),
    [
      ["y", true],
      ["y", true],
      ["y2", false],
      ["y2", false],
      ["y3", false],
      ["y3", false],
    ],
  );
  const decades = ["yaxis", "yaxis2", "yaxis3"].map((name) => {
    const [low, high] = axisOf(figure, name).range!;
    return Math.round(10 * (high - low)) / 10;
  });
  assert.equal(new Set(decades).size, 1, decades.join());
  assert.match(titleOf(figure), /^Each layer's dL\/dW, input and dL\/dz, at the first step$/);
  assert.match(figure.alt, /dL\/dW of sigmoid: .*input of sigmoid: .*dL\/dz of sigmoid: /);
});

test("a line of theory can be told as shares of what the output layer shows", () => {
  const values = Array.from({ length: 9 }, (_, i) => 2 ** (i - 8));
  const figure = gradientByLayerFigure(sigmoid, {
    theory: [{ label: "half a layer", values, relativeToOutput: true }],
  });
  const output = (figure.data[0]!["y"] as number[]).at(-1)!;
  closeTo(
    named(figure, "half a layer")[0]!["y"],
    values.map((value) => value * output),
  );
});

test("spans may be told from the end", () => {
  const shown = (options: Parameters<typeof weightChangeByLayerFigure>[1]): unknown =>
    weightChangeByLayerFigure(sigmoid, options).data[0]!["y"];
  assert.deepEqual(shown({ from: -3, to: -2 }), shown({ from: 3, to: 4 }));
  const weights = (options: Parameters<typeof weightChangeFigure>[1]): unknown =>
    weightChangeFigure(sigmoid, options).data.map((trace) => trace["z"]);
  assert.deepEqual(weights({ from: -1 }), weights({ from: 5, to: 5 }));
});

test("weightChangeByLayerFigure() shows each layer's mean absolute change in the unit asked for", () => {
  const absolute = sigmoid.layers.map(({ kernel }) =>
    meanAbs(kernel.after[3]!.map((_, i) => i).map((i) => kernel.after[3]![i]! - kernel.before[1]![i]!)),
  );
  const shown = (options: Parameters<typeof weightChangeByLayerFigure>[1]): unknown =>
    weightChangeByLayerFigure(sigmoid, { from: 1, to: 3, ...options }).data[0]!["y"];
  const near = (actual: unknown, expected: number[]): void => {
    (actual as number[]).forEach((value, i) => {
      assert.ok(Math.abs(value / expected[i]! - 1) < 1e-6);
    });
  };
  near(shown({}), absolute);
  near(
    shown({ unit: "perLearningRate" }),
    absolute.map((value) => value / 0.1),
  );
  near(
    shown({ unit: "relative" }),
    absolute.map((value, i) => value / meanAbs(sigmoid.layers[i]!.kernel.before[1]!)),
  );
});

test("networks that are compared share one log axis, which holds all of their values", () => {
  const figure = gradientByLayerFigure([sigmoid, relu]);
  const { type, range } = axisOf(figure, "yaxis");
  assert.equal(type, "log");
  const values = figure.data.flatMap((trace) => trace["y"] as number[]);
  assert.ok(figure.data.every((trace) => trace["yaxis"] === "y"));
  assert.ok(range![0] <= Math.log10(Math.min(...values)) && Math.log10(Math.max(...values)) <= range![1]);
  assert.deepEqual(axisOf(figure, "xaxis").ticktext, [
    "1<br>first",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9<br>output",
  ]);
});

test("exact zeros are marked below the rest of a log axis, labelled 0, and named in the text", () => {
  const figure = gradientByLayerFigure([sigmoid, still]);
  const [line, marks] = named(figure, "still");
  assert.deepEqual(line!["y"], Array(9).fill(null));
  const floor = (marks!["y"] as number[])[0]!;
  assert.deepEqual(marks!["x"], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.match(String(marks!["hovertemplate"]), /exactly 0/);
  assert.match((marks!["marker"] as { symbol: string }).symbol, /-open$/);
  assert.ok(floor < Math.min(...(named(figure, "sigmoid")[0]!["y"] as number[])));
  const { range, tickvals, ticktext } = axisOf(figure, "yaxis");
  assert.ok(range![0] < Math.log10(floor));
  assert.equal(ticktext![tickvals!.indexOf(floor)], "0");
  assert.match(figure.alt, /exactly 0 \(still\)\.$/);
  assert.doesNotMatch(gradientByLayerFigure(sigmoid).alt, /exactly 0/);
  assert.equal(axisOf(gradientByLayerFigure(sigmoid), "yaxis").tickvals, undefined);
});

test("what is not finite leaves a gap and does not stretch the axis", () => {
  const exploded = madeUpRecord({ activation: "relu" });
  exploded.layers[0]!.kernel.gradient[0]!.fill(Infinity);
  exploded.layers[1]!.kernel.gradient[0]!.fill(NaN);
  const figure = gradientByLayerFigure(exploded);
  assert.deepEqual((figure.data[0]!["y"] as unknown[]).slice(0, 2), [null, null]);
  assert.ok(axisOf(figure, "yaxis").range!.every(Number.isFinite));
});

test("an ensemble is shown by its median and a band between its quartiles", () => {
  const ensemble = [1, 2, 3, 4, 5].map((gradient) => madeUpRecord({ gradient }));
  const [band, line] = gradientByLayerFigure([ensemble]).data;
  const of = (record: TrainingRecord): number => meanAbs(record.layers[0]!.kernel.gradient[0]!);
  closeTo([(line!["y"] as number[])[0]!], [of(ensemble[2]!)]);
  const edges = band!["y"] as number[];
  assert.equal(edges.length, 18);
  closeTo([edges[0]!, edges[17]!], [of(ensemble[3]!), of(ensemble[1]!)]);
  assert.equal(line!["name"], "sigmoid, 5 seeds");
});

test("weightChangeFigure() shows the weights before and after on one scale, and the change on its own", () => {
  const { kernel } = sigmoid.layers[0]!;
  const [before, after, change] = weightChangeFigure(sigmoid, { layer: 0 }).data as [Trace, Trace, Trace];
  assert.deepEqual((before["z"] as number[][]).flat(), [...kernel.before[0]!]);
  assert.deepEqual((after["z"] as number[][]).flat(), [...kernel.after.at(-1)!]);
  const changes = [...kernel.after.at(-1)!].map((weight, i) => weight - kernel.before[0]![i]!);
  assert.deepEqual((change["z"] as number[][]).flat(), changes);
  assert.deepEqual([(before["z"] as number[][]).length, (before["z"] as number[][])[0]!.length], [4, 10]);
  assert.deepEqual([before["zmin"], before["zmax"]], [after["zmin"], after["zmax"]]);
  assert.equal(before["zmax"], Math.max(...[...kernel.before[0]!, ...kernel.after.at(-1)!].map(Math.abs)));
  assert.equal(change["zmax"], Math.max(...changes.map(Math.abs)));
  [before, change].forEach((trace) => {
    assert.equal(trace["zmin"], -(trace["zmax"] as number));
  });
});

test("weightChangeFigure() shows a single row or column as bars, on shared and on own axes", () => {
  const figure = weightChangeFigure(madeUpRecord({ outputs: 1 }), { layer: 8 });
  assert.deepEqual(
    figure.data.map((trace) => trace["type"]),
    ["bar", "bar", "bar"],
  );
  assert.equal((figure.data[0]!["y"] as number[]).length, 10);
  assert.equal(axisOf(figure, "xaxis").title.text, "input");
  assert.deepEqual(axisOf(figure, "yaxis").range, axisOf(figure, "yaxis2").range);
  assert.notDeepEqual(axisOf(figure, "yaxis").range, axisOf(figure, "yaxis3").range);
  assert.equal(axisOf(weightChangeFigure(sigmoid, { parameter: "bias" }), "xaxis").title.text, "unit");
});

test("historyFigure() shows one line a layer, step by step or as medians of epochs", () => {
  const steps = historyFigure(sigmoid, { layers: [0, 8] });
  assert.deepEqual(
    steps.data.map((trace) => trace["name"]),
    ["1 (first)", "9 (output)"],
  );
  assert.match(String(steps.data[1]!["hovertemplate"]), /^layer 9 \(output\)<br>step %\{x\}: /);
  closeTo(steps.data[1]!["y"], sigmoid.layers[8]!.kernel.gradient.map(meanAbs));
  assert.deepEqual(steps.data[1]!["x"], [0, 1, 2, 3, 4, 5]);
  const epochs = historyFigure(sigmoid, { quantity: "saturated", by: "epoch", layers: [2] });
  const sorted = (from: number): number[] =>
    sigmoid.layers[2]!.saturated.slice(from, from + 3).sort((a, b) => a - b);
  assert.deepEqual(epochs.data[0]!["x"], [1, 2]);
  assert.deepEqual(epochs.data[0]!["y"], [sorted(0)[1], sorted(3)[1]]);
});

test("historyFigure() puts several networks side by side on one axis, with one legend", () => {
  const figure = historyFigure([sigmoid, relu]);
  assert.deepEqual(new Set(figure.data.map((trace) => trace["xaxis"])), new Set(["x", "x2"]));
  assert.ok(figure.data.every((trace) => trace["yaxis"] === "y"));
  assert.equal(figure.data.filter((trace) => trace["showlegend"]).length, 9);
  assert.deepEqual(axisOf(figure, "xaxis").range, axisOf(figure, "xaxis2").range);
  const headings = figure.layout["annotations"] as { text: string }[];
  assert.deepEqual(
    headings.map(({ text }) => text),
    ["sigmoid", "relu"],
  );
});

test("lossFigure() shows loss and accuracy of both sets by epoch, the test set dotted", () => {
  const figure = lossFigure([sigmoid, relu]);
  const lines = named(figure, "relu").map((trace) => ({
    y: trace["y"],
    panel: trace["yaxis"],
    dash: (trace["line"] as { dash: string }).dash,
  }));
  const of = (key: "loss" | "accuracy" | "testLoss" | "testAccuracy") =>
    relu.epochs.map((epoch) => epoch[key]);
  assert.deepEqual(lines, [
    { y: of("loss"), panel: "y", dash: "solid" },
    { y: of("testLoss"), panel: "y", dash: "dot" },
    { y: of("accuracy"), panel: "y2", dash: "solid" },
    { y: of("testAccuracy"), panel: "y2", dash: "dot" },
  ]);
  assert.match(figure.alt, /relu: loss 1, accuracy 43 % \(test set: 41 %\)\.$/);
  assert.doesNotMatch(titleOf(lossFigure(madeUpRecord({ testSet: false }))), /test/);
});

test("activationFigure() shows each function and its derivative, and names the steepest slope", () => {
  const figure = activationFigure(["tanh", "relu"], { from: -2, to: 3 });
  const [tanh, , slope] = figure.data as [Trace, Trace, Trace];
  const z = tanh["x"] as number[];
  assert.deepEqual([z[0], z.at(-1)], [-2, 3]);
  assert.deepEqual(tanh["y"], z.map(Math.tanh));
  assert.deepEqual(slope["y"], z.map(activations.tanh.derivative));
  assert.notEqual(tanh["yaxis"], slope["yaxis"]);
  assert.equal(activationFigure("sigmoid").data[0]!["name"], "sigmoid<br>slope up to 0.25");
  assert.match(activationFigure("sigmoid").alt, /at most 0\.25 for sigmoid/);
  assert.equal(activationFigure(activationNames).data.length, 2 * activationNames.length);
});

test("dataFigure() shows each example once, at its two features, under the name of its class", () => {
  const iris = loadIris();
  const figure = dataFigure(iris, { x: 3, y: "sepal length (cm)" });
  figure.data.forEach((trace, label) => {
    const rows = iris.features.filter((_, i) => iris.labels[i] === label);
    assert.equal(trace["name"], iris.classNames[label]);
    assert.deepEqual(
      trace["x"],
      rows.map((row) => row[3]),
    );
    assert.deepEqual(
      trace["y"],
      rows.map((row) => row[0]),
    );
  });
  assert.equal(axisOf(figure, "xaxis").title.text, "petal width (cm)");
  assert.match(figure.alt, /50 of setosa with petal width \(cm\) 0\.1 to 0\.6/);
  const looks = figure.data.map((trace) => trace["marker"] as { color: string; symbol: string });
  assert.equal(new Set(looks.map(({ color }) => color)).size, 3);
  assert.equal(new Set(looks.map(({ symbol }) => symbol)).size, 3);
});

const empty: TrainingRecord = { ...sigmoid, steps: [] };
const bad = (value: unknown): never => value as never;
const REFUSED: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
  [
    "no record",
    () => gradientByLayerFigure(bad(undefined)),
    /^gradientByLayerFigure\(\): series\[0\] is undefined;/,
  ],
  ["an empty list", () => lossFigure([]), /^lossFigure\(\): series is \[\]; it must be a record or a list/],
  ["an empty ensemble", () => lossFigure([[]]), /^lossFigure\(\): series\[0\] is \[\];/],
  [
    "a record of no steps",
    () => historyFigure(empty),
    /^historyFigure\(\): records\[0\] is .* 9 layers and 0 steps/,
  ],
  [
    "a training of no epoch",
    () => lossFigure([sigmoid, { ...sigmoid, epochs: [] }]),
    /^lossFigure\(\): series\[1\] .*0 whole epochs/,
  ],
  [
    "a step not recorded",
    () => gradientByLayerFigure(sigmoid, { at: 6 }),
    /^gradientByLayerFigure\(\): at is 6; it must be .* from -6 to 5/,
  ],
  [
    "an unknown unit",
    () => weightChangeByLayerFigure(sigmoid, { unit: bad("percent") }),
    /unit is "percent"; .*"relative"/,
  ],
  [
    "a slip of the pen",
    () => gradientByLayerFigure(sigmoid, bad({ stp: 1 })),
    /options has no option "stp"; it has at, of, theory/,
  ],
  [
    "a span that ends before it begins",
    () => weightChangeByLayerFigure(sigmoid, { from: -1, to: 2 }),
    /^weightChangeByLayerFigure\(\): from is -1; it must be at or before to, which is 2/,
  ],
  [
    "a slip of the pen in a line of theory",
    () => gradientByLayerFigure(sigmoid, { theory: [bad({ name: "x", values: [1] })] }),
    /theory\[0\] has no option "name"; it has label, values, relativeToOutput/,
  ],
  [
    "an unknown factor",
    () => gradientByLayerFigure(sigmoid, { of: bad("biases") }),
    /^gradientByLayerFigure\(\): of is "biases"; .*"weights", "preActivations", "inputs"/,
  ],
  [
    "a factor twice",
    () => gradientByLayerFigure(sigmoid, { of: ["weights", "weights"] }),
    /of is \["weights", "weights"\];/,
  ],
  ["a layer too many", () => weightChangeFigure(sigmoid, { layer: 9 }), /layer is 9; .*from 0 to 8/],
  [
    "a bad parameter",
    () => weightChangeFigure(sigmoid, { parameter: bad("gamma") }),
    /parameter is "gamma";/,
  ],
  [
    "a span beyond",
    () => weightChangeFigure(sigmoid, { to: 7 }),
    /^weightChangeFigure\(\): to is 7;.* -6 to 5/,
  ],
  [
    "an unknown quantity",
    () => historyFigure(sigmoid, { quantity: bad("loss") }),
    /quantity is "loss"; .*"gradient"/,
  ],
  ["half a layer", () => historyFigure(sigmoid, { layers: [0.5] }), /layers\[0\] is 0\.5;/],
  [
    "a feature by number",
    () => dataFigure(loadIris(), { x: 4 }),
    /^dataFigure\(\): x is 4; .*0 \("sepal length/,
  ],
  ["a feature by name", () => dataFigure(loadIris(), { y: "width" }), /^dataFigure\(\): y is "width";/],
  ["a bad activation", () => activationFigure(bad("sigmoyd")), /^activationFigure\(\): names is "sigmoyd";/],
  [
    "a range that is none",
    () => activationFigure("relu", { from: 1, to: 1 }),
    /from is 1; it must be below to/,
  ],
  ["no activation", () => activationFigure([]), /names is \[\];/],
];

for (const [what, call, message] of REFUSED) {
  test(`the figures refuse ${what}`, () => {
    assert.throws(call, { name: "RangeError", message });
  });
}

test("chooseFigure() holds all figures, shows one, and its steps switch traces, title and labels", () => {
  const figures = {
    shallow: gradientByLayerFigure(madeUpRecord({ layers: 3 })),
    deep: gradientByLayerFigure([sigmoid, relu]),
  };
  const figure = chooseFigure(figures, { of: "depth", shown: "shallow" });
  assert.deepEqual(
    figure.data.map((trace) => trace["visible"]),
    [true, false, false],
  );
  const [slider] = figure.layout["sliders"] as {
    steps: { args: [{ visible: boolean[] }, Record<string, unknown>] }[];
  }[];
  const [visible, layout] = slider!.steps[1]!.args;
  assert.deepEqual(visible.visible, [false, true, true]);
  assert.equal((layout["xaxis.tickvals"] as number[]).length, 9);
  // The axis holds the deepest, whichever is shown.
  assert.deepEqual(axisOf(figure, "xaxis").range, [0.6, 9.4]);
  assert.throws(() => chooseFigure({}, { of: "depth" }), /figures is \[\]; it must be an object/);
  assert.throws(() => chooseFigure(figures, { of: "depth", shown: "middle" }), /shown is "middle"/);
});

test("testAccuracyFigure() begins its axis a tenth below the least accuracy, where all networks are good", () => {
  const network = (testAccuracy: number): TrainingRecord => ({
    ...relu,
    epochs: [{ loss: 1, accuracy: 0, testLoss: 1, testAccuracy }],
  });
  const range = (...accuracies: number[]): unknown =>
    axisOf(testAccuracyFigure([accuracies.map(network)]), "yaxis").range;
  closeTo(range(0.84, 0.9), [0.7, 1.02]);
  closeTo(range(0.3, 0.9), [-0.02, 1.02]);
});

test("testAccuracyFigure() shows every network, and the share that learned", () => {
  const ensemble = madeUpEnsemble("relu", 0.75);
  const figure = testAccuracyFigure([ensemble], { threshold: 0.9 });
  assert.deepEqual(
    figure.data[0]!["y"],
    ensemble.map(({ epochs }) => epochs.at(-1)!.testAccuracy),
  );
  assert.match(figure.alt, /75 % learned/);
});

test("trainabilityFigure() shows the map as it is, and theory on it", () => {
  const map = {
    depths: [1, 2],
    kernelScales: [0.5, 1, 2],
    share: [
      [1, 1, 0.5],
      [0, 0.25, 0],
    ],
  };
  const theory = { label: "limit", kernelScales: [0.5, 2], depths: [1, 2] };
  const figure = trainabilityFigure({ label: "tanh", map, theory });
  assert.deepEqual(figure.data[0]!["z"], map.share);
  assert.deepEqual(figure.data[1]!["y"], [1, 2]);
  assert.match(figure.alt, /at 1 hidden layers 100 % learned with scale 0.5/);
});

test("trainabilityFigure() refuses a slip of the pen, and a line of theory with other numbers of scales than of depths", () => {
  const map = { depths: [1], kernelScales: [1], share: [[1]] };
  assert.throws(() => trainabilityFigure(bad({ name: "tanh", map })), {
    message: /^trainabilityFigure\(\): panels\[0\] has no option "name"; it has label, map, theory$/,
  });
  const theory = { label: "limit", kernelScales: [1, 2], depths: [1] };
  assert.throws(() => trainabilityFigure({ label: "tanh", map, theory }), {
    message: /^trainabilityFigure\(\): panels\[0\]\.theory is "2 scales and 1 depths";/,
  });
});

test("distributionFigure() counts every number once, those beyond the axis at its ends", () => {
  const options = { title: "Numbers", quantity: "x", from: 0, to: 4, bins: 4 };
  const figure = distributionFigure([{ label: "a", values: [-9, 0.5, 1.5, 1.6, 2.5, 3.5, 4, 99] }], options);
  assert.deepEqual(figure.data[0]!["y"], [2 / 8, 2 / 8, 1 / 8, 3 / 8]);
  assert.deepEqual(figure.data[0]!["x"], [0.5, 1.5, 2.5, 3.5]);
});

test("exponentFigure() counts each number from its power of 2 to the next, and marks what a format loses", () => {
  const options = { title: "Sizes", quantity: "x", format: "float16" } as const;
  const values = [1, 1.9, -2, 3.9, 0, 2 ** -25, 2 ** -26, 2 ** 17];
  const figure = exponentFigure([{ label: "a", values }], options);
  const [x, y] = ["x", "y"].map((name) => figure.data[0]![name] as number[]) as [number[], number[]];
  const at = (exponent: number): number => y[x.indexOf(exponent + 0.5)]!;
  assert.deepEqual([0, 1, -25, -26, 17, 5].map(at), [2 / 8, 2 / 8, 1 / 8, 1 / 8, 1 / 8, 0]);
  const [lost, few, infinite] = figure.layout["shapes"] as { x0: number; x1: number }[];
  assert.deepEqual([lost!.x1, few!.x0, few!.x1, Math.round(infinite!.x0)], [-25, -25, -14, 16]);
  assert.match(figure.alt, /a: 28.6 % become 0 in float16, 12.5 % are 0 before/);
  assert.throws(
    () => exponentFigure([{ label: "a", values: [0] }], options),
    /distributions\[0\]\.values is/,
  );
  assert.throws(() => exponentFigure([{ label: "a", values: [1, NaN] }], options), /values\[1\] is NaN/);
  assert.throws(() => exponentFigure([], options), /at least one/);
});

test("sensitiveRangeFigure() says which share of the numbers lies where the slope is not small", () => {
  const figure = sensitiveRangeFigure("sigmoid", [{ label: "layer 1", values: [-9, -4, 0, 4] }]);
  assert.match(figure.alt, /layer 1: 75 % in the green range/);
  const [green] = figure.layout["shapes"] as { x0: number; x1: number }[];
  assert.ok(Math.abs(green!.x0 + 4.357) < 0.001 && Math.abs(green!.x1 - 4.357) < 0.001);
});

test("linesFigure() refuses no lines, and lines with other numbers of x than of y", () => {
  const titles = { title: "t", x: "x", y: "y" };
  assert.throws(
    () => linesFigure([{ label: "a", x: [1, 2], y: [1] }], titles),
    /lines\[0\] is "2 x and 1 y"/,
  );
  assert.throws(() => linesFigure([], titles), /lines is \[\]/);
});

test("linesFigure() refuses quartiles for other points than it has", () => {
  const line = { label: "a", x: [1, 2], y: [1, 2], lower: [1], upper: [1, 2] };
  assert.throws(
    () => linesFigure([line], { title: "t", x: "x", y: "y" }),
    /^RangeError: linesFigure\(\): lines\[0\] is "2 y, 1 lower and 2 upper";/,
  );
});

test("learnedLine() gives shares with Wilson's intervals; a figure says what its bands are", () => {
  const network = (testAccuracy: number): TrainingRecord => ({
    ...relu,
    epochs: [{ loss: 1, accuracy: 0, testLoss: 1, testAccuracy }],
  });
  const groups = [[0.9, 0.95].map(network), [0.9, 0.5].map(network)];
  const line = learnedLine("relu", [2, 10], groups, 0.9, { activation: "relu", dash: "dot" });
  assert.deepEqual(line.y, [1, 0.5]);
  assert.deepEqual(
    [line.lower[1], line.upper[1]].map((end) => end?.toFixed(4)),
    ["0.0945", "0.9055"],
  );
  const figure = linesFigure([line], { title: "t", x: "x", y: "y", bands: "shares, the bands intervals" });
  assert.match(figure.alt, /The lines are shares, the bands intervals\./);
  assert.ok(figure.data.some(({ line: drawn }) => (drawn as { dash?: string } | undefined)?.dash === "dot"));
  assert.throws(
    () => learnedLine("a", [1, 2], [[network(1)]], 0.9),
    /learnedLine\(\): groups is "1 for 2 x"/,
  );
});

test("spreadLine() gives median and quartiles of each group, and refuses other numbers of groups than of x", () => {
  const groups = [
    [1, 2, 3, 4, 5],
    [10, 20, 30],
  ];
  const line = spreadLine("relu", [0.1, 1], groups, (one) => one + 1);
  assert.deepEqual(line, { label: "relu", x: [0.1, 1], y: [4, 21], lower: [3, 16], upper: [5, 26] });
  assert.equal(spreadLine("a", [1], [[1]], Number, { activation: "tanh" }).activation, "tanh");
  assert.throws(() => spreadLine("a", [1, 2], [[1]], Number), /spreadLine\(\): groups is "1 for 2 x";/);
  assert.throws(() => spreadLine("a", [1], [[]], Number), /spreadLine\(\): groups\[0\] is \[\];/);
});

test("layerSpreadLine() gives median and quartiles over networks, layer by layer", () => {
  const networks = [1, 2, 3, 4, 5].map((size) => [{ size }, { size: 10 * size }, { size: 0 }]);
  const options = { hiddenOnly: true, activation: "sigmoid" } as const;
  const line = layerSpreadLine("with", networks, ({ size }) => size, options);
  const look = { label: "with", activation: "sigmoid" };
  assert.deepEqual(line, { ...look, x: [1, 2], y: [3, 30], lower: [2, 20], upper: [4, 40] });
  assert.deepEqual(layerSpreadLine("a", networks, ({ size }) => size).x, [1, 2, 3]);
  assert.deepEqual(linesFigure([line], { title: "t", x: "layer", y: "size" }).data[1]!["y"], [3, 30]);
  assert.throws(() => layerSpreadLine("a", [[1], [1, 2]], Number), {
    message: /^layerSpreadLine\(\): networks\[1\] is "one of 2 layers"; it must be one of 1, as the first$/,
  });
  assert.throws(() => layerSpreadLine("a", [], Number), /networks is \[\];/);
  const slip = bad({ hidden: true });
  assert.throws(
    () => layerSpreadLine("a", [[1]], Number, slip),
    /has no option "hidden"; it has activation, hiddenOnly/,
  );
});

test("confusionFigure() counts what was said of what is so, by hand", () => {
  const answers = [
    ["cat", "cat"],
    ["dog", "nothing"],
    ["cat", "dog"],
    ["dog", "dog"],
    ["dog", "dog"],
  ].map(([actual, said]) => ({ actual: actual!, said: said! }));
  const figure = confusionFigure(answers);
  const [{ x, y, z, text }] = figure.data as unknown as [Record<"x" | "y" | "z" | "text", unknown>];
  assert.deepEqual(
    [x, y],
    [
      ["cat", "dog", "nothing"],
      ["cat", "dog"],
    ],
  );
  assert.deepEqual(z, [
    [1 / 2, 1 / 2, 0],
    [0, 2 / 3, 1 / 3],
  ]);
  assert.deepEqual(text, [
    ["1", "1", ""],
    ["", "2", "1"],
  ]);
  assert.match(figure.alt, /3 of 5 agree\. Least often: cat, 50 %\./);
  assert.throws(() => confusionFigure([]), /^RangeError: confusionFigure\(\): answers is \[\]/);
});
