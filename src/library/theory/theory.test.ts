import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { loadIris } from "../data/iris.js";
import { standardize, splitTrainTest } from "../data/split.js";
import { gradientNormByLayer } from "../measures/layerMeasures.js";
import { median } from "../measures/statistics.js";
import { activationNames, activations, type ActivationName } from "../models/activations.js";
import { kernelVariance } from "../models/initializers.js";
import { inspectSignals } from "../training/ensemble/inspectSignals.js";
import { trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import { expectedGradientByLayer, linearizedFactor } from "./expectedGradient.js";
import { gaussianMean, gaussianProductMean } from "./gaussian.js";
import { criticalWeightStd, meanField } from "./meanField.js";
import { nextVariance } from "./signalMaps.js";

function near(actual: number, expected: number, tolerance: number, what = ""): void {
  const off = Math.abs(actual - expected);
  assert.ok(off <= tolerance * Math.max(1, Math.abs(expected)), `${what} ${actual}, not ${expected}`);
}

const relu = (z: number): number => Math.max(z, 0);

test("gaussianMean() has the moments of the normal distribution, and half of them for z > 0", () => {
  [1, 0, 1, 0, 3, 0, 15].forEach((moment, n) => {
    near(
      gaussianMean((z) => z ** n),
      moment,
      1e-12,
    );
  });
  near(
    gaussianMean((z) => relu(z) ** 2),
    1 / 2,
    1e-12,
  );
  near(gaussianMean(relu), 1 / Math.sqrt(2 * Math.PI), 1e-12);
  near(gaussianMean(Math.abs), Math.sqrt(2 / Math.PI), 1e-12);
  near(
    gaussianMean((z) => Math.exp(z)),
    Math.exp(0.5),
    1e-12,
  );
});

test("gaussianProductMean() has the closed forms of correlated pairs", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (c) => {
      near(
        gaussianProductMean((z) => z, c),
        c,
        1e-9,
        "E[z1 z2]",
      );
      near(
        gaussianProductMean((z) => z * z, c),
        1 + 2 * c * c,
        1e-9,
        "E[z1^2 z2^2]",
      );
      // The arc-cosine kernel of order 1 (Cho and Saul 2009).
      const angle = Math.acos(c);
      const arcCosine = (Math.sin(angle) + (Math.PI - angle) * c) / (2 * Math.PI);
      near(gaussianProductMean(relu, c), arcCosine, 3e-4, `relu at ${c}`);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test("ReLU: chi is sigma_w^2 / 2 whatever the variance, and sqrt(2) is critical (He et al. 2015)", () => {
  for (const weightStd of [0.3, 1, 2]) {
    near(meanField({ activation: "relu", weightStd }).chi, weightStd ** 2 / 2, 1e-9);
  }
  near(criticalWeightStd({ activation: "relu" }), Math.SQRT2, 1e-8);
  assert.equal(meanField({ activation: "relu", weightStd: 2 }).variance, Infinity);
  assert.equal(meanField({ activation: "relu", weightStd: 1 }).variance, 0);
});

test("tanh: sigma_w = 1 is critical without biases, and the line goes on where Schoenholz et al. have it", () => {
  near(criticalWeightStd({ activation: "tanh" }), 1, 1e-4);
  // Their networks with sigma_b^2 = 0.05 are critical near sigma_w^2 = 1.76.
  near(criticalWeightStd({ activation: "tanh", biasStd: Math.sqrt(0.05) }) ** 2, 1.76, 0.01);
});

test("SELU keeps mean square 1 (Klambauer et al. 2017): q* = 1 for sigma_w = 1", () => {
  near(meanField({ activation: "selu", weightStd: 1 }).variance, 1, 1e-4);
});

test("a linear network's chi is sigma_w^2", () => {
  near(meanField({ activation: "linear", weightStd: 0.7 }).chi, 0.49, 1e-12);
});

test("q* and c* are fixed points, and chi is the slope with which correlations leave 1", () => {
  const anyLayers = fc.record({
    activation: fc.constantFrom<ActivationName>("tanh", "sigmoid", "softsign"),
    weightStd: fc.double({ min: 0.2, max: 4, noNaN: true }),
    biasStd: fc.double({ min: 0.05, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(anyLayers, (layers) => {
      const { variance, chi, correlation, correlationDepth } = meanField(layers);
      near(nextVariance(variance, layers), variance, 1e-9, "q*");
      const { output } = activations[layers.activation];
      const next = (c: number): number =>
        (layers.weightStd ** 2 * gaussianProductMean((z) => output(Math.sqrt(variance) * z), c) +
          layers.biasStd ** 2) /
        variance;
      assert.ok(correlation !== undefined);
      near(next(correlation), correlation, 1e-5, "c*");
      near((next(1) - next(1 - 1e-4)) / 1e-4, chi, 2e-3, "slope at 1");
      assert.ok(correlation <= 1 + 1e-9 && (chi > 1.001 ? correlation < 1 : true));
      assert.ok(correlationDepth > 0);
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("depth scales grow without end towards the edge of chaos", () => {
  const grows = (depths: readonly number[]): void => {
    assert.ok(
      depths.every((depth, i) => i === 0 || depth > depths[i - 1]!),
      depths.join(", "),
    );
  };
  const ordered = [0.8, 0.9, 0.95, 0.99].map((weightStd) => meanField({ activation: "tanh", weightStd }));
  grows(ordered.map(({ gradientDepth }) => gradientDepth));
  grows(ordered.map(({ varianceDepth }) => varianceDepth));
  // chi = sigma_w^2 where q* is 0.
  near(ordered[0]!.gradientDepth, 2 / Math.abs(Math.log(0.64)), 1e-9);
  const chaotic = [1.5, 1.2, 1.05].map((weightStd) => meanField({ activation: "tanh", weightStd }));
  grows(chaotic.map(({ correlationDepth }) => correlationDepth));
  const biasStd = 0.2;
  const critical = criticalWeightStd({ activation: "tanh", biasStd });
  for (const side of [-1, 1]) {
    const near1 = [0.3, 0.1, 0.03].map((d) =>
      meanField({ activation: "tanh", weightStd: critical + side * d, biasStd }),
    );
    grows(near1.map(({ correlationDepth }) => correlationDepth));
  }
});

test("the linearized factor is 1 / 6.93 for PyTorch's default and 1 / 4 for Glorot, with sigmoid", () => {
  const units = 128;
  near(
    1 / linearizedFactor({ activation: "sigmoid", units, kernelStd: 1 / Math.sqrt(3 * units) }),
    6.928,
    1e-4,
  );
  const glorot = Math.sqrt(kernelVariance("glorotUniform", units, units));
  near(1 / linearizedFactor({ activation: "sigmoid", units, kernelStd: glorot }), 4, 1e-9);
  assert.equal(activations.sigmoid.steepest, 1 / 4);
  assert.throws(
    () => linearizedFactor({ activation: "relu", units, kernelStd: 1 }),
    /activation is "relu"; it must be a function with one slope at 0/,
  );
});

for (const activation of ["sigmoid", "tanh", "relu", "selu", "swish"] as const) {
  test(`chi is what wide random networks do to a gradient: ${activation}`, () => {
    const weightStd = activation === "sigmoid" ? 3 : 1.2;
    const spec = { inputs: 4, outputs: 3, hiddenLayers: 20, width: 300, activation } as const;
    const iris = standardize(splitTrainTest(loadIris(), { testShare: 0.9, seed: 1 })).train;
    const networks = inspectSignals(
      { ...spec, kernelInitializer: "leCunUniform", kernelScale: weightStd },
      [1, 2, 3, 4, 5],
      iris,
    );
    const meanSquare = (values: Float32Array): number =>
      values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // From hidden layer 14 back to layer 10, far from both ends.
    const factors = networks.map(
      (layers) =>
        Math.sqrt(
          meanSquare(layers[9]!.preActivationGradients) / meanSquare(layers[13]!.preActivationGradients),
        ) **
        (1 / 4),
    );
    const { gradientFactor } = meanField({ activation, weightStd });
    near(median(factors) / gradientFactor, 1, 0.05, activation);
  });
}

test("expectedGradientByLayer() is what ensembles of networks show", async () => {
  const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 })).train;
  const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1, batchSize: 100 } as const;
  const seeds = Array.from({ length: 20 }, (_, i) => i);
  for (const activation of ["sigmoid", "tanh", "relu"] as const) {
    const spec = { inputs: 4, outputs: 3, hiddenLayers: 6, width: 100, activation } as const;
    const records = await trainEnsemble(spec, seeds, iris, options);
    const expected = expectedGradientByLayer(spec);
    // Root mean square of each kernel's gradient, as a multiple of the output layer's.
    const rms = records.map((record) =>
      gradientNormByLayer(record).map(
        (norm, l) => norm / Math.sqrt(record.layers[l]!.kernel.before[0]!.length),
      ),
    );
    expected.forEach((size, l) => {
      const measured = median(rms.map((sizes) => sizes[l]! / sizes.at(-1)!));
      // The theory leaves out how alike the examples' gradients are: hence a factor of 2.5.
      assert.ok(
        measured / size > 0.4 && measured / size < 2.5,
        `${activation}, layer ${l}: ${measured}, not ${size}`,
      );
    });
    const decades = Math.log10(median(rms.map((sizes) => sizes[1]! / sizes[6]!)));
    assert.ok(Math.abs(decades - Math.log10(expected[1]! / expected[6]!)) < 0.3);
  }
});

test("meanField() gives numbers from 0 to Infinity for every activation, with and without biases", () => {
  for (const activation of activationNames) {
    for (const [weightStd, biasStd] of [0, 0.5, 1, 2, 5].flatMap((w) => [
      [w, 0] as const,
      [w, 0.1] as const,
    ])) {
      const { correlation = 0, ...others } = meanField({ activation, weightStd, biasStd });
      for (const [name, value] of Object.entries({ ...others, correlation })) {
        assert.ok(value >= 0, `${activation} at ${weightStd}, ${biasStd}: ${name} is ${value}`);
      }
      assert.ok(correlation <= 1);
    }
  }
});

const refused: readonly [string, () => unknown, RegExp][] = [
  [
    "an unknown activation",
    () => meanField({ activation: "sin" as "tanh", weightStd: 1 }),
    /activation is "sin"/,
  ],
  [
    "an option that random layers do not have",
    () => criticalWeightStd({ activation: "tanh", weightStd: 1 } as { activation: "tanh" }),
    /^criticalWeightStd\(\): layers has no option "weightStd"; it has activation, biasStd$/,
  ],
  [
    "an option that a linearized layer does not have",
    () => linearizedFactor({ activation: "tanh", units: 3, kernelStd: 1, ...{ std: 1 } }),
    /^linearizedFactor\(\): layer has no option "std"; it has activation, units, kernelStd$/,
  ],
  [
    "an option that an input does not have",
    () =>
      expectedGradientByLayer({ inputs: 2, outputs: 1, hiddenLayers: 2, width: 3, activation: "tanh" }, {
        size: 1,
      } as object),
    /^expectedGradientByLayer\(\): input has no option "size"; it has meanSquare$/,
  ],
  ["a negative spread", () => meanField({ activation: "tanh", weightStd: -1 }), /weightStd is -1/],
  [
    "batch normalization",
    () =>
      expectedGradientByLayer({
        inputs: 2,
        outputs: 1,
        hiddenLayers: 2,
        width: 3,
        activation: "tanh",
        batchNormalization: true,
      }),
    /batchNormalization is true; it must be false/,
  ],
];
for (const [what, call, message] of refused) {
  test(`theory refuses ${what}`, () => {
    assert.throws(call, { name: "RangeError", message });
  });
}
