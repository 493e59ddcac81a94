import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import { makeAddingProblem } from "../../data/addingProblem.js";
import { recordTraining } from "../recordTraining.js";
import { cellNames } from "./recurrentCells.js";
import type { RecurrentSpec } from "./recurrentSpec.js";
import { trainRecurrentEnsemble } from "./trainRecurrentEnsemble.js";

const data = makeAddingProblem({ examples: 20, timeSteps: 6, seed: 1 });
const shape = { timeSteps: 6, inputs: 2, outputs: 1, units: 3 };
const seeds = [7, 3, 11];

/** A tf.layers model of the same layers. */
function twinOf(cell: RecurrentSpec["cell"]): tf.Sequential {
  const settings = { units: shape.units, inputShape: [shape.timeSteps, shape.inputs] };
  const gated = { ...settings, recurrentActivation: "sigmoid" } as const;
  const layers = {
    simpleRNN: () => tf.layers.simpleRNN(settings),
    gru: () => tf.layers.gru(gated),
    lstm: () => tf.layers.lstm(gated),
  };
  return tf.sequential({ layers: [layers[cell](), tf.layers.dense({ units: 1 })] });
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const values = Array.from(expected);
  const most = Math.max(1e-3, ...values.map(Math.abs));
  assert.equal(actual.length, values.length, what);
  values.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) <= 1e-4 * most, `${what}[${i}]: ${actual[i]}, not ${value}`);
  });
}

for (const cell of cellNames) {
  for (const engine of ["graph", "eager"] as const) {
    test(`each ${cell} of an ensemble is recorded as its tf.layers twin is, ${engine}`, async () => {
      const epochs = engine === "graph" ? 12 : 1;
      const options = { optimizer: "adam", learningRate: 0.01, epochs, batchSize: 8, clipNorm: 0.3 } as const;
      const before = tf.memory().numTensors;
      const all = { ...options, engine, test: data };
      const records = await trainRecurrentEnsemble({ ...shape, cell }, seeds, data, all);
      assert.equal(tf.memory().numTensors, before);
      const own = records[1]!;
      const model = twinOf(cell);
      model.setWeights(
        own.parameters.map(({ before, shape }) => tf.tensor(Array.from(before[0]!), [...shape])),
      );
      const twin = await recordTraining(model, data, all);
      model.dispose();
      assert.equal(own.engine.mode, engine);
      near(own.loss, twin.loss, "loss");
      near(own.clipFactor!, twin.clipFactor!, "clip factor");
      near([own.epochs[0]!.testLoss!], [twin.epochs[0]!.testLoss!], "test loss");
      twin.parameters.forEach(({ gradient, after, name }, p) => {
        for (const step of [0, own.steps.length - 1]) {
          near(own.parameters[p]!.gradient[step]!, gradient[step]!, `gradient of ${name}, step ${step}`);
          near(own.parameters[p]!.after[step]!, after[step]!, `${name}, step ${step}`);
        }
      });
      const expected = twin.layers[0]!.stateGradients!;
      for (const state of cell === "lstm" ? (["h", "c"] as const) : (["h"] as const)) {
        for (const size of ["meanAbs", "rms"] as const) {
          const recorded = own.layers[0]!.stateGradients![state]![size];
          near(recorded.at(-1)!, expected[state]![size].at(-1)!, `dL/d${state}`);
        }
      }
    });
  }
}

test("a network's start depends on its own seed alone, and differs from another's", async () => {
  const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1 } as const;
  const spec = { ...shape, cell: "lstm", forgetBias: 2 } as const;
  const [, second] = await trainRecurrentEnsemble(spec, [1, 2], data, options);
  const [alone, other] = await trainRecurrentEnsemble(spec, [2, 3], data, options);
  const start = (record: typeof alone): number[] => Array.from(record!.parameters[1]!.before[0]!);
  assert.deepEqual(start(alone), start(second));
  assert.notDeepEqual(start(alone), start(other));
  const bias = Array.from(alone!.parameters[2]!.before[0]!);
  assert.deepEqual(bias, [0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0]);
});

test("what a recurrent network has not is refused by name", async () => {
  const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1 } as const;
  const refused = (spec: Partial<RecurrentSpec>, message: RegExp): Promise<void> =>
    assert.rejects(trainRecurrentEnsemble({ ...shape, cell: "gru", ...spec }, seeds, data, options), message);
  await refused({ forgetBias: 1 }, /forgetBias is 1; it must be left out for "gru"/);
  await refused({ recurrentInitializer: "identity" }, /recurrentInitializer is "identity"/);
  await refused({ units: 0 }, /units is 0/);
  await refused({ timeSteps: 5 }, /features/);
});
