import { tf } from "../tensorflow/tf.js";
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Activation } from "./activation.js";
import { activationOfLayer } from "./activationOfLayer.js";
import { type ActivationName, activationNames, activations } from "./activations.js";
import {
  contains,
  isFlat,
  isSaturated,
  type Region,
  regionTensor,
  SATURATION_LIMIT,
  slopeRegions,
} from "./slopes.js";
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

/** Slopes are up to 1.8, and come from few operations. Those of functions z g(z) are sums in which a rounding counts z-fold. */
const slopeTolerance = (name: ActivationName, z: number): number =>
  ["swish", "mish", "gelu", "gelu_new"].includes(name) ? tolerance(Math.min(z, 16)) : 12 * 2 ** -24;

/** Runs something on another backend of tfjs, and frees its tensors. */
async function withBackend<T>(name: string, work: () => T): Promise<T> {
  const before = tf.getBackend();
  await tf.setBackend(name);
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
    await tf.setBackend(before);
  }
}

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

  for (const backend of ["tensorflow", "cpu"]) {
    // tfjs' own backend in plain JavaScript stands for any that is not tfjs-node.
    test(`${name} of a tensor is ${name} of each of its numbers, and so is what it leaves of a gradient: ${backend}`, async () => {
      const upstream = grid.map((_, i) => (i % 2 === 0 ? 3 : -2));
      const [a, back] = await withBackend(backend, () => {
        const z = tf.tensor1d(grid);
        const outputs = entry.tensorOutput(z);
        return [outputs.dataSync(), entry.tensorBackward(tf.tensor1d(upstream), z, outputs).dataSync()];
      });
      grid.forEach((z, i) => {
        closeTo(a[i]!, output(z), tolerance(z), `${name}(${z})`);
        closeTo(back[i]! / upstream[i]!, derivative(z), slopeTolerance(name, z), `slope of ${name} at ${z}`);
      });
    });
  }

  test(`what ${name} leaves of a gradient is finite, and right, wherever z is of any use`, () => {
    const far = [-1e15, -1e8, -1e4, -300, -90, -87, -30, 30, 87, 90, 300, 1e4, 1e8, 1e15];
    const slopes = tf.tidy(() => {
      const z = tf.tensor1d(far);
      return entry.tensorBackward(tf.onesLike(z), z, entry.tensorOutput(z)).dataSync();
    });
    far.forEach((z, i) => {
      closeTo(slopes[i]!, derivative(z), slopeTolerance(name, z), `slope of ${name} at ${z}`);
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

test("what is said of the functions in words is what their slopes say", () => {
  for (const name of activationNames) {
    const { derivative, steepest, saturates, hasFlatPart } = activations[name];
    const isSmall = (z: number): boolean => Math.abs(derivative(z)) < SATURATION_LIMIT * steepest;
    assert.equal(
      saturates,
      [-1e6, 1e6].every(isSmall) && ![-1, -0.5, 0, 0.5, 1].some(isSmall),
      `${name} saturates`,
    );
    // Within 15 of 0 there is no rounding to 0.
    const flat = grid.filter((z) => Math.abs(z) <= 15 && derivative(z) === 0).length;
    assert.equal(hasFlatPart, flat > 10, `${name} has ${flat} numbers with slope 0`);
  }
});

test("gradients that come back far below 0 are exact where float32 allows", () => {
  for (const name of ["elu", "selu", "softplus", "swish", "gelu_new"] as const) {
    const { tensorBackward, tensorOutput, derivative } = activations[name];
    // Where GELU's slope is still a number of float32.
    for (const z of name === "gelu_new" ? [-3, -5] : [-5, -20, -60]) {
      const slope = tf.tidy(() => {
        const x = tf.scalar(z);
        return tensorBackward(tf.scalar(1), x, tensorOutput(x)).dataSync()[0]!;
      });
      closeTo(slope / derivative(z), 1, 1e-4, `${name}, slope at ${z} as a multiple of the right one`);
    }
  }
});

for (const name of activationNames) {
  test(`isSaturated() and isFlat() of tensors are where the slope is small and 0: ${name}`, () => {
    const { small, zero } = slopeRegions(name);
    const edges = [...small.flips, ...zero.flips].filter((z) => Math.abs(z) < 1e30);
    // The numbers of float32 next to each place where something changes.
    const nearby = edges.flatMap((z) => [-2, -1, 0, 1, 2].map((i) => Math.fround(z * (1 + i * 2 ** -24))));
    const values = [...grid, ...nearby, -1e5, 1e5].map(Math.fround);
    const [saturated, flat] = tf.tidy(() => {
      const z = tf.tensor1d(values);
      const tensors = [isSaturated(name, z), isFlat(name, z)] as const;
      tensors.forEach(({ dtype, shape }) => {
        assert.deepEqual([dtype, ...shape], ["bool", values.length]);
      });
      return tensors.map((tensor) => tensor.dataSync());
    });
    values.forEach((z, i) => {
      assert.equal(saturated![i], Number(contains(small, z)), `saturated at ${z}`);
      assert.equal(flat![i], Number(contains(zero, z)), `flat at ${z}`);
    });
  });
}

test("regionTensor() holds what contains() does, for any region", () => {
  const places = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.boolean(), places, (below, flips) => {
      const region: Region = { below, flips: flips.toSorted((a, b) => a - b).map((flip) => flip / 4) };
      const inside = tf.tidy(() => regionTensor(region, tf.tensor1d(grid)).dataSync());
      grid.forEach((z, i) => {
        assert.equal(inside[i], Number(contains(region, z)), `${z} in ${JSON.stringify(region)}`);
      });
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a layer that is nothing but a function is known by its name, with its settings where they are not the table's", () => {
  const cases: readonly (readonly [layer: tf.layers.Layer, name: string | undefined])[] = [
    [tf.layers.reLU(), "relu"],
    [tf.layers.reLU({ maxValue: 6, name: "any" }), "relu6"],
    [tf.layers.reLU({ maxValue: 2 }), "relu with maxValue 2"],
    [tf.layers.leakyReLU({ alpha: 0.01 }), "leakyRelu"],
    [tf.layers.leakyReLU(), "leakyRelu with alpha 0.3"],
    [tf.layers.elu({ inputShape: [3] }), "elu"],
    [tf.layers.softmax(), "softmax"],
    [tf.layers.dense({ units: 1 }), undefined],
    [tf.layers.dropout({ rate: 0.5 }), undefined],
  ];
  for (const [layer, name] of cases) {
    assert.equal(activationOfLayer(layer), name);
  }
  for (const name of activationNames) {
    const layer = activations[name].layer?.();
    assert.equal(layer && activationOfLayer(layer), layer && name);
  }
});
