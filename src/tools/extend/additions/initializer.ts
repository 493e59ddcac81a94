import type { Addition } from "../addition.js";

export const initializer: Addition = {
  kind: "initializer",
  folder: "models",
  changes: [
    {
      file: "models/initializers.ts",
      before: "  zeros: ",
      text: `  heUniformFanOut: entry({
    settings: {},
    make: ({ seed }) =>
      tf.initializers.varianceScaling({ scale: 2, mode: "fanOut", distribution: "uniform", seed }),
    variance: (_, _inputs, units) => 2 / units,
  }),
`,
    },
  ],
  use: `
    const spec = { inputs: 100, outputs: 3, hiddenLayers: 1, width: 400, activation: "relu" } as const;
    const model = vg.buildMlp({ ...spec, kernelInitializer: "heUniformFanOut", seed: 1 });
    const weights = Array.from(model.layers[0]!.getWeights()[0]!.dataSync());
    const meanSquare = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
    const expected = vg.kernelVariance("heUniformFanOut", 100, 400);
    assert.equal(expected, 2 / 400);
    // The share by which the mean square of 40,000 uniform numbers is off is 0.0045 (standard deviation).
    assert.ok(Math.abs(meanSquare / expected - 1) < 0.03, String(meanSquare));
    assert.ok(vg.initializerNames.includes("heUniformFanOut"));`,
};
