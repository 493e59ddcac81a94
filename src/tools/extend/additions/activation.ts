import type { Addition } from "../addition.js";

/** LeCun et al. 1998, Efficient BackProp. tfjs-layers does not know it. */
export const activation: Addition = {
  kind: "activation",
  folder: "models",
  changes: [
    {
      file: "models/sigmoidLike.ts",
      before: "  softsign: {",
      text: `  scaledTanh: {
    output: (z) => 1.7159 * Math.tanh((2 * z) / 3),
    derivative: (z) => ((1.7159 * 2) / 3) * (1 - Math.tanh((2 * z) / 3) ** 2),
    steepest: (1.7159 * 2) / 3,
    saturates: true,
    hasFlatPart: false,
    layer: (name) => new (class ScaledTanh extends tf.layers.Layer {
      static readonly className = "ScaledTanh";
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const [z] = Array.isArray(inputs) ? inputs : [inputs];
        return tf.tanh(z!.mul(2 / 3)).mul(1.7159);
      }
    })({ name }),
    tensorOutput: (z) => tf.tanh(z.mul(2 / 3)).mul(1.7159),
    tensorBackward: (upstream, _z, a) => upstream.mul(tf.sub(1.7159 ** 2, a.square()).mul(2 / 3 / 1.7159)),
  },
`,
    },
  ],
  use: `
    const spec = { inputs: 4, outputs: 3, hiddenLayers: 3, width: 5, activation: "scaledTanh" } as const;
    const { train } = vg.standardize(vg.splitTrainTest(vg.loadIris(), { testShare: 1 / 3, seed: 1 }));
    const options = { optimizer: "sgd", learningRate: 0.1, epochs: 2, batchSize: 20, seed: 1 } as const;
    const alone = await vg.recordTraining(vg.buildMlp({ ...spec, seed: 7 }), train, options);
    const [together] = await vg.trainEnsemble(spec, [7], train, options);
    assert.equal(alone.layers[0]!.activation, "scaledTanh");
    assert.equal(alone.label, "scaledTanh");
    assert.equal(together!.layers[0]!.activation, "scaledTanh");
    for (const [i, { gradient }] of alone.parameters.entries()) {
      assert.ok(gradient[0]!.some((value) => value !== 0) || alone.parameters[i]!.name === "bias");
      for (const [j, value] of gradient.at(-1)!.entries()) {
        assert.ok(Math.abs(value - together!.parameters[i]!.gradient.at(-1)![j]!) < 1e-5, "one network, and many");
      }
    }
    const { activations: a, preActivations: z } = alone.layers[0]!;
    const { steepest, output, derivative } = vg.activations.scaledTanh;
    assert.ok(a.std[0]! < z.std[0]! * steepest);
    assert.ok(Math.abs((output(0.301) - output(0.299)) / 0.002 - derivative(0.3)) < 1e-6);
    assert.match(vg.activationFigure("scaledTanh").alt, /scaledTanh/);
    const tooSteep = vg.buildMlp({ ...spec, kernelScale: 30, seed: 7 });
    const stuck = vg.diagnose(await vg.recordTraining(tooSteep, train, { ...options, learningRate: 1e-3 }));
    assert.ok(stuck.findings.some(({ disease }) => disease === "saturated units"), stuck.summary);
    assert.ok(vg.meanField({ activation: "scaledTanh", weightStd: 1, biasStd: 0 }).chi > 1);`,
};
