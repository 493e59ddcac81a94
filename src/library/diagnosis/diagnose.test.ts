import assert from "node:assert/strict";
import test from "node:test";
import type { AnyDataset, Dataset } from "../data/dataset.js";
import { makeCircles } from "../data/circles.js";
import { loadCirclesSplit } from "../data/originalCircles.js";
import { loadIris } from "../data/iris.js";
import { makeWaves } from "../data/waves.js";
import { buildMlp } from "../models/mlp.js";
import { tf } from "../tensorflow/tf.js";
import { recordTraining } from "../training/recordTraining.js";
import { splitTrainTest, standardize } from "../data/split.js";
import type { EnsembleSpec } from "../models/mlpSpec.js";
import { trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import type { TrainingOptions } from "../training/options.js";
import type { TrainingRecord } from "../training/record.js";
import { madeUpRecord } from "../figures/madeUpRecords.js";
import { diagnose } from "./diagnose.js";
import type { Disease } from "./diseases.js";

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
    optimizer: "sgd",
    learningRate: 0.1,
    epochs: 20,
    batchSize: 16,
    seed: 1,
    recordEvery: 20,
    ...options,
  });
}

const PATIENTS = {
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
        hiddenLayers: 2,
        activation: "sigmoid",
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
} satisfies Partial<Record<Disease, readonly Recipe[]>>;

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

/** Of what these follow from, where that is another thing. */
const CAUSES: Partial<Record<Disease, Disease>> = {
  "exploding gradient": "start too large",
  "saturated units": "start too large",
  "dead units": "learning rate too large",
};

test("of 200 sick networks at least 95 % are named rightly, and what follows from a cause has its cause first", async () => {
  const named: string[] = [];
  let right = 0;
  for (const [disease, recipes] of Object.entries<readonly Recipe[]>(PATIENTS)) {
    const records = await Promise.all(recipes.map((recipe) => train(recipe, 40)));
    // Some learn all the same: those are not sick.
    const sick = records.flatMap((list) => list.filter((record) => !diagnose(record).learns)).slice(0, 25);
    assert.equal(sick.length, 25, disease);
    const rightly = sick.filter((record) => {
      const found = diagnose(record).findings.map((finding) => finding.disease);
      const cause = CAUSES[disease as Disease];
      return cause === undefined
        ? found[0] === disease
        : found[0] === cause && found.includes(disease as Disease);
    }).length;
    right += rightly;
    named.push(`${disease}: ${rightly} of ${sick.length}`);
  }
  assert.ok(right >= 190, named.join("; "));
});

test("of 200 healthy networks at most 2 % are called sick, and of one that ended early it is said", async () => {
  const records = (await Promise.all(HEALTHY.map((recipe) => train(recipe, 40)))).flat();
  const alarms = records.flatMap((record) =>
    diagnose(record)
      .findings.filter(({ disease }) => disease !== "too few epochs")
      .slice(0, 1),
  );
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
    /^dL\/dz in the first layer is \d.* of the last one's; each layer divides it by \d/,
  );
  assert.match(findings[0]!.advice, /ReLU/);
  assert.match(
    summary,
    /^It does not learn \(the loss went from 1\.\d+ to 1\.\d+, right in \d+ %; a constant answer has 1\.1, right in 34 %, a linear one is right in \d+ %\)\. vanishing gradient: /,
  );
});

test("diagnose() refuses what is no record", () => {
  assert.throws(() => diagnose({} as TrainingRecord), {
    name: "RangeError",
    message: /diagnose\(\): record is/,
  });
});

/** A network of two hidden layers, trained on some data. */
async function recordOf(
  dataset: AnyDataset,
  end: { readonly units: number; readonly activation?: "softmax" | "sigmoid" },
  options: Partial<TrainingOptions> = {},
  activation: "tanh" | "linear" = "tanh",
): Promise<TrainingRecord> {
  const inputs = dataset.features[0]!.length;
  const start = (own: number): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: own });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation, inputShape: [inputs], kernelInitializer: start(1) }),
      tf.layers.dense({ units: 8, activation, kernelInitializer: start(2) }),
      tf.layers.dense({ ...end, kernelInitializer: start(3) }),
    ],
  });
  return recordTraining(model, dataset, {
    optimizer: "adam",
    learningRate: 0.01,
    epochs: 30,
    seed: 1,
    recordEvery: 10,
    ...options,
  });
}

/** Examples of which nothing tells the class. */
const noise = (examples: number, classOf: (i: number) => number, classes: number): Dataset => ({
  ...makeCircles({ examples, noise: 1, seed: 3 }),
  labels: Array.from({ length: examples }, (_, i) => classOf(i)),
  classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
});

const circles = makeCircles({ examples: 400, factor: 0.5, noise: 0.05, seed: 1 });

/** Mistakes that one sees at once, and a network that makes each. */
const MISTAKES = {
  "loss does not fit the output": () =>
    recordOf(
      iris,
      { units: 3, activation: "sigmoid" },
      { loss: "categoricalCrossentropyFromLogits", epochs: 5 },
    ),
  "no activation function": () => recordOf(circles, { units: 1, activation: "sigmoid" }, {}, "linear"),
  "gradient clipped too much": () =>
    recordOf(
      iris,
      { units: 3, activation: "softmax" },
      { optimizer: "sgd", learningRate: 0.1, clipNorm: 1e-3 },
    ),
  "class imbalance": () =>
    recordOf(
      noise(400, (i) => Number(i % 50 === 0), 2),
      { units: 1, activation: "sigmoid" },
    ),
  "too few steps": () =>
    recordOf(iris, { units: 3, activation: "softmax" }, { epochs: 2, learningRate: 0.001 }),
} satisfies Partial<Record<Disease, () => Promise<TrainingRecord>>>;

for (const [disease, train] of Object.entries(MISTAKES)) {
  test(`${disease} is named first`, async () => {
    const { findings, verdict, summary } = diagnose(await train());
    assert.equal(findings[0]?.disease, disease, summary);
    assert.notEqual(verdict, "learns");
  });
}

test("a network that always says the commonest class does not learn, however often that is right", async () => {
  const found = diagnose(await MISTAKES["class imbalance"]());
  assert.equal(found.verdict, "does not learn");
  assert.match(found.summary, /right in 98 %; a constant answer has 0.098, right in 98 %/);
});

test("a network that does clearly worse than a linear answer does not learn all that there is", async () => {
  const small = { inputs: 4, outputs: 3, hiddenLayers: 1, width: 8, activation: "tanh", seed: 1 } as const;
  const options = { optimizer: "adam", learningRate: 0.01, epochs: 40, seed: 1 } as const;
  const record = await recordTraining(buildMlp(small), iris, options);
  assert.equal(diagnose(record).verdict, "learns", diagnose(record).summary);
  // As one ends that tells setosa from the others, and stops there.
  const end = { loss: 0.46, accuracy: 0.67 };
  const half: TrainingRecord = { ...record, epochs: [end] };
  const { data } = half;
  assert.ok(data?.linear && data.linear.accuracy > 0.75);
  assert.equal(diagnose(half).verdict, "learns in part");
  assert.match(diagnose(half).summary, /a linear one is right in \d+ %/);
  const { examples, features, targets, neighbors } = data;
  assert.equal(diagnose({ ...half, data: { examples, features, targets, neighbors } }).verdict, "learns");
});

test("a network at what the data allow learns in part, and nothing is found wrong", async () => {
  // Circles with so much noise that the best possible classifier is right in about 78 of 100.
  const { train } = loadCirclesSplit();
  for (const seed of [1, 2, 3]) {
    const model = buildMlp({
      inputs: 2,
      outputs: 1,
      hiddenLayers: 2,
      width: 16,
      activation: "relu",
      kernelInitializer: "heUniform",
      seed,
    });
    const options = { optimizer: "adam", learningRate: 0.003, epochs: 100, seed, recordEvery: 100 } as const;
    const found = diagnose(await recordTraining(model, train, options));
    assert.deepEqual([found.verdict, found.findings], ["learns in part", []], found.summary);
    assert.match(found.summary, /still learning, or at what these data allow/);
  }
});

test("labels that the features tell nothing of: it does not learn", async () => {
  const data = noise(400, (i) => (i * 7) % 2, 2);
  const found = diagnose(await recordOf(data, { units: 1, activation: "sigmoid" }, { epochs: 10 }));
  assert.equal(found.verdict, "does not learn", found.summary);
});

test("a second run of a network that has learned is no disease", async () => {
  const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 2, width: 8, activation: "tanh", seed: 1 });
  const options = { optimizer: "adam", learningRate: 0.01, epochs: 40, seed: 1, recordEvery: 10 } as const;
  await recordTraining(model, iris, options);
  const again = await recordTraining(model, iris, { ...options, learningRate: 1e-4 });
  assert.equal(diagnose(again).verdict, "learns");
});

test("features that are mostly 0, as of words, are no input that is not standardized", async () => {
  const words: Dataset = {
    name: "words",
    featureNames: Array.from({ length: 300 }, (_, i) => `word ${i}`),
    features: Array.from({ length: 60 }, (_, i) =>
      Array.from({ length: 300 }, (_, j) => Number((i * 37 + 5) % 300 === j)),
    ),
    labels: Array.from({ length: 60 }, (_, i) => i % 2),
    classNames: ["a", "b"],
  };
  const slow = { optimizer: "sgd", learningRate: 0.01 } as const;
  const { findings } = diagnose(await recordOf(words, { units: 1, activation: "sigmoid" }, slow));
  assert.ok(!findings.some(({ disease }) => disease === "input not standardized"), JSON.stringify(findings));
});

test("embeddings and separable convolutions that are in order are no disease", async () => {
  const start = tf.initializers.glorotUniform({ seed: 1 });
  const output = { units: 3, activation: "softmax", kernelInitializer: start } as const;
  const stacks = {
    embedding: [
      tf.layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 4, embeddingsInitializer: start }),
      tf.layers.flatten(),
    ],
    separable: [
      tf.layers.reshape({ targetShape: [2, 2, 1], inputShape: [4] }),
      tf.layers.separableConv2d({
        filters: 4,
        kernelSize: 2,
        activation: "tanh",
        depthwiseInitializer: start,
        pointwiseInitializer: start,
      }),
      tf.layers.flatten(),
    ],
  };
  const words = { ...iris, features: iris.features.map((row) => row.map((x) => Math.round(x + 4))) };
  for (const [name, stack] of Object.entries(stacks)) {
    const model = tf.sequential({ layers: [...stack, tf.layers.dense(output)] });
    const options = { optimizer: "sgd", learningRate: 0.02, epochs: 4 } as const;
    const found = diagnose(await recordTraining(model, name === "embedding" ? words : iris, options));
    assert.deepEqual(
      found.findings.filter(({ disease }) => disease !== "too few steps"),
      [],
      `${name}: ${found.summary}`,
    );
    assert.notEqual(found.verdict, "learns", "else nothing would be looked for");
  }
});

test("regression: judged against the variance of the targets", async () => {
  const waves = makeWaves({ examples: 200, noise: 0.1, seed: 1 });
  const learned = diagnose(await recordOf(waves, { units: 1 }, { epochs: 60 }));
  assert.equal(learned.verdict, "learns");
  assert.match(learned.summary, /a constant answer has 0\.[45]\d*\.$/);
  const slow = diagnose(await recordOf(waves, { units: 1 }, { optimizer: "sgd", learningRate: 1e-6 }));
  assert.equal(slow.verdict, "does not learn");
  assert.equal(slow.findings[0]?.disease, "learning rate too small", slow.summary);
  for (const loss of ["huber", "logcosh", "meanAbsoluteError"] as const) {
    const { verdict, summary } = diagnose(await recordOf(waves, { units: 1 }, { loss, epochs: 60 }));
    assert.equal(verdict, "learns", `${loss}: ${summary}`);
  }
  await assert.rejects(
    recordOf(waves, { units: 1 }, { loss: (y, a) => y.sub(a).square().mean(), epochs: 2 }).then(diagnose),
    /a training with the loss "custom"/,
  );
});

test("features that tell nothing are remarked on, after what does harm", async () => {
  const doubled: Dataset = {
    ...iris,
    features: iris.features.map((row) => [...row, ...row, ...row.map(() => 0.5), ...row.map(() => 1)]),
    featureNames: Array.from({ length: 16 }, (_, i) => `x${i}`),
  };
  const slow = { optimizer: "sgd", learningRate: 1e-5, epochs: 60 } as const;
  const { findings } = diagnose(await recordOf(doubled, { units: 3, activation: "softmax" }, slow));
  assert.deepEqual(findings.map(({ disease, evidence }) => `${disease}: ${evidence}`).slice(-2), [
    "constant features: 8 of 16 features have the same value in all examples: they tell nothing.",
    "copied features: 4 of 16 features are copies of others.",
  ]);
  assert.equal(findings.length, 3);
});

/** A record that does not learn, with these sizes of dL/dz and, if told, of dL/dW, from the first layer on. */
function withGradients(byZ: readonly number[] | undefined, byWeights = byZ!.map(() => 0.01)): TrainingRecord {
  const record = madeUpRecord({ layers: byWeights.length, activation: "tanh" });
  const layers = record.layers.map((layer, l) => ({
    ...layer,
    kernel: { ...layer.kernel, gradient: layer.kernel.gradient.map((g) => g.map(() => byWeights[l]!)) },
    preActivations: {
      mean: layer.preActivations.mean.map(() => 0),
      std: layer.preActivations.std.map(() => 0.5),
    },
    preActivationGradient: { meanAbs: Array(6).fill(byZ?.[l] ?? NaN), rms: Array(6).fill(byZ?.[l] ?? NaN) },
  }));
  return { ...record, layers };
}
const named = (record: TrainingRecord): (string | undefined)[] =>
  diagnose(record, { leastConfidence: 0 }).findings.map(({ disease }) => disease);

test("a gradient vanishes or explodes where dL/dz does, whatever the weights' gradient shows", () => {
  const [falling, rising, even] = [
    [1e-5, 1e-4, 1e-3, 1e-2],
    [10, 1, 0.1, 0.01],
    [0.01, 0.01, 0.01, 0.01],
  ];
  assert.ok(named(withGradients(falling, even)).includes("vanishing gradient"));
  assert.ok(named(withGradients(rising, even)).includes("exploding gradient"));
  for (const byWeights of [falling, rising]) {
    const found = named(withGradients(even, byWeights));
    assert.ok(!found.includes("vanishing gradient") && !found.includes("exploding gradient"));
  }
});

test("records without dL/dz are judged by dL/dW, and the evidence says so", () => {
  const old = diagnose(withGradients(undefined, [1e-5, 1e-4, 1e-3, 1e-2]), { leastConfidence: 0 }).findings;
  const { evidence } = old.find(({ disease }) => disease === "vanishing gradient")!;
  assert.match(
    evidence,
    /^dL\/dW in the first layer is 1\.0e-3 of the last one's; each layer divides it by 10\.$/,
  );
});

test("a gradient that is not finite at the first step has exploded", () => {
  const { findings } = diagnose(withGradients([Infinity, 1, 1, 1]), { leastConfidence: 0 });
  assert.match(
    findings.find(({ disease }) => disease === "exploding gradient")!.evidence,
    /^dL\/dz in the first layer is Infinity at the first step\.$/,
  );
});

test("networks with convolutions are judged by dL/dW: their dL/dz is spread over positions", () => {
  const record = withGradients([1e-5, 1e-4, 1e-3, 1e-2], [0.01, 0.01, 0.01, 0.01]);
  const [first, ...rest] = record.layers as [TrainingRecord["layers"][number]];
  const kernel = { ...first.kernel, shape: [2, 2, 1, 10] };
  const convolution = { ...first, kernel, positions: 9 };
  assert.ok(named(record).includes("vanishing gradient"));
  assert.ok(!named({ ...record, layers: [convolution, ...rest] }).includes("vanishing gradient"));
});

test("units of a convolution are the same only if all of their weights are", () => {
  const record = madeUpRecord({ layers: 2 });
  const [layer, output] = record.layers as [
    TrainingRecord["layers"][number],
    TrainingRecord["layers"][number],
  ];
  // Two patches of 1 x 2 x 1, two units: in the second list the units differ in one place.
  const of = (weights: number[]): TrainingRecord => {
    const list = Array.from({ length: 6 }, () => Float32Array.from(weights));
    const kernel = { ...layer.kernel, shape: [1, 2, 1, 2], before: list, after: list };
    return { ...record, layers: [{ ...layer, units: 2, kernel }, output] };
  };
  assert.ok(named(of([1, 1, 5, 5])).includes("symmetric units"));
  assert.ok(!named(of([1, 1, 5, 7])).includes("symmetric units"));
});

const dense = (
  units: number,
  activation: "tanh" | "relu" | "sigmoid" | "softmax",
  inputs?: number,
): tf.layers.Layer =>
  tf.layers.dense({
    units,
    activation,
    kernelInitializer: tf.initializers.glorotUniform({ seed: units }),
    ...(inputs !== undefined && { inputShape: [inputs] }),
  });
const sgd: TrainingOptions = {
  optimizer: "sgd",
  learningRate: 0.1,
  epochs: 20,
  batchSize: 16,
  seed: 1,
  recordEvery: 10,
};
const firstOf = async (
  layers: tf.layers.Layer[],
  dataset: AnyDataset,
  options: Partial<TrainingOptions> = {},
): Promise<Disease | undefined> => {
  const record = await recordTraining(tf.sequential({ layers }), dataset, { ...sgd, ...options });
  return diagnose(record).findings[0]?.disease;
};

test("a frozen output layer is the output all the same, and frozen layers are told", async () => {
  const model = (at: readonly number[]): tf.Sequential => {
    const built = buildMlp({
      inputs: 4,
      outputs: 3,
      hiddenLayers: 3,
      width: 16,
      activation: "tanh",
      seed: 1,
    });
    at.forEach((i) => (built.layers[i]!.trainable = false));
    return built;
  };
  const end = diagnose(await recordTraining(model([3]), iris, sgd), { leastConfidence: 0 });
  assert.ok(!end.findings.some(({ disease }) => disease === "loss does not fit the output"));
  const most = diagnose(await recordTraining(model([1, 2, 3]), iris, sgd));
  assert.match(
    most.findings[0]!.evidence,
    /^3 of 4 layers with weights do not train: "hidden2", "hidden3", "output"/,
  );
});

test("batch normalization by one or two examples is told before the gradient that vanishes of it", async () => {
  const layers = (): tf.layers.Layer[] => [
    dense(16, "tanh", 4),
    tf.layers.batchNormalization(),
    dense(8, "tanh"),
    tf.layers.batchNormalization(),
    dense(3, "softmax"),
  ];
  for (const batchSize of [1, 2]) {
    assert.equal(await firstOf(layers(), iris, { batchSize, epochs: 3 }), "batch too small to normalize");
  }
  assert.notEqual(await firstOf(layers(), iris), "batch too small to normalize");
});

test("one layer for what no line divides needs a hidden one, and has no weight decay", async () => {
  const circles = makeCircles({ examples: 300, factor: 0.4, noise: 0.05, seed: 3 });
  assert.equal(await firstOf([dense(1, "sigmoid", 2)], circles, { epochs: 60 }), "no hidden layer");
  assert.notEqual(await firstOf([dense(3, "softmax", 4)], iris, { epochs: 60 }), "no hidden layer");
});

test("what was learned by heart and does not hold for the test set is told", async () => {
  const random = (seed: number): Dataset => {
    const { features, ...rest } = makeCircles({ examples: 60, factor: 0.5, noise: 1, seed });
    return {
      ...rest,
      features: features.map((row, i) => [...row, Math.sin(99 * i + seed), Math.cos(77 * i)]),
    };
  };
  const layers = [dense(64, "relu", 4), dense(64, "relu"), dense(1, "sigmoid")];
  const options = { optimizer: "adam", learningRate: 0.01, epochs: 200, test: random(2) } as const;
  assert.equal(await firstOf(layers, random(1), options), "overfitting");
});

test("a cross-entropy of numbers that are no shares is no success, however far it falls", async () => {
  const { targets, ...rest } = makeWaves({ examples: 100, noise: 0.1, seed: 4 });
  const numbers = { ...rest, targets: targets.map(([y]) => [3 * y!]) };
  const model = tf.sequential({ layers: [dense(16, "tanh", 1), dense(1, "sigmoid")] });
  const { verdict, findings } = diagnose(
    await recordTraining(model, numbers, { ...sgd, loss: "binaryCrossentropy" }),
  );
  assert.equal(verdict, "does not learn");
  assert.ok(findings.some(({ disease }) => disease === "loss does not fit the targets"));
});
