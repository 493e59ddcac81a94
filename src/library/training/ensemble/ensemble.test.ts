import * as tf from "@tensorflow/tfjs-node";
import fc from "fast-check";
import assert from "node:assert/strict";
import test from "node:test";
import { makeCircles } from "../../data/circles.js";
import type { Dataset } from "../../data/dataset.js";
import { loadIris } from "../../data/iris.js";
import { splitTrainTest, standardize } from "../../data/split.js";
import { activationNames } from "../../models/activations.js";
import { buildMlp } from "../../models/mlp.js";
import type { TrainingOptions } from "../options.js";
import type { TrainingRecord } from "../record.js";
import { recordTraining } from "../recordTraining.js";
import { sweep } from "./members.js";
import type { EnsembleSpec } from "../../models/mlpSpec.js";
import { trainEnsemble } from "./trainEnsemble.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const circles = splitTrainTest(makeCircles({ examples: 90, noise: 0.1, seed: 1 }), {
  testShare: 1 / 3,
  seed: 2,
});

const spec: EnsembleSpec = { inputs: 4, outputs: 3, hiddenLayers: 3, width: 6, activation: "tanh" };
/** 100 examples in batches of 16 are 7 steps an epoch: 21 steps in all. */
const options: TrainingOptions = { optimizer: "sgd", learningRate: 0.1, epochs: 3, batchSize: 16 };
const seeds = [7, 3, 11];

/** Compares the network in the middle with its twin, in everything that is recorded. */
async function compareWithTwin(
  changes: Partial<EnsembleSpec>,
  more: Partial<TrainingOptions> = {},
  { train, test: testSet } = changes.outputs === 1 ? circles : iris,
): Promise<void> {
  const chosen = { ...spec, ...changes };
  const all = { ...options, ...more, test: testSet };
  const records = await trainEnsemble(chosen, seeds, train, all);
  assert.equal(records.length, seeds.length);
  const model = buildMlp({ ...chosen, seed: seeds[1]! });
  const twin = await recordTraining(model, train, all);
  model.dispose();
  assertAlike(records[1]!, twin);
}

function assertAlike(actual: TrainingRecord, expected: TrainingRecord): void {
  assert.deepEqual(actual.steps, expected.steps);
  assert.deepEqual(actual.stopped, expected.stopped);
  assert.equal(actual.stepsPerEpoch, expected.stepsPerEpoch);
  assert.equal(actual.label, expected.label);
  assert.deepEqual(actual.optimizer, expected.optimizer);
  close(actual.loss, expected.loss, "loss");
  assert.equal(actual.clipFactor === undefined, expected.clipFactor === undefined);
  close(actual.clipFactor ?? [], expected.clipFactor ?? [], "clip factor");
  assert.equal(actual.epochs.length, expected.epochs.length);
  for (const [i, epoch] of expected.epochs.entries()) {
    for (const key of ["loss", "accuracy", "testLoss", "testAccuracy"] as const) {
      close([actual.epochs[i]![key]!], [epoch[key]!], `${key} of epoch ${i}`);
    }
  }
  assert.equal(actual.layers.length, expected.layers.length);
  expected.parameters.forEach((parameter, p) => {
    const own = actual.parameters[p]!;
    assert.deepEqual([own.name, own.layer, own.shape], [parameter.name, parameter.layer, parameter.shape]);
    for (const key of ["before", "after", "gradient", "update"] as const) {
      parameter[key].forEach((values, step) => {
        close(own[key][step]!, values, `${key} of ${own.layer} at recorded step ${step}`);
      });
    }
  });
  expected.layers.forEach((layer, l) => {
    const own = actual.layers[l]!;
    assert.deepEqual([own.name, own.units, own.activation], [layer.name, layer.units, layer.activation]);
    assert.deepEqual([own.isScaling, own.positions], [layer.isScaling, layer.positions]);
    assert.deepEqual(own.notMeasured, layer.notMeasured);
    assert.deepEqual(Object.keys(own), Object.keys(layer));
    for (const [name, signal] of Object.entries({ z: "preActivations", a: "activations" } as const)) {
      close(own[signal].mean, layer[signal].mean, `mean ${name}`);
      close(own[signal].std, layer[signal].std, `std of ${name}`);
    }
    // A z that lies within rounding of a limit may be counted on either side of it: one of 16 * 6.
    close(own.saturated, layer.saturated, "saturated", 0.011);
    close(own.dead, layer.dead, "dead", 0.17);
  });
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, tolerance = 1e-5): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    const alike = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    assert.ok(alike, `${what}: entry ${i} is ${a}, its twin's ${b}`);
  }
}

for (const activation of activationNames) {
  test(`a network of an ensemble is its twin's like: ${activation}`, () => compareWithTwin({ activation }));
}

const variants: Record<string, [Partial<EnsembleSpec>, Partial<TrainingOptions>]> = {
  "momentum, shuffled": [{}, { optimizer: "momentum", momentum: 0.8, seed: 5 }],
  "Adam as in PyTorch": [{}, { optimizer: "adam", learningRate: 0.01 }],
  "Adam as in Keras, another epsilon": [
    {},
    { optimizer: "adam", learningRate: 0.01, epsilon: 1e-4, epsilonForm: "keras" },
  ],
  "one output": [{ inputs: 2, outputs: 1, activation: "sigmoid" }, {}],
  "one output, no hidden layer": [{ inputs: 2, outputs: 1, hiddenLayers: 0 }, {}],
  "no hidden layer": [{ hiddenLayers: 0 }, {}],
  "one hidden layer": [{ hiddenLayers: 1 }, {}],
  "as many inputs as units": [{ width: 4, hiddenLayers: 5 }, {}],
  "as many inputs as units and outputs": [{ inputs: 4, width: 3, outputs: 3, hiddenLayers: 2 }, {}],
  "another initializer": [{ kernelInitializer: { name: "randomNormal", stddev: 0.3 } }, {}],
  zeros: [{ kernelInitializer: "zeros" }, {}],
  "a scale of the initial kernels": [{ kernelScale: 1.7 }, {}],
  "batch normalization": [{ batchNormalization: true, activation: "sigmoid" }, {}],
  // The gradient of a bias before batch normalization is 0 but for rounding. Adam would make steps of that, were it not
  // for a larger epsilon.
  "batch normalization, Adam": [
    { batchNormalization: true, activation: "relu" },
    { optimizer: "adam", learningRate: 0.01, epsilon: 0.01 },
  ],
  "residual connections": [{ residual: true, hiddenLayers: 5 }, {}],
  "residual connections, one hidden layer": [{ residual: true, hiddenLayers: 1 }, {}],
  "residual connections, no hidden layer": [{ residual: true, hiddenLayers: 0 }, {}],
  "residual connections with batch normalization": [
    { residual: true, batchNormalization: true, hiddenLayers: 6 },
    { optimizer: "momentum", learningRate: 0.02, seed: 3, batchSize: 25, epochs: 6 },
  ],
  "clipped gradients": [{ kernelScale: 3 }, { clipNorm: 0.5 }],
  "clipped gradients, batch normalization, Adam": [
    { batchNormalization: true, residual: true },
    { clipNorm: 0.3, optimizer: "adam", learningRate: 0.01, epsilon: 0.01 },
  ],
  "few steps recorded": [{}, { recordEvery: 8, seed: 9 }],
};
for (const [name, [changes, more]] of Object.entries(variants)) {
  test(`a network of an ensemble is its twin's like: ${name}`, () => compareWithTwin(changes, more));
}

test("each network can have an initial scale and a learning rate of its own", async () => {
  const members = sweep({ seed: [7, 3], kernelScale: [0.5, 2], learningRate: [0.02, 0.1] });
  assert.equal(members.length, 8);
  for (const optimizer of ["sgd", "momentum", "adam"] as const) {
    for (const changes of [{}, { batchNormalization: true, kernelInitializer: "heUniform" as const }]) {
      // As much as the largest learning rate, as above: rounding of what is 0 must not become steps.
      const epsilon = optimizer === "adam" ? { epsilon: 0.1 } : {};
      const all = { ...options, optimizer, ...epsilon, test: iris.test, batchSize: 25, epochs: 5 };
      const records = await trainEnsemble({ ...spec, ...changes }, members, iris.train, all);
      for (const i of [0, 3, 6]) {
        const { seed, kernelScale, learningRate } = members[i]!;
        const model = buildMlp({ ...spec, ...changes, seed, kernelScale: kernelScale! });
        const twin = await recordTraining(model, iris.train, { ...all, learningRate: learningRate! });
        model.dispose();
        assertAlike(records[i]!, twin);
      }
    }
  }
});

test("sweep() combines all values, the seeds fastest", () => {
  assert.deepEqual(sweep({ seed: [1, 2], kernelScale: [3, 4] }), [
    { kernelScale: 3, seed: 1 },
    { kernelScale: 3, seed: 2 },
    { kernelScale: 4, seed: 1 },
    { kernelScale: 4, seed: 2 },
  ]);
  assert.deepEqual(sweep({ seed: [5] }), [{ seed: 5 }]);
});

test("more networks than fit into memory at once are trained group by group, with the same result", async () => {
  const wide = { ...spec, width: 64, hiddenLayers: 6 };
  const once = { ...options, batchSize: 100, epochs: 2, recordEvery: 2, test: iris.test };
  const many = Array.from({ length: 300 }, (_, i) => i);
  const seen: number[] = [];
  const records = await trainEnsemble(wide, many, iris.train, {
    ...once,
    onProgress: ({ step }) => seen.push(step),
  });
  // Two groups of 150, two steps each.
  assert.deepEqual(seen, [0.5, 1, 1.5, 2]);
  assert.equal(records.length, 300);
  for (const i of [0, 149, 150, 299]) {
    const [alone] = await trainEnsemble(wide, [i], iris.train, once);
    assertAlike(records[i]!, alone!);
  }
  const interrupted = await trainEnsemble(wide, many, iris.train, {
    ...once,
    onProgress: ({ step }) => {
      if (step === 0.5) {
        process.emit("SIGINT");
      }
    },
  });
  assert.deepEqual([interrupted[0]!.steps, interrupted[299]!.steps], [[0], []]);
  assert.equal(interrupted[299]!.stopped!.message, "interrupted before step 0 of 2");
  assert.equal(interrupted[299]!.layers.length, 7);
});

test("a network that fails at a step that is not recorded is recorded there, and only it", async () => {
  const wild = { ...spec, activation: "relu" } as const;
  const members = [
    { seed: 7, learningRate: 0.05 },
    { seed: 7, learningRate: 1e12 },
  ];
  const sparse = { ...options, recordEvery: 50 };
  const [calm, failed] = await trainEnsemble(wild, members, iris.train, sparse);
  assert.equal(calm!.stopped, undefined);
  assert.deepEqual(calm!.steps, [0, 20]);
  const model = buildMlp({ ...wild, seed: 7 });
  const twin = await recordTraining(model, iris.train, { ...sparse, learningRate: 1e12 });
  model.dispose();
  assert.equal(failed!.stopped!.reason, "not finite");
  assert.deepEqual([failed!.stopped, failed!.steps], [twin.stopped, twin.steps]);
  assert.ok(failed!.steps.length > 1 && failed!.steps.at(-1)! < 20);
});

test("a network of any small ensemble is its twin's like", async () => {
  const anySpec = fc.record({
    hiddenLayers: fc.integer({ min: 0, max: 4 }),
    width: fc.integer({ min: 1, max: 7 }),
    activation: fc.constantFrom("sigmoid", "tanh", "elu", "swish"),
  });
  const anyOptions = fc.record({
    batchSize: fc.integer({ min: 1, max: 70 }),
    recordEvery: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(anySpec, anyOptions, (changes, more) =>
      compareWithTwin(changes, { ...more, epochs: 1 }),
    ),
    { seed: 1, numRuns: 12 },
  );
});

test("the written-out gradient is that of automatic differentiation", async () => {
  for (const activation of ["sigmoid", "relu", "gelu"] as const) {
    const [record] = await trainEnsemble({ ...spec, activation }, [4], iris.train, {
      ...options,
      epochs: 1,
      batchSize: 100,
    });
    const gradient = differentiate({ ...spec, activation }, record!, iris.train);
    record!.parameters.forEach((parameter, i) => {
      const largest = Math.max(...gradient[i]!.map(Math.abs));
      close(
        parameter.gradient[0]!,
        gradient[i]!,
        `gradient of ${parameter.layer}`,
        1e-5 * Math.max(largest, 1e-3),
      );
    });
  }
});

/** The gradient at the start, by tfjs' automatic differentiation of a forward pass of its own. */
function differentiate(
  { activation }: EnsembleSpec,
  record: TrainingRecord,
  dataset: Dataset,
): Float32Array[] {
  return tf.tidy(() => {
    const weights = record.parameters.map(({ before, shape }) => tf.tensor(before[0]!, [...shape]));
    const loss = (...w: tf.Tensor[]): tf.Scalar => {
      let a: tf.Tensor = tf.tensor2d(dataset.features.flat(), [dataset.labels.length, 4]);
      for (let layer = 0; layer < w.length / 2; layer++) {
        const z = tf.matMul(a, w[2 * layer]!).add(w[2 * layer + 1]!);
        const isLast = layer === w.length / 2 - 1;
        a = isLast
          ? z
          : activation === "gelu"
            ? z.mul(tf.erf(z.div(Math.SQRT2)).add(1)).div(2)
            : tf[activation as "relu"](z);
      }
      const targets = tf.oneHot(tf.tensor1d([...dataset.labels], "int32"), 3);
      return tf.losses.softmaxCrossEntropy(targets, a);
    };
    return tf
      .grads(loss)(weights)
      .map((gradient) => gradient.dataSync<"float32">());
  });
}

test("a network that diverges stops as its twin does, and disturbs no other", async () => {
  const wild = { activation: "relu", kernelInitializer: { name: "randomNormal", stddev: 5 } } as const;
  const fast = { ...options, learningRate: 1e4, epochs: 2 };
  const records = await trainEnsemble({ ...spec, ...wild }, seeds, iris.train, fast);
  assert.ok(records.some(({ stopped }) => stopped?.reason === "not finite"));
  for (const [i, seed] of seeds.entries()) {
    const model = buildMlp({ ...spec, ...wild, seed });
    const twin = await recordTraining(model, iris.train, fast);
    model.dispose();
    assert.deepEqual(records[i]!.stopped, twin.stopped);
    assert.deepEqual(records[i]!.steps, twin.steps);
    assert.equal(records[i]!.epochs.length, twin.epochs.length);
  }
});

test("an interrupt ends an ensemble before its next step, and what was done is returned", async () => {
  const listeners = process.listenerCount("SIGINT");
  const records = await trainEnsemble(spec, seeds, iris.train, {
    ...options,
    onProgress: ({ step }) => {
      if (step === 9) {
        process.emit("SIGINT");
      }
    },
  });
  for (const { stopped, steps, epochs } of records) {
    assert.equal(stopped?.reason, "interrupt");
    assert.equal(stopped.step, 9);
    assert.deepEqual(steps, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(epochs.length, 1);
  }
  assert.equal(process.listenerCount("SIGINT"), listeners);
});

test("an ensemble leaves no tensor behind, also when it fails or is stopped", async () => {
  const before = tf.memory().numTensors;
  await trainEnsemble(spec, seeds, iris.train, { ...options, optimizer: "adam", test: iris.test });
  await trainEnsemble(spec, seeds, iris.train, { ...options, signal: AbortSignal.abort() });
  await assert.rejects(
    trainEnsemble(spec, seeds, iris.train, {
      ...options,
      onProgress: () => {
        throw new Error("enough");
      },
    }),
    /enough/,
  );
  assert.equal(tf.memory().numTensors, before);
});

test("the same call gives the same numbers, whatever else is in the ensemble", async () => {
  const [one] = await trainEnsemble(spec, [3], iris.train, options);
  const [, again] = await trainEnsemble(spec, [8, 3, 5, 6], iris.train, options);
  assertAlike(again!, one!);
  const [same] = await trainEnsemble(spec, [3], iris.train, options);
  assert.deepEqual(same, one);
});

const bad: Record<string, [Partial<EnsembleSpec>, readonly number[], Partial<TrainingOptions>, RegExp]> = {
  "no seeds": [{}, [], {}, /trainEnsemble\(\): members is \[\]/],
  "a seed that is no whole number": [{}, [1, 2.5], {}, /members\[1\] is 2\.5/],
  "no units": [{ width: 0 }, [1], {}, /trainEnsemble\(\): width is 0/],
  "an unknown activation": [{ activation: "sigmiod" as "sigmoid" }, [1], {}, /activation is "sigmiod"/],
  "too few inputs for the data": [{ inputs: 3 }, [1], {}, /dataset\.features\[0\] is \[/],
  "too few outputs for the classes": [{ outputs: 2 }, [1], {}, /dataset\.labels\[\d+\] is 2/],
  "no epochs": [{}, [1], { epochs: 0 }, /trainEnsemble\(\): epochs is 0/],
  "a record that is too large": [{}, [1, 2, 3], { epochs: 1e7 }, /recordEvery is 1; it must be at least \d+/],
};
for (const [name, [changes, list, more, message]] of Object.entries(bad)) {
  test(`trainEnsemble() refuses ${name}`, async () => {
    await assert.rejects(
      trainEnsemble({ ...spec, ...changes }, list, iris.train, { ...options, ...more }),
      message,
    );
  });
}
