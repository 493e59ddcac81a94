import type { Addition } from "../addition.js";

export const dataSet: Addition = {
  kind: "data set",
  folder: "data",
  changes: [
    {
      file: "data/xor.ts",
      text: `import type { Dataset } from "./dataset.js";

/** The four corners of a square, each as often as the others; the class says whether the signs differ. */
export function makeXor(repeats: number): Dataset {
  const corners = [-1, 1].flatMap((x) => [-1, 1].map((y) => [x, y] as const));
  const features = Array.from({ length: repeats }, () => corners).flat();
  return {
    name: "XOR",
    features,
    labels: features.map(([x, y]) => (x === y ? 0 : 1)),
    featureNames: ["x", "y"],
    classNames: ["same", "different"],
  };
}
`,
    },
    { file: "data/index.ts", before: "export { loadIris", text: 'export { makeXor } from "./xor.js";\n' },
  ],
  use: `
    const xor = vg.makeXor(25);
    const split = vg.splitTrainTest(xor, { testShare: 0.25, seed: 1 });
    const spec = { inputs: 2, outputs: 1, hiddenLayers: 1, width: 8, activation: "tanh" } as const;
    const options = { optimizer: "adam", learningRate: 0.05, epochs: 30, batchSize: 20, test: split.test } as const;
    const records = await vg.trainEnsemble(spec, [1, 2, 3, 4, 5], split.train, options);
    // No line parts the classes: what learns them has a hidden layer that works.
    assert.ok(records.filter((record) => record.epochs.at(-1)!.testAccuracy === 1).length >= 3);
    assert.match(vg.dataFigure(xor, { x: "x", y: "y" }).alt, /XOR/);`,
};
