import { tf } from "../tensorflow/tf.js";
import assert from "node:assert/strict";
import test from "node:test";
import { maxAbs } from "../measures/statistics.js";
import { activationNames } from "./activations.js";
import {
  type InitializerName,
  initializerNames,
  type InitializerSpec,
  kernelVariance,
} from "./initializers.js";
import { buildMlp } from "./mlp.js";
import { checkEnsembleSpec, type EnsembleSpec, type MlpSpec } from "./mlpSpec.js";
import { LEAKY_SLOPE } from "./reluLike.js";
import { seedRange } from "./seeds.js";

const small: MlpSpec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh", seed: 1 };

/** Kernels and biases of a network, as plain numbers; the network is disposed. */
function weightsOf(spec: MlpSpec): number[][] {
  const model = buildMlp(spec);
  const weights = model.getWeights().map((weight) => Array.from(weight.dataSync()));
  model.dispose();
  return weights;
}

test("buildMlp() gives the layers that the spec describes", () => {
  const model = buildMlp({ ...small, activation: "sigmoid" });
  assert.deepEqual(
    model.layers.map(({ name, outputShape }) => [name, outputShape]),
    [
      ["hidden1", [null, 5]],
      ["hidden2", [null, 5]],
      ["output", [null, 3]],
    ],
  );
  assert.deepEqual(
    model.layers.map((layer) => layer.getConfig()["activation"]),
    ["sigmoid", "sigmoid", "softmax"],
  );
  assert.equal(model.countParams(), 4 * 5 + 5 + 5 * 5 + 5 + 5 * 3 + 3);
  model.dispose();
});

test("buildMlp() ends in one sigmoid unit for two classes", () => {
  const model = buildMlp({ ...small, outputs: 1 });
  assert.equal(model.layers.at(-1)!.getConfig()["activation"], "sigmoid");
  model.dispose();
});

test("buildMlp() without hidden layers is the output layer alone", () => {
  const model = buildMlp({ ...small, hiddenLayers: 0 });
  assert.deepEqual(
    model.getWeights().map((weight) => weight.shape),
    [[4, 3], [3]],
  );
  model.dispose();
});

test("buildMlp() gives leaky ReLU, which tfjs has as a layer only, the table's slope", () => {
  const model = buildMlp({ ...small, activation: "leakyRelu" });
  assert.deepEqual(
    model.layers.map(({ name }) => name),
    ["hidden1", "hidden1_leakyRelu", "hidden2", "hidden2_leakyRelu", "output"],
  );
  assert.equal(model.layers[1]!.getConfig()["alpha"], LEAKY_SLOPE);
  model.dispose();
});

test("the same seed gives the same kernels, another seed other ones", () => {
  assert.deepEqual(weightsOf(small), weightsOf(small));
  for (const seed of [0, 2, -1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    assert.notDeepEqual(weightsOf({ ...small, seed }), weightsOf(small), `seed ${seed}`);
    assert.deepEqual(weightsOf({ ...small, seed }), weightsOf({ ...small, seed }), `seed ${seed}`);
  }
});

test("networks that differ only in their activation start from the same kernels", () => {
  for (const activation of activationNames) {
    assert.deepEqual(weightsOf({ ...small, activation }), weightsOf(small), activation);
  }
});

test("each layer of a network starts from numbers of its own", () => {
  const weights = weightsOf({ ...small, inputs: 5, outputs: 5, hiddenLayers: 30 });
  const kernels = weights.filter((_, i) => i % 2 === 0).map(String);
  assert.equal(kernels.length, 31);
  assert.equal(new Set(kernels).size, 31);
});

test("the kernels of neighboring seeds and layers are not correlated", () => {
  const kernels = [1, 2, 3].flatMap((seed) =>
    weightsOf({ ...small, inputs: 40, width: 40, hiddenLayers: 3, outputs: 40, seed }).filter(
      (_, i) => i % 2 === 0,
    ),
  );
  // Standard error of a correlation of 1600 pairs: 0.025. Of 66 correlations none is beyond four of these.
  kernels.forEach((a, i) => {
    kernels.slice(i + 1).forEach((b) => {
      const dot = (x: number[], y: number[]): number => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
      assert.ok(Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b)) < 0.1);
    });
  });
});

test("biases start at 0", () => {
  const weights = weightsOf(small);
  assert.deepEqual(
    weights.filter((_, i) => i % 2 === 1),
    [Array(5).fill(0), Array(5).fill(0), Array(3).fill(0)],
  );
});

const fanIn = 300;
const fanOut = 200;

/** Standard deviation of a standard normal distribution cut off at -2 and 2, which tfjs does not make up for. */
const CUT = 0.8796256610342398;

/** What each initializer promises for a kernel of [fanIn, fanOut]: standard deviation, and largest value if there is one. */
const PROMISES: Record<InitializerName, { std: number; limit: number }> = {
  glorotUniform: { std: Math.sqrt(2 / (fanIn + fanOut)), limit: Math.sqrt(6 / (fanIn + fanOut)) },
  glorotNormal: { std: CUT * Math.sqrt(2 / (fanIn + fanOut)), limit: 2 * Math.sqrt(2 / (fanIn + fanOut)) },
  heUniform: { std: Math.sqrt(2 / fanIn), limit: Math.sqrt(6 / fanIn) },
  heNormal: { std: CUT * Math.sqrt(2 / fanIn), limit: 2 * Math.sqrt(2 / fanIn) },
  leCunUniform: { std: Math.sqrt(1 / fanIn), limit: Math.sqrt(3 / fanIn) },
  leCunNormal: { std: CUT * Math.sqrt(1 / fanIn), limit: 2 * Math.sqrt(1 / fanIn) },
  randomNormal: { std: 0.05, limit: Infinity },
  truncatedNormal: { std: CUT * 0.05, limit: 2 * 0.05 },
  randomUniform: { std: 0.05 / Math.sqrt(3), limit: 0.05 },
  // Orthonormal columns: 200 unit vectors of 300 numbers.
  orthogonal: { std: Math.sqrt(1 / fanIn), limit: 1 },
  zeros: { std: 0, limit: 0 },
};

function kernelOf(kernelInitializer: InitializerSpec): number[] {
  const spec = { ...small, inputs: fanIn, outputs: 2, hiddenLayers: 1, width: fanOut, kernelInitializer };
  return weightsOf(spec)[0]!;
}

function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / values.length) };
}

for (const name of initializerNames) {
  test(`${name} starts a kernel with the spread it promises`, () => {
    const { std, limit } = PROMISES[name];
    const kernel = kernelOf(name);
    const actual = moments(kernel);
    // 60,000 numbers: the standard error is 0.41 % of std for the mean, 0.29 % at most for std itself.
    assert.ok(Math.abs(actual.mean) <= 0.017 * std, `mean is ${actual.mean}, std should be ${std}`);
    assert.ok(Math.abs(actual.std - std) <= 0.012 * std, `std is ${actual.std}, not ${std}`);
    assert.ok(maxAbs(kernel) <= limit * (1 + 1e-6), `the largest is ${maxAbs(kernel)}, not below ${limit}`);
    const variance = kernelVariance(name, fanIn, fanOut);
    assert.ok(Math.abs(Math.sqrt(variance) - std) <= 1e-3 * std, `variance is said to be ${variance}`);
    // A bounded distribution comes near its bound.
    if (Number.isFinite(limit) && name !== "orthogonal") {
      assert.ok(maxAbs(kernel) >= 0.99 * limit, `the largest is ${maxAbs(kernel)}, far below ${limit}`);
    }
  });
}

test("an initializer's settings are used", () => {
  const normal = moments(kernelOf({ name: "randomNormal", mean: 3, stddev: 2 }));
  assert.ok(Math.abs(normal.mean - 3) < 0.05 && Math.abs(normal.std - 2) < 0.05, JSON.stringify(normal));
  const uniform = kernelOf({ name: "randomUniform", minval: 1, maxval: 2 });
  assert.ok(Math.min(...uniform) >= 1 && Math.max(...uniform) <= 2);
  assert.ok(maxAbs(kernelOf({ name: "orthogonal", gain: 0.001 })) <= 0.001);
});

test("buildMlp() leaves no tensor behind once its model is disposed", () => {
  for (const kernelInitializer of initializerNames) {
    const before = tf.memory().numTensors;
    buildMlp({ ...small, kernelInitializer }).dispose();
    assert.equal(tf.memory().numTensors, before, kernelInitializer);
  }
});

/** A value of any type in the place of a right one, as a caller without types could pass it. */
const wrong = (change: object): MlpSpec => ({ ...small, ...change });

const BAD_SPECS: readonly (readonly [change: object, message: RegExp])[] = [
  [{ inputs: 0 }, /^buildMlp\(\): inputs is 0; it must be a whole number of at least 1$/],
  [{ inputs: 2.5 }, /^buildMlp\(\): inputs is 2\.5;/],
  [{ inputs: "4" }, /^buildMlp\(\): inputs is "4";/],
  [{ outputs: -3 }, /^buildMlp\(\): outputs is -3;/],
  [{ hiddenLayers: -1 }, /^buildMlp\(\): hiddenLayers is -1; .* at least 0$/],
  [{ hiddenLayers: NaN }, /^buildMlp\(\): hiddenLayers is NaN;/],
  [{ width: 0 }, /^buildMlp\(\): width is 0;/],
  [{ width: Infinity }, /^buildMlp\(\): width is Infinity;/],
  [{ width: undefined }, /^buildMlp\(\): width is undefined;/],
  [
    { activation: "Relu" },
    /^buildMlp\(\): activation is "Relu"; it must be one of "sigmoid", "tanh", "softsign"/,
  ],
  [{ activation: "softmax" }, /^buildMlp\(\): activation is "softmax";/],
  [{ activation: "toString" }, /^buildMlp\(\): activation is "toString";/],
  [{ seed: 0.5 }, /^buildMlp\(\): seed is 0\.5;/],
  [{ seed: undefined }, /^buildMlp\(\): seed is undefined;/],
  [{ activations: "relu" }, /^buildMlp\(\): spec has no option "activations"; it has inputs, /],
  [
    { kernelInitializer: "he" },
    /^buildMlp\(\): kernelInitializer is "he"; it must be one of "glorotUniform"/,
  ],
  [{ kernelInitializer: 5 }, /^buildMlp\(\): kernelInitializer is 5; it must be a name such as/],
  [{ kernelInitializer: null }, /^buildMlp\(\): kernelInitializer is null;/],
  [{ kernelInitializer: ["zeros"] }, /^buildMlp\(\): kernelInitializer is \["zeros"\];/],
  [{ kernelInitializer: { name: "toString" } }, /^buildMlp\(\): kernelInitializer\.name is "toString";/],
  [{ kernelScale: null }, /^buildMlp\(\): kernelScale is null;/],
  [{ kernelInitializer: {} }, /^buildMlp\(\): kernelInitializer\.name is undefined;/],
  [
    { kernelInitializer: { name: "heNormal", stddev: 1 } },
    /^buildMlp\(\): kernelInitializer heNormal has no option "stddev"; it has none$/,
  ],
  [
    { kernelInitializer: { name: "randomNormal", stddev: NaN } },
    /^buildMlp\(\): kernelInitializer\.stddev is NaN; it must be a number$/,
  ],
];

for (const [change, message] of BAD_SPECS) {
  test(`buildMlp() refuses ${JSON.stringify(change, (_, value: unknown) => (Object.is(value, undefined) || typeof value === "number" ? String(value) : value))}`, () => {
    const before = tf.memory().numTensors;
    assert.throws(() => buildMlp(wrong(change)), { name: "RangeError", message });
    assert.equal(tf.memory().numTensors, before);
  });
}

test("buildMlp() refuses to be called without a spec", () => {
  assert.throws(() => Reflect.apply(buildMlp, undefined, []) as unknown, {
    name: "RangeError",
    message: /^buildMlp\(\): spec is undefined; it must be an object$/,
  });
});

test("the spec of an ensemble must not have a seed, and what is wrong in it is told in the caller's name", () => {
  const { seed, ...spec } = small;
  assert.equal(checkEnsembleSpec("trainEnsemble", spec).kernelScale, 1);
  assert.throws(() => checkEnsembleSpec("trainEnsemble", { ...spec, seed } as EnsembleSpec), {
    name: "RangeError",
    message: "trainEnsemble(): spec.seed is 1; it must be left out, as each network has a seed of its own",
  });
  for (const kernelInitializer of [null, 5, "he", { name: "he" }]) {
    assert.throws(() => checkEnsembleSpec("trainByDepth", { ...spec, kernelInitializer } as EnsembleSpec), {
      name: "RangeError",
      message: /^trainByDepth\(\): kernelInitializer(\.name)? is /,
    });
  }
  assert.throws(() => checkEnsembleSpec("trainEnsemble", null as unknown as EnsembleSpec), {
    name: "RangeError",
    message: /^trainEnsemble\(\): spec is null; it must be an object$/,
  });
  assert.throws(
    () => kernelVariance("he" as InitializerName, 1, 1),
    /^RangeError: kernelVariance\(\): spec is "he";/,
  );
});

test("seedRange() counts from 1, or from where it is told", () => {
  assert.deepEqual(seedRange(3), [1, 2, 3]);
  assert.deepEqual(seedRange(2, { from: 5001 }), [5001, 5002]);
  assert.throws(
    () => seedRange(0),
    /^RangeError: seedRange\(\): count is 0; it must be a whole number of at least 1$/,
  );
  assert.throws(() => seedRange(2, { from: 0.5 }), /^RangeError: seedRange\(\): from is 0\.5;/);
});
