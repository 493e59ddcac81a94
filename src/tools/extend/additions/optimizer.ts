import type { Addition } from "../addition.js";

export const optimizer: Addition = {
  kind: "optimizer",
  folder: "training",
  changes: [
    {
      file: "training/optimizers.ts",
      before: "  /** v = momentum * v + g;",
      text: `  /** v = nesterovMomentum * v + g; W - lr * (g + nesterovMomentum * v), as in Keras and PyTorch (Sutskever et al. 2013) */
  nesterov: optimizer({
    settings: {
      /** nesterov only: the share of the last step's velocity that is kept, 0.9 if not given. */
      nesterovMomentum: share(0.9, 1),
    },
    slots: 1,
    step: (gradient, [velocity], { nesterovMomentum }) => {
      const next = velocity!.mul(nesterovMomentum).add(gradient);
      return { direction: gradient.add(next.mul(nesterovMomentum)), slots: [next] };
    },
  }),

`,
    },
  ],
  use: `
    const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh" } as const;
    const { train } = vg.standardize(vg.splitTrainTest(vg.loadIris(), { testShare: 1 / 3, seed: 1 }));
    const options = { optimizer: "nesterov", nesterovMomentum: 0.5, learningRate: 0.1, epochs: 1, batchSize: 20 } as const;
    const alone = await vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, options);
    const [together] = await vg.trainEnsemble(spec, [7], train, options);
    assert.deepEqual(alone.optimizer, { name: "nesterov", learningRate: 0.1, nesterovMomentum: 0.5 });
    for (const record of [alone, together!]) {
      for (const { gradient, update } of record.parameters) {
        // By hand: v1 = g1, v2 = v1 / 2 + g2.
        for (const [i, g1] of gradient[0]!.entries()) {
          const g2 = gradient[1]![i]!;
          assert.ok(Math.abs(update[0]![i]! + 0.1 * (g1 + 0.5 * g1)) < 1e-6, "first step");
          assert.ok(Math.abs(update[1]![i]! + 0.1 * (g2 + 0.5 * (0.5 * g1 + g2))) < 1e-6, "second step");
        }
      }
    }
    const { nesterovMomentum: _, ...usual } = options;
    const byDefault = await vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, usual);
    assert.equal(byDefault.optimizer["nesterovMomentum"], 0.9);
    assert.ok(vg.optimizerNames.includes("nesterov"));
    const bad = { ...options, nesterovMomentum: 2 };
    await assert.rejects(
      vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, bad),
      /recordTraining\\(\\): nesterovMomentum is 2/,
    );
    const others = { ...options, optimizer: "adam" } as const;
    await assert.rejects(vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, others), /has no such setting/);`,
};
