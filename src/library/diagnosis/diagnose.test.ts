import assert from "node:assert/strict";
import test from "node:test";
import type { Dataset } from "../data/dataset.js";
import { loadIris } from "../data/iris.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { type EnsembleSpec, trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import type { TrainingOptions } from "../training/options.js";
import type { TrainingRecord } from "../training/record.js";
import { diagnose, type Disease } from "./diagnose.js";

const raw = splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 });
const iris = standardize(raw).train;
const millimetres: Dataset = {
  ...raw.train,
  features: raw.train.features.map((row) => row.map((x) => 10 * x)),
};

/** Not those with which the thresholds were set. */
const FIRST_SEED = 10_001;

interface Recipe {
  readonly spec: Omit<EnsembleSpec, "inputs" | "outputs" | "width"> & { readonly width?: number };
  readonly options?: Partial<TrainingOptions>;
  readonly dataset?: Dataset;
}

async function train({ spec, options, dataset = iris }: Recipe, networks: number): Promise<TrainingRecord[]> {
  const seeds = Array.from({ length: networks }, (_, i) => FIRST_SEED + i);
  return trainEnsemble({ inputs: 4, outputs: 3, width: 10, ...spec }, seeds, dataset, {
    ...{ optimizer: "sgd", learningRate: 0.1, epochs: 20, batchSize: 16, seed: 1, recordEvery: 20 },
    ...options,
  });
}

const PATIENTS: Record<Disease, readonly Recipe[]> = {
  "vanishing gradient": [
    { spec: { hiddenLayers: 6, activation: "sigmoid" } },
    {
      spec: { hiddenLayers: 10, activation: "sigmoid" },
      options: { optimizer: "adam", learningRate: 0.001 },
    },
  ],
  "exploding gradient": [
    { spec: { hiddenLayers: 15, activation: "relu", kernelInitializer: "heUniform", kernelScale: 3 } },
    { spec: { hiddenLayers: 12, activation: "elu", kernelScale: 4 } },
  ],
  "saturated units": [
    { spec: { hiddenLayers: 3, activation: "sigmoid", kernelScale: 30 }, options: { learningRate: 0.01 } },
    { spec: { hiddenLayers: 3, activation: "tanh", kernelScale: 10 }, options: { learningRate: 0.001 } },
  ],
  "dead units": [
    { spec: { hiddenLayers: 4, activation: "relu" }, options: { learningRate: 2 } },
    { spec: { hiddenLayers: 3, activation: "relu6" }, options: { learningRate: 3 } },
  ],
  "symmetric units": [
    { spec: { hiddenLayers: 3, activation: "tanh", kernelInitializer: "zeros" } },
    {
      spec: {
        ...{ hiddenLayers: 2, activation: "sigmoid" },
        kernelInitializer: { name: "randomUniform", minval: 0.1, maxval: 0.1 },
      },
    },
  ],
  "learning rate too small": [
    { spec: { hiddenLayers: 3, activation: "tanh" }, options: { learningRate: 1e-4 } },
    { spec: { hiddenLayers: 2, activation: "elu" }, options: { optimizer: "adam", learningRate: 1e-6 } },
  ],
  "learning rate too large": [
    { spec: { hiddenLayers: 3, activation: "tanh" }, options: { learningRate: 10 } },
    { spec: { hiddenLayers: 3, activation: "elu" }, options: { learningRate: 5 } },
  ],
  "input not standardized": [
    { spec: { hiddenLayers: 3, activation: "tanh" }, dataset: millimetres },
    {
      spec: { hiddenLayers: 3, activation: "relu", kernelInitializer: "heUniform" },
      dataset: millimetres,
    },
  ],
};

const HEALTHY: readonly Recipe[] = [
  { spec: { hiddenLayers: 3, activation: "tanh" } },
  { spec: { hiddenLayers: 4, activation: "elu" } },
  {
    spec: { hiddenLayers: 2, activation: "relu", kernelInitializer: "heUniform", width: 20 },
    options: { optimizer: "adam", learningRate: 0.01 },
  },
  { spec: { hiddenLayers: 5, activation: "selu", kernelInitializer: "leCunUniform" } },
  // Called before it has learned: nothing is wrong with it.
  { spec: { hiddenLayers: 3, activation: "tanh", width: 16 }, options: { epochs: 4 } },
];

test("of 200 sick networks at least 95 % are named rightly", async () => {
  const named: string[] = [];
  let right = 0;
  for (const [disease, recipes] of Object.entries(PATIENTS)) {
    const records = await Promise.all(recipes.map((recipe) => train(recipe, 40)));
    // Some learn all the same: those are not sick.
    const sick = records.flatMap((list) => list.filter((record) => !diagnose(record).learns)).slice(0, 25);
    assert.equal(sick.length, 25, disease);
    const rightly = sick.filter((record) => diagnose(record).findings[0]?.disease === disease).length;
    right += rightly;
    named.push(`${disease}: ${rightly} of ${sick.length}`);
  }
  assert.ok(right >= 190, named.join("; "));
});

test("of 200 healthy networks at most 2 % are called sick", async () => {
  const records = (await Promise.all(HEALTHY.map((recipe) => train(recipe, 40)))).flat();
  const alarms = records.flatMap((record) => diagnose(record).findings.slice(0, 1));
  assert.ok(
    alarms.length <= 4,
    `${alarms.length} alarms: ${alarms.map(({ disease }) => disease).join(", ")}`,
  );
});

test("a diagnosis says what was seen, with numbers, and what to try", async () => {
  const [record] = await train(PATIENTS["vanishing gradient"][0]!, 1);
  const { learns, findings, summary } = diagnose(record!);
  assert.equal(learns, false);
  assert.match(
    findings[0]!.evidence,
    /the first layer's gradient is \d.* of the last one's; each layer divides it by \d/,
  );
  assert.match(findings[0]!.advice, /ReLU/);
  assert.match(summary, /^It does not learn \(the loss went from 1\.\d+ to 1\.\d+\)\. vanishing gradient: /);
});

test("diagnose() refuses what is no record", () => {
  assert.throws(() => diagnose({} as TrainingRecord), {
    name: "RangeError",
    message: /diagnose\(\): record is/,
  });
});
