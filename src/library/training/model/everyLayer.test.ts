import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import type { TrainingRecord } from "../record.js";
import { recordTraining } from "../recordTraining.js";
import { classifier, dataset, layerCases, seeded, sizeOf, VECTOR } from "./madeUpLayers.js";

const { layers } = tf;

/** Layers that join several inputs: two dense layers enter them. */
const JOINING = ["add", "average", "concatenate", "dot", "maximum", "minimum", "multiply"] as const;

/** What is no layer to train with, or another name of one above. */
const OTHERS = {
  "a base class, an input or a cell": [
    "Layer",
    "RNN",
    "RNNCell",
    "input",
    "inputLayer",
    "convLstm2dCell",
    "gruCell",
    "lstmCell",
    "simpleRNNCell",
    "stackedRNNCells",
  ],
  "another name": [
    "averagePooling1d",
    "avgPool1d",
    "avgPool2d",
    "avgPool3d",
    "avgPooling1d",
    "avgPooling2d",
    "avgPooling3d",
    "globalMaxPool1d",
    "globalMaxPool2d",
    "maxPool1d",
    "maxPool2d",
  ],
  "prepares data: no gradient, or not the first of a sequence": [
    "categoryEncoding",
    "randomWidth",
    "centerCrop",
    "resizing",
  ],
  "has no gradient in tfjs": ["conv3dTranspose", "thresholdedReLU"],
};

/** Those that draw numbers in a way that cannot be taken apart. */
const EAGER = ["alphaDropout"];

const options = { optimizer: "adam", learningRate: 0.01, epochs: 16, batchSize: 8, seed: 1 } as const;

async function trainBothWays(
  make: () => tf.LayersModel,
  size: number,
): Promise<[TrainingRecord, TrainingRecord]> {
  const records: TrainingRecord[] = [];
  for (const engine of ["graph", "eager"] as const) {
    const model = make();
    records.push(await recordTraining(model, dataset(size), { ...options, engine }));
    model.dispose();
  }
  return records as [TrainingRecord, TrainingRecord];
}

function compare(name: string, [graph, eager]: readonly [TrainingRecord, TrainingRecord]): void {
  if (EAGER.includes(name)) {
    assert.equal(graph.engine.mode, "eager");
    assert.match(graph.engine.reason ?? "", /at random/);
    return;
  }
  assert.deepEqual(graph.engine, { mode: "graph" });
  assert.equal(eager.engine.mode, "eager");
  assert.ok(graph.parameters.length > 0);
  graph.parameters.forEach((parameter, i) => {
    const other = eager.parameters[i]!;
    assert.equal(parameter.gradient.length, 32);
    for (const key of ["gradient", "after"] as const) {
      parameter[key].forEach((values, step) => {
        const scale = Math.max(...values.map(Math.abs), 1e-3);
        values.forEach((value, w) => {
          const difference = Math.abs(value - other[key][step]![w]!);
          assert.ok(
            difference <= 2e-4 * scale,
            `${parameter.name} of ${parameter.layer}, ${key}, step ${step}: ${difference}`,
          );
        });
      });
    }
  });
}

for (const [name, layerCase] of Object.entries(layerCases)) {
  test(`a network with ${name} trains as a graph as it does operation by operation`, async () => {
    const before = tf.memory().numTensors;
    const records = await trainBothWays(() => classifier(layerCase), sizeOf(layerCase.shape));
    // With dropout and noise other numbers are drawn while the graph is made.
    if (!/[dD]ropout|Noise/.test(name)) {
      compare(name, records);
    } else {
      assert.equal(
        records[0].engine.mode,
        EAGER.includes(name) ? "eager" : "graph",
        records[0].engine.reason,
      );
    }
    assert.equal(tf.memory().numTensors, before);
  });
}

for (const name of JOINING) {
  test(`a network with ${name} trains as a graph as it does operation by operation`, async () => {
    const make = (): tf.LayersModel => {
      const input = tf.input({ shape: VECTOR });
      const side = (seed: number): tf.SymbolicTensor =>
        layers
          .dense({ units: 4, activation: "tanh", kernelInitializer: seeded(seed) })
          .apply(input) as tf.SymbolicTensor;
      const join = name === "dot" ? layers.dot({ axes: 1 }) : layers[name]();
      const joined = join.apply([side(1), side(2)]) as tf.SymbolicTensor;
      const output = layers
        .dense({ units: 3, activation: "softmax", kernelInitializer: seeded(3) })
        .apply(joined);
      return tf.model({ inputs: input, outputs: output as tf.SymbolicTensor });
    };
    compare(name, await trainBothWays(make, 8));
  });
}

test("every layer that tfjs has is in one of the lists", () => {
  const known = [...Object.keys(layerCases), ...JOINING, ...Object.values(OTHERS).flat()];
  assert.deepEqual(
    Object.keys(layers).filter((name) => !known.includes(name)),
    [],
  );
});
