import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import type { Dataset } from "../../data/dataset.js";
import type { LayerRecord } from "../record.js";
import { recordTraining } from "../recordTraining.js";

const { layers } = tf;
const [STEPS, UNITS, EXAMPLES] = [5, 2, 3];

const data: Dataset = {
  name: "series",
  features: Array.from({ length: EXAMPLES }, (_, i) =>
    Array.from({ length: STEPS }, (_, t) => Math.sin(1 + 2 * i + 3 * t)),
  ),
  featureNames: Array.from({ length: STEPS }, (_, t) => `t = ${t}`),
  labels: [0, 1, 1],
  classNames: ["a", "b"],
};
const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1 } as const;

/** States after a time step; and what is added to them, to see what that changes. */
interface States {
  readonly h: readonly number[];
  readonly c: readonly number[];
}
/** z of all gates of one example, by gate. */
type Gates = (inputs: readonly number[], h: readonly number[]) => readonly (readonly number[])[];

const sigmoid = (z: number): number => Math.min(1, Math.max(0, 0.2 * z + 0.5));
const zeros = [0, 0];

/** The recurrences in plain numbers: the states after a step, from those before it. tfjs takes the hard sigmoid for gates. */
const RECURRENCES = {
  simpleRNN: (gates: Gates, x: number[], { h, c }: States): States => ({
    h: gates(x, h)[0]!.map(Math.tanh),
    c,
  }),
  lstm: (gates: Gates, x: number[], { h, c }: States): States => {
    const [i, f, candidate, o] = gates(x, h) as [number[], number[], number[], number[]];
    const cell = c.map((one, u) => sigmoid(f[u]!) * one + sigmoid(i[u]!) * Math.tanh(candidate[u]!));
    return { h: cell.map((one, u) => sigmoid(o[u]!) * Math.tanh(one)), c: cell };
  },
  gru: (gates: Gates, x: number[], { h, c }: States): States => {
    const [z, r] = gates(x, h) as [number[], number[]];
    const reset = h.map((one, u) => sigmoid(r[u]!) * one);
    const candidate = gates(x, reset)[2]!;
    return {
      h: h.map((one, u) => sigmoid(z[u]!) * one + (1 - sigmoid(z[u]!)) * Math.tanh(candidate[u]!)),
      c,
    };
  },
};
type Kind = keyof typeof RECURRENCES;

/** Where a small number is added, and which. */
interface Nudge {
  readonly state: "h" | "c";
  readonly step: number;
  readonly unit: number;
  readonly example: number;
  readonly by: number;
}

/** The mean loss of a recurrent layer and a dense one of a sigmoid unit, in plain numbers. */
function lossWith(
  kind: Kind,
  [layer, output]: readonly LayerRecord[],
  backwards: boolean,
  nudge?: Nudge,
): number {
  const [kernel, recurrent, bias] = layer!.parameters.map(({ before }) => before[0]!);
  const columns = kernel!.length;
  const gates: Gates = (inputs, h) =>
    Array.from({ length: columns / UNITS }, (_, gate) =>
      Array.from({ length: UNITS }, (_, unit) => {
        const column = gate * UNITS + unit;
        const fromInputs = inputs.reduce(
          (sum, x, i) => sum + x * kernel![i * columns + column]!,
          bias![column]!,
        );
        return h.reduce((sum, one, i) => sum + one * recurrent![i * columns + column]!, fromInputs);
      }),
    );
  const losses = data.features.map((row, example) => {
    let states: States = { h: zeros, c: zeros };
    const order = Array.from(row.keys());
    for (const step of backwards ? order.reverse() : order) {
      const next = { ...RECURRENCES[kind](gates, [row[step]!], states) };
      if (nudge?.step === step && nudge.example === example) {
        // What is added to c is in the h of the same step.
        next[nudge.state] = next[nudge.state].map((value, u) =>
          u === nudge.unit ? value + nudge.by : value,
        );
        if (nudge.state === "c") {
          const [, , , o] = gates([row[step]!], states.h) as [number[], number[], number[], number[]];
          next.h = next.c.map((one, u) => sigmoid(o[u]!) * Math.tanh(one));
        }
      }
      states = next;
    }
    const z = states.h.reduce(
      (sum, value, u) => sum + value * output!.kernel.before[0]![u]!,
      output!.bias!.before[0]![0]!,
    );
    return Math.log1p(Math.exp(z)) - data.labels[example]! * z;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / EXAMPLES;
}

/** dL/dstate at each step by finite differences: mean absolute value and root mean square. */
function differences(
  kind: Kind,
  record: readonly LayerRecord[],
  state: "h" | "c",
  backwards: boolean,
): [number[], number[]] {
  const by = 1e-5;
  const bySteps = Array.from({ length: STEPS }, (_, step) =>
    Array.from({ length: EXAMPLES }, (_, example) =>
      Array.from({ length: UNITS }, (_, unit) => {
        const at = (amount: number): number =>
          lossWith(kind, record, backwards, { state, step, unit, example, by: amount });
        return (at(by) - at(-by)) / (2 * by);
      }),
    ).flat(),
  );
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  return [
    bySteps.map((values) => mean(values.map(Math.abs))),
    bySteps.map((values) => Math.sqrt(mean(values.map((value) => value ** 2)))),
  ];
}

const seeded = (seed: number) => tf.initializers.randomNormal({ stddev: 0.7, seed });
const settings = {
  units: UNITS,
  inputShape: [STEPS, 1],
  kernelInitializer: seeded(1),
  recurrentInitializer: seeded(2),
  biasInitializer: seeded(3),
};

for (const kind of Object.keys(RECURRENCES) as Kind[]) {
  for (const goBackwards of [false, true]) {
    for (const engine of ["graph", "eager"] as const) {
      const how = `${kind}${goBackwards ? " that goes backwards" : ""}, ${engine}`;
      test(`dL/dstate at each time step is that of finite differences: ${how}`, async () => {
        const model = tf.sequential({
          layers: [
            layers[kind]({ ...settings, goBackwards }),
            layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: seeded(4) }),
          ],
        });
        const epochs = engine === "graph" ? 15 : 1;
        const record = await recordTraining(model, data, { ...options, engine, epochs });
        assert.equal(record.engine.mode, engine);
        const { stateGradients } = record.layers[0]!;
        assert.deepEqual(Object.keys(stateGradients!), kind === "lstm" ? ["h", "c"] : ["h"]);
        for (const state of ["h", "c"] as const) {
          const recorded = stateGradients![state];
          if (recorded) {
            const [meanAbs, rms] = differences(kind, record.layers, state, goBackwards);
            assert.equal(recorded.meanAbs.length, epochs);
            near(recorded.meanAbs[0]!, meanAbs, `${state}, mean`);
            near(recorded.rms[0]!, rms, `${state}, root mean square`);
          }
        }
        model.dispose();
      });
    }
  }
}

test("a simple recurrent layer's z is known: saturation and dL/dz are measured over all time steps", async () => {
  const model = tf.sequential({
    layers: [layers.simpleRNN(settings), layers.dense({ units: 1, activation: "sigmoid" })],
  });
  const {
    layers: [layer],
  } = await recordTraining(model, data, options);
  assert.deepEqual([layer!.activation, layer!.positions, layer!.notMeasured], ["tanh", STEPS, {}]);
  // The bias adds to z at each step: the sum of dL/dz over steps and examples is dL/dbias.
  const sum = layer!.bias!.gradient[0]!.reduce((all, value) => all + Math.abs(value), 0);
  assert.ok(layer!.preActivationGradient.meanAbs[0]! * STEPS * EXAMPLES * UNITS >= sum * (1 - 1e-5));
  model.dispose();
});

test("what a cell makes of time steps that a mask leaves out is not used: its gradient is 0", async () => {
  const masked = { ...data, features: data.features.map((row) => [...row.slice(0, 3), 0, 0]) };
  const model = tf.sequential({
    layers: [
      layers.masking({ maskValue: 0, inputShape: [STEPS, 1] }),
      layers.lstm({ ...settings }),
      layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const record = await recordTraining(model, masked, options);
  const { h } = record.layers[0]!.stateGradients!;
  assert.ok(h.meanAbs[0]!.slice(0, 3).every((value) => value > 0));
  assert.deepEqual([...h.meanAbs[0]!.slice(3)], [0, 0]);
  model.dispose();
});

test("dropout in a cell is drawn from the seed, runs as a graph, and leaves no tensor over", async () => {
  const train = async (seed: number): Promise<number[]> => {
    const model = tf.sequential({
      layers: [
        layers.lstm({ ...settings, dropout: 0.4, recurrentDropout: 0.4 }),
        layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: seeded(4) }),
      ],
    });
    const before = tf.memory().numTensors;
    const record = await recordTraining(model, data, { ...options, epochs: 20, seed });
    assert.deepEqual(record.engine, { mode: "graph" });
    assert.equal(tf.memory().numTensors, before);
    model.dispose();
    return [...record.loss];
  };
  const first = await train(1);
  assert.deepEqual(await train(1), first);
  assert.notDeepEqual(await train(2), first);
});

test("a stateful recurrent layer is refused", async () => {
  const model = tf.sequential({
    layers: [
      layers.lstm({ units: 2, stateful: true, batchInputShape: [3, STEPS, 1] }),
      layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  await assert.rejects(
    recordTraining(model, data, options),
    /^Error: recordTraining\(\): layer "lstm_LSTM\d+" is stateful; /,
  );
  model.dispose();
});

function near(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expected.forEach((value, t) => {
    assert.ok(
      Math.abs(actual[t]! - value) <= 1e-4 * Math.max(...expected),
      `${what}, step ${t}: ${actual[t]}, not ${value}`,
    );
  });
}
