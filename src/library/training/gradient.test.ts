import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Dataset } from "../data/dataset.js";
import type { Activation } from "../models/activation.js";
import { type ActivationName, activationNames, activations } from "../models/activations.js";
import { buildMlp } from "../models/mlp.js";
import { recordTraining } from "./recordTraining.js";

/** Where the slope of an activation function jumps: there is no derivative to compare with. */
const KINKS: Partial<Record<ActivationName, readonly number[]>> = {
  relu: [0],
  leakyRelu: [0],
  relu6: [0, 6],
  selu: [0],
  hardSigmoid: [-2.5, 2.5],
};

interface Layer {
  /** [inputs][units], flat, and [units]. */
  readonly kernel: Float64Array;
  readonly bias: Float64Array;
}

interface Forward {
  /** Cross-entropy of each example. */
  readonly losses: readonly number[];
  /** On which side of the kinks each hidden pre-activation lies. */
  readonly sides: string;
}

/** The whole network once more, in plain numbers of 64 bits. */
function forward(
  layers: readonly Layer[],
  activation: ActivationName,
  { features, labels }: Dataset,
): Forward {
  const { output }: Activation = activations[activation];
  const kinks = KINKS[activation] ?? [];
  const losses: number[] = [];
  let sides = "";
  features.forEach((row, example) => {
    let signal: readonly number[] = row;
    layers.forEach(({ kernel, bias }, depth) => {
      const z = Array.from(bias, (start, unit) =>
        signal.reduce((sum, input, i) => sum + input * kernel[i * bias.length + unit]!, start),
      );
      const hidden = depth < layers.length - 1;
      if (hidden) {
        sides += z.map((value) => kinks.filter((kink) => value > kink).length).join("");
      }
      signal = hidden ? z.map(output) : z;
    });
    losses.push(crossEntropy(signal, labels[example]!));
  });
  return { losses, sides };
}

/** -log of the probability that z gives the label: by a sigmoid if z is one number, else by a softmax. */
function crossEntropy(z: readonly number[], label: number): number {
  const logits = z.length === 1 ? [0, z[0]!] : z;
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
  return Math.log(sum) + largest - logits[label]!;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** One weight's dL/dW for the mean loss, and how far from it float32 may go. */
interface Expected {
  readonly gradient: number;
  readonly tolerance: number;
}

/**
 * float32 rounds to 6e-8 of a number's size, but a gradient can lose far more of its digits where terms cancel:
 * - The sum over the examples: so the tolerance is a share of the mean of their absolute gradients, not of the sum.
 * - probability - target, where all gradients start. Where the network is nearly sure and right, that is a difference
 *   of two numbers near 1: so the tolerance grows as 1 - p falls.
 * - 1 - a^2 and the like in saturated units, and the sums over units: hence 1e-3, and not 1e-6. A wrong or missing
 *   factor is at least ten times as much.
 * Then there is the rounding error of the difference of two losses in float64: 1e-16 / STEP.
 */
const RELATIVE = 1e-3;
const LAST_DIGITS = 2 ** -22;
const ABSOLUTE = 1e-11;
const STEP = 1e-4;

/** dL/dW of each weight by central differences; undefined where a kink lies within the step. */
function differences(weights: Float64Array, run: () => Forward): (Expected | undefined)[] {
  const shares = run().losses.map((loss) => RELATIVE + LAST_DIGITS / Math.max(-Math.expm1(-loss), 1e-30));
  return Array.from(weights, (weight, i) => {
    weights[i] = weight + STEP;
    const above = run();
    weights[i] = weight - STEP;
    const below = run();
    weights[i] = weight;
    if (above.sides !== below.sides) {
      return undefined;
    }
    const slopes = above.losses.map((loss, example) => (loss - below.losses[example]!) / (2 * STEP));
    const errors = slopes.map((slope, example) => Math.abs(slope) * shares[example]!);
    return { gradient: mean(slopes), tolerance: mean(errors) + ABSOLUTE };
  });
}

/** How many weights were compared, and how many were passed over because of a kink. */
const tally = { compared: 0, passedOver: 0 };

/** Compares an array. All its weights share the tolerance of the one with the largest. */
function compare(recorded: Float32Array, expected: readonly (Expected | undefined)[], what: string): void {
  const known = expected.filter((value) => value !== undefined);
  tally.compared += known.length;
  tally.passedOver += expected.length - known.length;
  const tolerance = Math.max(0, ...known.map((value) => value.tolerance));
  expected.forEach((value, i) => {
    const difference = value ? Math.abs(recorded[i]! - value.gradient) : 0;
    assert.ok(
      difference <= tolerance,
      `${what}, weight ${i}: ${recorded[i]} was recorded, ${value?.gradient} is right`,
    );
  });
}

const feature = fc.integer({ min: -20, max: 20 }).map((value) => value / 8);

/** A network and some examples. The features are exact in float32. */
const situation = fc
  .record({
    hiddenLayers: fc.integer({ min: 0, max: 6 }),
    width: fc.integer({ min: 1, max: 5 }),
    inputs: fc.integer({ min: 1, max: 4 }),
    outputs: fc.constantFrom(1, 2, 3, 5),
    kernelInitializer: fc.constantFrom("glorotUniform" as const, {
      name: "randomNormal" as const,
      stddev: 1,
    }),
    seed: fc.integer(),
  })
  .chain((spec) =>
    fc.record({
      spec: fc.constant(spec),
      examples: fc.array(
        fc.record({
          row: fc.array(feature, { minLength: spec.inputs, maxLength: spec.inputs }),
          label: fc.integer({ min: 0, max: Math.max(spec.outputs, 2) - 1 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    }),
  );

for (const activation of activationNames) {
  test(`the recorded gradient of a network with ${activation} is that of finite differences`, async () => {
    await fc.assert(
      fc.asyncProperty(situation, async ({ spec, examples }) => {
        const dataset: Dataset = {
          name: "any",
          features: examples.map(({ row }) => row),
          labels: examples.map(({ label }) => label),
          featureNames: Array.from({ length: spec.inputs }, (_, i) => `x${i}`),
          classNames: Array.from({ length: Math.max(spec.outputs, 2) }, (_, i) => `class ${i}`),
        };
        const model = buildMlp({ ...spec, activation });
        const options = { learningRate: 0.2, epochs: 2, batchSize: examples.length };
        const record = await recordTraining(model, dataset, { ...options, optimizer: "sgd" });
        model.dispose();
        assert.equal(record.layers.length, spec.hiddenLayers + 1);
        // At step 0 all biases are 0, at step 1 they are not.
        for (const step of [0, 1]) {
          const layers = record.layers.map(({ kernel, bias }) => ({
            kernel: Float64Array.from(kernel.before[step]!),
            bias: Float64Array.from(bias!.before[step]!),
          }));
          const run = (): Forward => forward(layers, activation, dataset);
          const loss = mean(run().losses);
          assert.ok(
            Math.abs(record.loss[step]! - loss) <= 1e-5 * Math.max(1, loss),
            `loss ${record.loss[step]}`,
          );
          record.layers.forEach(({ name, kernel, bias }, depth) => {
            const { kernel: weights, bias: shifts } = layers[depth]!;
            compare(kernel.gradient[step]!, differences(weights, run), `step ${step}, kernel of ${name}`);
            compare(bias!.gradient[step]!, differences(shifts, run), `step ${step}, bias of ${name}`);
          });
        }
      }),
      { seed: 1986, numRuns: 15, includeErrorInReport: true },
    );
  });
}

test("few weights were passed over because of a kink", () => {
  assert.ok(tally.compared > 10_000, `${tally.compared} were compared`);
  assert.ok(tally.passedOver < 0.05 * tally.compared, `${tally.passedOver} of ${tally.compared}`);
});
