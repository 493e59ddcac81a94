/** Made-up records, and a figure of each kind, for tests. */
import { loadIris } from "../data/iris.js";
import type { Trainability } from "../measures/outcomes.js";
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";
import {
  activationFigure,
  chooseFigure,
  type Distribution,
  distributionFigure,
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

/** What is particular to a made-up record. */
export interface MadeUp {
  readonly label?: string;
  readonly activation?: string;
  /** The size of the last layer's gradient, and how much smaller it is in each layer before that. */
  readonly gradient?: number;
  readonly shrink?: number;
  readonly layers?: number;
  readonly steps?: number;
  /** Units of the output layer. */
  readonly outputs?: number;
  readonly testSet?: boolean;
}

const LEARNING_RATE = 0.1;

/** A record as plain SGD leaves it, of a network with 4 inputs and layers of 10 units, with 3 steps an epoch. */
export function madeUpRecord(options: MadeUp = {}): TrainingRecord {
  const { activation = "sigmoid", gradient = 0.07, shrink = 0.2, layers = 9, steps = 6 } = options;
  const { label = activation, outputs = 3, testSet = true } = options;
  const records = Array.from({ length: layers }, (_, i): LayerRecord => {
    const units = i === layers - 1 ? outputs : 10;
    const size = gradient * shrink ** (layers - 1 - i);
    const parameter = (name: string, shape: number[], start: number) =>
      madeUpParameter({ name, layer: `layer${i}`, shape, size, start }, steps);
    return {
      name: `layer${i}`,
      units,
      activation: i === layers - 1 ? "softmax" : activation,
      kernel: parameter("kernel", [i === 0 ? 4 : 10, units], 0.3),
      bias: parameter("bias", [units], 0),
      preActivations: { mean: wave(steps, 0, 0.1), std: wave(steps, 1, 0.1) },
      activations: { mean: wave(steps, 0.5, 0.1), std: wave(steps, 0.2, 0.01) },
      saturated: wave(steps, 0.4, 0.1),
      input: { meanAbs: wave(steps, 0.5, 0.1), rms: wave(steps, 0.6, 0.1) },
      preActivationGradient: {
        meanAbs: wave(steps, size / 50, size / 200),
        rms: wave(steps, size / 40, size / 200),
      },
      dead: wave(steps, 0.1, 0.05),
    };
  });
  return {
    label,
    layers: records,
    steps: Array.from({ length: steps }, (_, i) => i),
    stepsPerEpoch: 3,
    optimizer: { name: "sgd", learningRate: LEARNING_RATE },
    probeExamples: 100,
    engine: { mode: "graph" },
    parameters: records.flatMap(({ kernel, bias }) => [kernel, ...(bias ? [bias] : [])]),
    loss: wave(steps, 1.1, 0.01),
    epochs: Array.from({ length: Math.floor(steps / 3) }, (_, i) => ({
      loss: 1.1 - 0.1 * i,
      accuracy: 0.33 + 0.1 * i,
      ...(testSet ? { testLoss: 1.2 - 0.1 * i, testAccuracy: 0.31 + 0.1 * i } : {}),
    })),
  };
}

function madeUpParameter(
  {
    name,
    layer,
    shape,
    size,
    start,
  }: { name: string; layer: string; shape: number[]; size: number; start: number },
  steps: number,
): ParameterRecord {
  const length = shape.reduce((product, n) => product * n, 1);
  const lists = {
    before: [] as Float32Array[],
    after: [] as Float32Array[],
    gradient: [] as Float32Array[],
    update: [] as Float32Array[],
  };
  let weights = Float32Array.from({ length }, (_, i) => start * Math.sin(i + 1));
  for (let step = 0; step < steps; step++) {
    const slopes = Float32Array.from({ length }, (_, i) => size * Math.cos(2 * i + step));
    const next = weights.map((weight, i) => weight - LEARNING_RATE * slopes[i]!);
    lists.before.push(weights);
    lists.after.push(next);
    lists.gradient.push(slopes);
    lists.update.push(next.map((weight, i) => weight - weights[i]!));
    weights = next;
  }
  return { name, layer, shape, ...lists };
}

/** Numbers that go up and down about a middle. */
function wave(length: number, middle: number, height: number): number[] {
  return Array.from({ length }, (_, i) => middle + height * Math.sin(i));
}

/** Networks of which a share learns, each a little otherwise. */
export function madeUpEnsemble(activation: string, learned: number): TrainingRecord[] {
  return Array.from({ length: 20 }, (_, i) => {
    const record = madeUpRecord({ activation });
    const testAccuracy = i < 20 * learned ? 0.9 + i / 200 : 0.32 + i / 100;
    return { ...record, epochs: record.epochs.map((epoch) => ({ ...epoch, testAccuracy })) };
  });
}

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
  return {
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
