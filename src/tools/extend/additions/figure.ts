import type { Addition } from "../addition.js";

export const figure: Addition = {
  kind: "figure",
  folder: "figures",
  changes: [
    {
      file: "figures/batchLossFigure.ts",
      text: `import type { TrainingRecord } from "../training/record.js";
import type { Figure } from "./plotlyFigure.js";
import { axis, makeFigure } from "./theme.js";

/** The loss of each recorded batch. */
export function batchLossFigure({ steps, loss, label }: TrainingRecord): Figure {
  return makeFigure({
    title: "Loss, batch by batch",
    data: [{ type: "scatter", mode: "lines", name: label, x: [...steps], y: [...loss] }],
    layout: { xaxis: axis("step"), yaxis: axis("loss of the batch, nats") },
    alt: \`\${label}: \${loss.length} batches.\`,
  });
}
`,
    },
    {
      file: "figures/index.ts",
      before: "export { dataFigure",
      text: 'export { batchLossFigure } from "./batchLossFigure.js";\n',
    },
  ],
  use: `
    const iris = vg.loadIris();
    const model = vg.buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 1, width: 4, activation: "relu", seed: 1 });
    const record = await vg.recordTraining(model, iris, { optimizer: "sgd", learningRate: 0.01, epochs: 2, batchSize: 50 });
    const figure = vg.batchLossFigure(record);
    assert.equal(figure.alt, "Loss, batch by batch. relu: 6 batches.");
    assert.deepEqual(figure.data[0]!["y"], record.loss);
    assert.equal(Buffer.from(vg.renderPng(figure)).subarray(1, 4).toString(), "PNG");`,
};
