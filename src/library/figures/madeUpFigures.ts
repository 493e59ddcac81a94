/** A figure of each kind, of made-up records, for tests. */
import { loadIris } from "../data/iris.js";
import type { Trainability } from "../measures/outcomes.js";
import {
  activationFigure,
  chooseFigure,
  confusionFigure,
  type Distribution,
  distributionFigure,
  exponentFigure,
  sensitiveRangeFigure,
  dataFigure,
  type Figure,
  gradientByLayerFigure,
  historyFigure,
  linesFigure,
  lossFigure,
  testAccuracyFigure,
  trainabilityFigure,
  weightChangeByLayerFigure,
  weightChangeFigure,
} from "./index.js";
import { madeUpEnsemble, madeUpRecord } from "./madeUpRecords.js";

/** Numbers that spread further in each list, as pre-activations do in some networks. */
function madeUpSignals(count: number): Distribution[] {
  return Array.from({ length: count }, (_, i) => ({
    label: `layer ${i + 1}`,
    values: Array.from({ length: 400 }, (_, j) => (i + 1) * Math.sin(j) + Math.cos(3 * j) ** 3),
  }));
}

/** Networks learn where depth is small and the scale near the best one. */
function madeUpMap(best: number): Trainability {
  const depths = Array.from({ length: 12 }, (_, i) => 2 + 2 * i);
  const kernelScales = Array.from({ length: 16 }, (_, i) => 0.25 * 2 ** (i / 4));
  const share = depths.map((depth) =>
    kernelScales.map((scale) => Math.round(8 * Math.exp(-depth * Math.log(scale / best) ** 2)) / 8),
  );
  return { depths, kernelScales, share };
}

/** A figure of each kind, with what is unusual in some: zeros, an ensemble, a single column, several panels. */
export function madeUpFigures(): Record<string, Figure> {
  const sigmoid = madeUpRecord();
  const relu = madeUpRecord({ activation: "relu", gradient: 3e-3, shrink: 0.9 });
  const still = madeUpRecord({ label: "still", activation: "tanh", gradient: 0 });
  const binary = madeUpRecord({ outputs: 1, testSet: false });
  const unequal = [
    madeUpRecord(),
    madeUpRecord({ gradient: 0.1 }),
    { ...madeUpRecord({ steps: 3 }), label: "sigmoid, stopped" },
    madeUpRecord({ gradient: Infinity }),
  ];
  const ensemble = [1, 2, 3].map((gradient) => madeUpRecord({ gradient }));
  const sizes = [-30, -20, -12].map((exponent) => ({
    label: `about 2^${exponent}`,
    values: Array.from({ length: 200 }, (_, i) =>
      i % 20 === 0 ? 0 : Math.cos(i) * 2 ** (exponent + Math.sin(i) * 4),
    ),
  }));
  return {
    exponents: exponentFigure(sizes, { title: "Sizes", quantity: "size of a number", format: "float16" }),
    confusion: confusionFigure([
      { actual: "a cat", said: "a cat" },
      { actual: "a cat", said: "a dog" },
      { actual: "a dog", said: "a dog" },
      { actual: "a dog", said: "nothing" },
      { actual: "a dog", said: "a dog" },
    ]),
    data: dataFigure(loadIris(), { x: "petal length (cm)", y: 3 }),
    activation: activationFigure("sigmoid"),
    activations: activationFigure(["sigmoid", "tanh", "relu", "elu", "gelu", "swish"]),
    weightChange: weightChangeFigure(sigmoid, { layer: 0 }),
    "weight change of a bias": weightChangeFigure(sigmoid, { layer: 3, parameter: "bias" }),
    "weight change of one column": weightChangeFigure(binary, { layer: 8, from: 1, to: 3 }),
    "no weight change": weightChangeFigure(still),
    gradientByLayer: gradientByLayerFigure([sigmoid, relu]),
    "gradient of nothing": gradientByLayerFigure(still, { at: -1 }),
    "gradient by layer with zeros": gradientByLayerFigure([sigmoid, relu, still]),
    "gradient of an ensemble": gradientByLayerFigure([ensemble, relu]),
    "gradient with theory": gradientByLayerFigure(sigmoid, {
      theory: [
        { label: "a quarter a layer", values: Array.from({ length: 9 }, (_, i) => 0.07 * 4 ** (i - 8)) },
      ],
    }),
    "gradient by z": gradientByLayerFigure([sigmoid, relu], { of: "preActivations" }),
    "both factors": gradientByLayerFigure([sigmoid, relu], { of: ["inputs", "preActivations"] }),
    "gradient and both factors": gradientByLayerFigure([ensemble, relu, still], {
      of: ["weights", "inputs", "preActivations"],
    }),
    "factors of a deep network": gradientByLayerFigure(madeUpRecord({ layers: 31, shrink: 0.5 }), {
      of: ["weights", "inputs", "preActivations"],
    }),
    "gradient of unequal networks": gradientByLayerFigure([unequal, relu], { at: -1 }),
    "loss of unequal networks": lossFigure([unequal, relu]),
    "history of unequal networks": historyFigure([sigmoid, madeUpRecord({ layers: 4, steps: 3 })]),
    accuracy: testAccuracyFigure([madeUpEnsemble("sigmoid", 0.4), madeUpEnsemble("relu", 0.8)], {
      threshold: 0.9,
    }),
    distribution: distributionFigure(madeUpSignals(5), {
      title: "Activations by layer",
      quantity: "activation a",
    }),
    "distribution of one number": distributionFigure(
      [{ label: "layer 1", values: [2, 2] }, ...madeUpSignals(2).slice(1)],
      {
        title: "The same number twice",
        quantity: "a",
        bins: 11,
      },
    ),
    "sensitive range": sensitiveRangeFigure("sigmoid", madeUpSignals(5)),
    "sensitive range of relu": sensitiveRangeFigure("relu", madeUpSignals(2), { from: -4, to: 4 }),
    lines: linesFigure(
      [
        { label: "sigmoid", x: [1, 2, 4], y: [0.9, 0.5, 0.3], lower: [0.8, 0.4, 0.3], upper: [1, 0.6, 0.4] },
        { label: "theory", x: [1, 2, 4], y: [1, 0.6, 0.2], isTheory: true },
      ],
      { title: "Lines", x: "hidden layers", y: "accuracy" },
    ),
    "lines on log axes": linesFigure(
      [{ label: "relu", x: [1, 10, 100], y: [1e-9, 0, 1], lower: [1e-10, 0, 0.1], upper: [1e-8, 0, 2] }],
      { title: "Lines", x: "epsilon", y: "change", logX: true, logY: true },
    ),
    slider: chooseFigure(
      Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((step) => [
          String(step),
          gradientByLayerFigure([sigmoid, relu], { at: step }),
        ]),
      ),
      { of: "step" },
    ),
    menu: chooseFigure(
      { sigmoid: weightChangeFigure(sigmoid), relu: weightChangeFigure(relu) },
      { of: "activation", by: "menu" },
    ),
    "accuracy of one": testAccuracyFigure(sigmoid),
    trainability: trainabilityFigure({ label: "tanh", map: madeUpMap(1) }),
    "trainability of four": trainabilityFigure(
      ["sigmoid", "tanh", "relu", "selu"].map((label, i) => ({
        label,
        map: madeUpMap(1 + i / 4),
        theory: { label: "6 depth scales", kernelScales: [0.5, 1, 2], depths: [4, 20, 8] },
      })),
    ),
    weightChangeByLayer: weightChangeByLayerFigure([sigmoid, relu], { unit: "relative" }),
    history: historyFigure(sigmoid),
    "history of two": historyFigure([sigmoid, relu], { quantity: "weightChange", layers: [0, 4, 8] }),
    "history by epoch": historyFigure(relu, { quantity: "saturated", by: "epoch" }),
    loss: lossFigure([sigmoid, relu]),
    "loss without a test set": lossFigure([binary, ensemble]),
  };
}
