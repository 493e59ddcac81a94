import type { Addition } from "../addition.js";

export const diagnosis: Addition = {
  kind: "diagnosis",
  folder: "diagnosis",
  changes: [
    {
      file: "diagnosis/trainingDiseases.ts",
      before: '  "learning rate too small": disease({',
      text: `  "stopped early": disease({
    thresholds: { steps: 10 },
    look: ({ stopped }, { steps }) =>
      stopped?.reason === "interrupt" && stopped.step < steps ? \`\${stopped.message}.\` : undefined,
    advice: "Train to the end.",
    cures: ["10 times the epochs"],
    confidence: { sick: 0.9, part: 0.7, learns: 0.9 },
  }),
`,
    },
  ],
  use: `
    const model = vg.buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 1, width: 4, activation: "relu", seed: 1 });
    const options = { optimizer: "sgd", learningRate: 0.01, epochs: 2, batchSize: 50 } as const;
    const whole = await vg.recordTraining(model, vg.loadIris(), options);
    assert.ok(!vg.diagnose(whole).findings.some(({ disease }) => disease === "stopped early"));
    const controller = new AbortController();
    const onProgress = ({ step }: vg.Progress) => step === 2 && controller.abort();
    const stopped = await vg.recordTraining(model, vg.loadIris(), { ...options, onProgress, signal: controller.signal });
    const found = vg.diagnose(stopped).findings.find(({ disease }) => disease === "stopped early")!;
    assert.match(found.evidence, /^interrupted before step /);
    assert.equal(found.advice, "Train to the end.");
    assert.ok(vg.diseaseNames.includes("stopped early"));`,
};
