import type { Addition } from "../addition.js";

export const optimizer: Addition = {
  kind: "optimizer",
  folder: "training",
  changes: [
    {
      file: "training/optimizers.ts",
      before: "  /** v = momentum * v + g; W - lr * v (",
      text: `  /** v = 0.9 v + 0.1 g; W - lr * ((1 - nu) g + nu v): quasi-hyperbolic momentum (Ma and Yarats 2019) */
  quasiHyperbolic: optimizer({
    settings: {
      /** quasiHyperbolic only: the weight of the mean, 0.7 if not given. */
      nu: share(0.7, 1),
    },
    slots: 1,
    step: (gradient, [velocity], { nu }) => {
      const next = velocity!.mul(0.9).add(gradient.mul(0.1));
      return { direction: gradient.mul(1 - nu).add(next.mul(nu)), slots: [next] };
    },
  }),

`,
    },
  ],
  use: `
    const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh" } as const;
    const { train } = vg.standardize(vg.splitTrainTest(vg.loadIris(), { testShare: 1 / 3, seed: 1 }));
    const options = { optimizer: "quasiHyperbolic", nu: 0.5, learningRate: 0.1, epochs: 1, batchSize: 20 } as const;
    const alone = await vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, options);
    const [together] = await vg.trainEnsemble(spec, [7], train, options);
    assert.deepEqual(alone.optimizer, { name: "quasiHyperbolic", learningRate: 0.1, nu: 0.5 });
    for (const record of [alone, together!]) {
      for (const { gradient, update } of record.parameters) {
        // By hand: v1 = g1 / 10, v2 = 9 g1 / 100 + g2 / 10.
        for (const [i, g1] of gradient[0]!.entries()) {
          const g2 = gradient[1]![i]!;
          assert.ok(Math.abs(update[0]![i]! + 0.1 * (0.5 * g1 + 0.05 * g1)) < 1e-6, "first step");
          assert.ok(Math.abs(update[1]![i]! + 0.1 * (0.5 * g2 + 0.5 * (0.09 * g1 + 0.1 * g2))) < 1e-6, "second step");
        }
      }
    }
    const { nu: _, ...usual } = options;
    const byDefault = await vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, usual);
    assert.equal(byDefault.optimizer["nu"], 0.7);
    assert.ok(vg.optimizerNames.includes("quasiHyperbolic"));
    const bad = { ...options, nu: 2 };
    await assert.rejects(
      vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, bad),
      /recordTraining\\(\\): nu is 2/,
    );
    const others = { ...options, optimizer: "adam" } as const;
    await assert.rejects(vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, others), /has no such setting/);`,
};
