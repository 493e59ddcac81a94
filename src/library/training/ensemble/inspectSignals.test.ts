import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import { makeCircles } from "../../data/circles.js";
import { weightLayers } from "../../measures/recordedSteps.js";
import { mean, std } from "../../measures/statistics.js";
import { inspectSignals } from "./inspectSignals.js";
import type { EnsembleSpec } from "../../models/mlpSpec.js";
import { trainEnsemble } from "./trainEnsemble.js";

const circles = makeCircles({ examples: 30, factor: 0.5, noise: 0.1, seed: 1 });
const spec: EnsembleSpec = { inputs: 2, outputs: 1, hiddenLayers: 3, width: 5, activation: "tanh" };
const seeds = [4, 9];

const close = (actual: number, expected: number, what: string): void => {
  assert.ok(
    Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  );
};

const variants: Record<string, Partial<EnsembleSpec>> = {
  "nothing added": {},
  "batch normalization": { batchNormalization: true },
  "residual connections": { residual: true },
};
for (const [what, changes] of Object.entries(variants)) {
  test(`inspectSignals() shows what the first step of a training computes: ${what}`, async () => {
    const chosen = { ...spec, ...changes };
    const tensors = tf.memory().numTensors;
    const networks = inspectSignals(chosen, seeds, circles);
    assert.equal(tf.memory().numTensors, tensors);
    const options = { optimizer: "sgd", learningRate: 0.1, epochs: 1, batchSize: 30 } as const;
    const records = await trainEnsemble(chosen, seeds, circles, options);
    records.forEach((record, i) => {
      weightLayers(record).forEach(({ name, preActivations, activations, units, bias }, l) => {
        const signals = networks[i]![l]!;
        assert.equal(signals.layer, name);
        close(mean(signals.preActivations), preActivations.mean[0]!, "mean z");
        close(std(signals.preActivations), preActivations.std[0]!, "std of z");
        close(mean(signals.activations), activations.mean[0]!, "mean a");
        close(std(signals.activations), activations.std[0]!, "std of a");
        // Whatever shifts z by the same for all examples (a bias, a beta) has the sum of dL/dz as its gradient.
        const shift =
          record.parameters.find((p) => p.layer === `${name}_batchNormalization` && p.name === "beta") ??
          bias!;
        for (let unit = 0; unit < units; unit++) {
          const own = signals.preActivationGradients.subarray(unit * 30, (unit + 1) * 30);
          close(
            own.reduce((sum, value) => sum + value, 0),
            shift.gradient[0]![unit]!,
            "sum of dL/dz",
          );
        }
      });
    });
  });
}

test("with residual connections a layer's output is its activation plus its input", () => {
  const [layers] = inspectSignals({ ...spec, residual: true }, [1], circles) as [
    ReturnType<typeof inspectSignals>[0],
  ];
  const [first, second] = layers as [(typeof layers)[0], (typeof layers)[0]];
  assert.deepEqual(first.outputs, first.activations);
  second.outputs.forEach((value, i) => {
    close(value, second.activations[i]! + first.outputs[i]!, "output");
  });
});
