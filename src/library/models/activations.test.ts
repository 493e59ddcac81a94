import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Activation, type ActivationName, activationNames, activations } from "./activations.js";
import { buildMlp } from "./mlp.js";

/** Where a function's slope jumps, and the slope that tfjs takes at that very point. */
const KINKS: Partial<Record<ActivationName, readonly (readonly [z: number, slope: number])[]>> = {
  relu: [[0, 0]],
  leakyRelu: [[0, 0.01]],
  relu6: [
    [0, 0],
    [6, 0],
  ],
  selu: [[0, 1.7580993408473768]],
  hardSigmoid: [
    [-2.5, 0.2],
    [2.5, 0.2],
  ],
};

/** -20 to 20 in steps of 1/16: exact in float32, and it hits every kink. */
const grid = Array.from({ length: 641 }, (_, i) => i / 16 - 20);

/**
 * What the hidden layer of a network with one input and one unit, kernel 1 and bias 0, makes of each z, and the
 * slope by automatic differentiation.
 */
function tfjs(activation: ActivationName, z: readonly number[]): { output: number[]; slope: number[] } {
  const model = buildMlp({ inputs: 1, outputs: 1, hiddenLayers: 1, width: 1, activation, seed: 1 });
  const result = tf.tidy(() => {
    model.layers[0]!.setWeights([tf.tensor2d([[1]]), tf.tensor1d([0])]);
    const hidden = (x: tf.Tensor): tf.Tensor =>
      model.layers.slice(0, -1).reduce((input, layer) => layer.apply(input) as tf.Tensor, x);
    const column = tf.tensor2d([...z], [z.length, 1]);
    return {
      output: Array.from(hidden(column).dataSync()),
      slope: Array.from(
        tf
          .grad((x) => hidden(x))(column)
          .dataSync(),
      ),
    };
  });
  model.dispose();
  return result;
}

/**
 * float32 holds 24 bits. Some of tfjs' functions are chains of ten operations on numbers of the size of z, hence
 * 16 units in the last place of the larger of 1 and |z|.
 */
const tolerance = (z: number): number => 16 * 2 ** -24 * Math.max(1, Math.abs(z));

function closeTo(actual: number, expected: number, within: number, what: string): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= within, `${what} is ${actual}, not ${expected}: ${difference} apart`);
}

for (const name of activationNames) {
  const entry: Activation = activations[name];
  const { output, derivative, steepest } = entry;
  const kinks = KINKS[name] ?? [];

  test(`${name} and its derivative equal those of tfjs`, () => {
    const expected = tfjs(name, grid);
    grid.forEach((z, i) => {
      closeTo(output(z), expected.output[i]!, tolerance(z), `${name}(${z})`);
      // The slope at a kink is the next test's.
      if (!kinks.some(([kink]) => kink === z)) {
        closeTo(derivative(z), expected.slope[i]!, tolerance(z), `slope of ${name} at ${z}`);
      }
    });
  });

  test(`${name} of a tensor is ${name} of each of its numbers, and so is its derivative`, () => {
    const [a, slope] = tf.tidy(() => {
      const z = tf.tensor1d(grid);
      const outputs = entry.tensorOutput(z);
      const derivatives =
        entry.tensorBackward?.(tf.onesLike(z), z, outputs) ?? tf.grad(entry.tensorOutput)(z);
      return [outputs.dataSync(), derivatives.dataSync()];
    });
    grid.forEach((z, i) => {
      closeTo(a[i]!, output(z), tolerance(z), `${name}(${z})`);
      closeTo(slope[i]!, derivative(z), tolerance(z), `slope of ${name} at ${z}`);
    });
  });

  for (const [z, slope] of kinks) {
    test(`${name} has at its kink ${z} the slope that tfjs takes`, () => {
      closeTo(derivative(z), slope, 1e-12, "slope");
      closeTo(tfjs(name, [z]).slope[0]!, slope, tolerance(1), "slope in tfjs");
    });
  }

  test(`the derivative of ${name} is the limit of central differences`, () => {
    const step = 1e-5;
    for (const z of grid) {
      if (kinks.some(([kink]) => Math.abs(kink - z) <= step)) {
        continue;
      }
      const slope = (output(z + step) - output(z - step)) / (2 * step);
      // The slopes of ELU and softsign have a corner at 0, where a central difference is off by up to a step. The
      // error function in GELU is an approximation, good to 1e-7.
      const corner = z === 0 && (name === "elu" || name === "softsign");
      const within = corner ? step : name === "gelu" ? 1e-6 : 1e-9;
      closeTo(derivative(z), slope, within, `slope of ${name} at ${z}`);
    }
  });

  test(`steepest is the largest slope of ${name}`, () => {
    let largest = 0;
    for (let i = -40_000; i <= 40_000; i++) {
      largest = Math.max(largest, Math.abs(derivative(i / 1000)));
    }
    closeTo(steepest, largest, 1e-6, "steepest");
  });

  test(`${name} and its derivative are finite for every z that float32 can hold`, () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (z) => {
        assert.ok(Number.isFinite(output(z)), `${name}(${z}) is ${output(z)}`);
        assert.ok(Math.abs(derivative(z)) <= steepest + 1e-6, `slope at ${z} is ${derivative(z)}`);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
}

test("any z gives the number that tfjs gives", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...activationNames),
      fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (name, values) => {
        const expected = tfjs(name, values).output;
        values.forEach((z, i) => {
          closeTo(activations[name].output(z), expected[i]!, tolerance(z), `${name}(${z})`);
        });
      },
    ),
    { seed: 2, numRuns: 100 },
  );
});
