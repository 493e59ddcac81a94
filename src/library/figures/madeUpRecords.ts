/** Made-up records, for tests. */
import type { LayerRecord, ParameterRecord, TrainingRecord } from "../training/record.js";

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
    const kernel = parameter("kernel", [i === 0 ? 4 : 10, units], 0.3);
    const bias = parameter("bias", [units], 0);
    return {
      name: `layer${i}`,
      units,
      positions: 1,
      notMeasured: {},
      parameters: [kernel, bias],
      activation: i === layers - 1 ? "softmax" : activation,
      kernel,
      bias,
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
    lossName: "categoricalCrossentropy",
    probeExamples: 100,
    engine: { mode: "graph" },
    parameters: records.flatMap(({ parameters }) => parameters),
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
