import { tf } from "../tensorflow/tf.js";
import assert from "node:assert/strict";
import test from "node:test";
import { type ActivationName, activationNames, activations } from "../models/activations.js";
import { meanField } from "./meanField.js";
import { nextCorrelation, nextVariance, type RandomLayers } from "./signalMaps.js";

const WIDTH = 600;
const DEPTH = 12;
const PAIRS = 20;
const NETWORKS = [1, 2, 3];
const START = 0.3;

/** Kernels of variance 1 / inputs, the same for all that is simulated: [network][layer]. */
const kernels = NETWORKS.map((network) =>
  Array.from({ length: DEPTH }, (_, layer) =>
    tf.randomNormal([WIDTH, WIDTH], 0, 1 / Math.sqrt(WIDTH), "float32", 100 * network + layer + 1),
  ),
);

/** Mean over networks and pairs of examples of ln(variance of z) and of the correlation, after each layer. */
function simulate({ activation, weightStd }: RandomLayers): { logVariance: number[]; correlation: number[] } {
  const { tensorOutput } = activations[activation];
  const runs = kernels.map((layers, network) =>
    tf.tidy(() => {
      const [first, other] = [1, 2].map((i) =>
        tf.randomNormal([WIDTH, PAIRS], 0, 1, "float32", 7 * network + i),
      );
      let z: tf.Tensor = tf.concat([first!, first!.mul(START).add(other!.mul(Math.sqrt(1 - START ** 2)))], 1);
      return layers.map((kernel) => {
        z = kernel.matMul(tensorOutput(z)).mul(weightStd);
        const [a, b] = tf.split(z, 2, 1) as [tf.Tensor, tf.Tensor];
        const [qa, qb, ab] = [a.square(), b.square(), a.mul(b)].map((products) => products.mean(0));
        const correlation = ab!.div(qa!.mul(qb!).sqrt()).mean().dataSync()[0]!;
        return { logVariance: qa!.log().mean().dataSync()[0]!, correlation };
      });
    }),
  );
  const meanOf = (key: "logVariance" | "correlation", layer: number): number =>
    runs.reduce((sum, run) => sum + run[layer]![key], 0) / runs.length;
  return {
    logVariance: Array.from({ length: DEPTH }, (_, layer) => meanOf("logVariance", layer)),
    correlation: Array.from({ length: DEPTH }, (_, layer) => meanOf("correlation", layer)),
  };
}

/** The same by the maps of theory. */
function iterate(
  layers: RandomLayers,
  depth: number,
  start = START,
): { variance: number[]; correlation: number[] } {
  const [variance, correlation] = [[1], [start]];
  for (let layer = 0; layer < depth; layer++) {
    correlation.push(nextCorrelation(correlation.at(-1)!, variance.at(-1)!, layers));
    variance.push(nextVariance(variance.at(-1)!, layers));
  }
  return { variance: variance.slice(1), correlation: correlation.slice(1) };
}

for (const activation of activationNames) {
  test(`without biases, variance and correlation go the way of wide random networks: ${activation}`, () => {
    for (const weightStd of [0.7, 1.5, 3]) {
      const simulated = simulate({ activation, weightStd });
      const expected = iterate({ activation, weightStd }, DEPTH);
      expected.variance.forEach((variance, layer) => {
        const what = `sigma_w ${weightStd}, layer ${layer + 1}`;
        const factor = Math.exp(simulated.logVariance[layer]! - Math.log(variance));
        // A layer's variance scatters by about sqrt(2 / width) or more, and that adds up.
        assert.ok(factor > 0.7 && factor < 1.4, `${what}: variance is ${factor} of what it should be`);
        const own = simulated.correlation[layer]!;
        assert.ok(
          Math.abs(own - expected.correlation[layer]!) < 0.06,
          `${what}: ${own}, not ${expected.correlation[layer]}`,
        );
      });
    }
  });

  test(`without biases, the limits and depths of meanField() are those of many layers: ${activation}`, () => {
    for (const weightStd of [0.7, 1.2, 2.5]) {
      const layers = { activation, weightStd };
      const { variance, varianceDepth, correlation, correlationDepth } = meanField(layers);
      const what = `sigma_w ${weightStd}`;
      const { variance: variances, correlation: correlations } = iterate(layers, 40);
      if (variance === 0 || variance === Infinity) {
        const perLayer = Math.log(variances[39]! / variances[29]!) / 10;
        assert.equal(Math.sign(perLayer), variance === 0 ? -1 : 1, what);
        near(1 / Math.abs(perLayer), varianceDepth, 0.1, `${what}: variance depth`);
      } else {
        near(nextVariance(variance, layers), variance, 1e-9, `${what}: q*`);
        if (varianceDepth < 8) {
          near(variances[39]!, variance, 0.01, `${what}: variance of layer 40`);
        }
      }
      if (correlation === undefined) {
        assert.ok(Math.abs(correlations[39]! - correlations[19]!) < 0.002, `${what}: correlation moves`);
        const others = iterate(layers, 40, 0.8).correlation;
        assert.ok(others[39]! - correlations[39]! > 0.3, `${what}: any correlation stays`);
      } else if (correlationDepth < 8) {
        assert.ok(
          Math.abs(correlations[39]! - correlation) < 0.02,
          `${what}: ${correlations[39]}, not ${correlation}`,
        );
      }
    }
  });
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual / expected - 1) <= tolerance, `${what} is ${actual}, not ${expected}`);
}

/** What all scales of tests of one function give. */
const atScales = (activation: ActivationName, scales: readonly number[]) =>
  scales.map((weightStd) => meanField({ activation, weightStd }));

test("ReLU without biases: correlations do not depend on sigma_w, come to 1, but like 9 pi^2 / (2 layers^2)", () => {
  for (const weightStd of [0.7, Math.SQRT2, 3]) {
    const { correlation } = iterate({ activation: "relu", weightStd }, 16, 0.3);
    assert.ok(Math.abs(correlation[15]! - 0.93) < 0.01, `${correlation[15]} at layer 16`);
  }
  for (const { correlation, correlationDepth } of atScales("relu", [0.7, Math.SQRT2, 3])) {
    assert.deepEqual([correlation, correlationDepth], [1, Infinity]);
  }
  // The map in closed form (Cho and Saul 2009), as numbers near 1 need it.
  let rest = 1 - START;
  for (let layer = 0; layer < 3000; layer++) {
    const angle = Math.acos(1 - rest);
    rest = 1 - (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle)) / Math.PI;
  }
  near(rest, (9 * Math.PI ** 2) / (2 * 3000 ** 2), 0.05, "distance to 1 after 3000 layers");
});

test("ReLU without biases: the variance is multiplied by sigma_w^2 / 2, and has no end but at the critical scale", () => {
  const [small, critical, large] = atScales("relu", [1, Math.SQRT2, 2]);
  assert.deepEqual([small!.variance, critical!.variance, large!.variance], [0, 1, Infinity]);
  near(small!.varianceDepth, 1 / Math.LN2, 1e-9, "depth of the variance");
  near(large!.varianceDepth, 1 / Math.LN2, 1e-9, "depth of the variance");
  assert.equal(critical!.varianceDepth, Infinity);
  assert.equal(critical!.gradientDepth, Infinity);
  // Next to it, layers take long, and come to the end nevertheless.
  assert.deepEqual(
    atScales("relu", [1.41, 1.42]).map(({ variance }) => variance),
    [0, Infinity],
  );
});

test("tanh without biases, sigma_w below 1: the length dies and the correlation hardly moves", () => {
  const { correlation } = simulate({ activation: "tanh", weightStd: 0.7 });
  assert.ok(
    correlation.every((c) => c > 0.27 && c < 0.36),
    correlation.join(", "),
  );
  for (const { variance, correlation, correlationDepth, chi } of atScales("tanh", [0.5, 0.9])) {
    assert.deepEqual([variance, correlation, correlationDepth], [0, undefined, Infinity]);
    assert.ok(chi < 1);
  }
});

test("tanh without biases, sigma_w above 1: examples become unlike (Poole et al. 2016)", () => {
  for (const { variance, correlation, correlationDepth, chi } of atScales("tanh", [1.2, 2, 4])) {
    assert.ok(variance > 0 && Number.isFinite(variance));
    assert.equal(correlation, 0);
    assert.ok(correlationDepth > 0 && correlationDepth < Infinity && chi > 1);
  }
});
