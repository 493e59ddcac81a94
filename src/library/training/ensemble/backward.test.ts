import assert from "node:assert/strict";
import test from "node:test";
import { makeCircles } from "../../data/circles.js";
import type { Dataset } from "../../data/dataset.js";
import { activations } from "../../models/activations.js";
import type { TrainingRecord } from "../record.js";
import type { EnsembleSpec } from "../../models/mlpSpec.js";
import { trainEnsemble } from "./trainEnsemble.js";

/** Distance to each side. The error of a central difference is of its square. */
const STEP = 1e-4;

const circles: Dataset = makeCircles({ examples: 24, factor: 0.5, noise: 0.1, seed: 3 });

/** All trainable numbers of a network by layer and name, in 64 bits. */
type Weights = Map<string, Float64Array>;

/** The loss of the whole network once more, in plain numbers of 64 bits. */
function lossOf(weights: Weights, spec: EnsembleSpec): number {
  const of = (layer: string, name: string): Float64Array => weights.get(`${layer}/${name}`)!;
  let stream = circles.features.map((row) => [...row]);
  for (let l = 1; l <= spec.hiddenLayers; l++) {
    const z = dense(stream, of(`hidden${l}`, "kernel"), of(`hidden${l}`, "bias"));
    const shifted = spec.batchNormalization
      ? normalize(
          z,
          of(`hidden${l}_batchNormalization`, "gamma"),
          of(`hidden${l}_batchNormalization`, "beta"),
        )
      : z;
    const before = stream;
    stream = shifted.map((row, example) =>
      row.map((value, unit) => {
        const a = activations[spec.activation].output(value);
        return spec.residual && l > 1 ? a + before[example]![unit]! : a;
      }),
    );
  }
  const logits = dense(stream, of("output", "kernel"), of("output", "bias"));
  return mean(logits.map(([z], i) => activations.softplus.output(z!) - circles.labels[i]! * z!));
}

function dense(rows: number[][], kernel: Float64Array, bias: Float64Array): number[][] {
  return rows.map((row) =>
    Array.from(bias, (start, unit) =>
      row.reduce((sum, value, input) => sum + value * kernel[input * bias.length + unit]!, start),
    ),
  );
}

function normalize(rows: number[][], gamma: Float64Array, beta: Float64Array): number[][] {
  const means = Array.from(gamma, (_, unit) => mean(rows.map((row) => row[unit]!)));
  const variances = means.map((middle, unit) => mean(rows.map((row) => (row[unit]! - middle) ** 2)));
  return rows.map((row) =>
    row.map((value, u) => (gamma[u]! * (value - means[u]!)) / Math.sqrt(variances[u]! + 1e-3) + beta[u]!),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weightsAt(record: TrainingRecord, step: number): Weights {
  return new Map(
    record.parameters.map(({ layer, name, before }) => [
      `${layer}/${name}`,
      Float64Array.from(before[step]!),
    ]),
  );
}

const specs: Record<string, Partial<EnsembleSpec>> = {
  "nothing added": {},
  "batch normalization": { batchNormalization: true },
  "residual connections": { residual: true },
  "batch normalization and residual connections": { batchNormalization: true, residual: true },
};

for (const [what, changes] of Object.entries(specs)) {
  for (const activation of ["sigmoid", "tanh", "swish"] as const) {
    test(`the gradient is that of finite differences in 64 bits: ${activation}, ${what}`, async () => {
      const spec = { inputs: 2, outputs: 1, hiddenLayers: 4, width: 3, activation, ...changes };
      const options = { optimizer: "sgd", learningRate: 0.5, epochs: 2, batchSize: 24 } as const;
      const records = await trainEnsemble(spec, [1, 2, 3], circles, options);
      // At step 0 biases are 0 and gammas 1, at step 1 they are not.
      for (const step of [0, 1]) {
        const record = records[2]!;
        const weights = weightsAt(record, step);
        const loss = lossOf(weights, spec);
        assert.ok(Math.abs(record.loss[step]! - loss) < 1e-6, `loss ${record.loss[step]}, not ${loss}`);
        for (const { layer, name, gradient } of record.parameters) {
          const values = weights.get(`${layer}/${name}`)!;
          const expected = Array.from(values, (value, i) => {
            values[i] = value + STEP;
            const above = lossOf(weights, spec);
            values[i] = value - STEP;
            const below = lossOf(weights, spec);
            values[i] = value;
            return (above - below) / (2 * STEP);
          });
          const tolerance = 1e-4 * Math.max(...expected.map(Math.abs)) + 3e-7;
          expected.forEach((value, i) => {
            const own = gradient[step]![i]!;
            const where = `step ${step}, ${name} of ${layer}, weight ${i}`;
            assert.ok(Math.abs(own - value) <= tolerance, `${where}: ${own} was recorded, ${value} is right`);
          });
        }
      }
    });
  }
}
