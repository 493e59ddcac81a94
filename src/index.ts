export { loadCircles, makeCircles, type CirclesOptions } from "./data/circles.js";
export { selectExamples, toTensors, type Dataset, type Split } from "./data/dataset.js";
export { loadDigits, type DigitsOptions } from "./data/digits.js";
export { loadIris } from "./data/iris.js";
export { splitTrainTest, standardize, type SplitOptions } from "./data/split.js";
export { activationNames, activations, type Activation, type ActivationName } from "./models/activations.js";
export {
  initializerNames,
  type InitializerName,
  type InitializerSpec,
  kernelVariance,
} from "./models/initializers.js";
export { buildMlp, type MlpSpec } from "./models/mlp.js";
export { inspectSignals, type LayerSignals } from "./training/ensemble/inspectSignals.js";
export { sweep, type Member, type MemberSettings } from "./training/ensemble/members.js";
export { trainByDepth, type DepthRecords } from "./training/ensemble/trainByDepth.js";
export { trainEnsemble, type EnsembleSpec } from "./training/ensemble/trainEnsemble.js";
export { type OptimizerOptions } from "./training/optimizers.js";
export { type TrainingOptions } from "./training/options.js";
export { type Progress } from "./training/progress.js";
export { type LayerRecord, type ParameterRecord, type TrainingRecord } from "./training/record.js";
export { recordTraining } from "./training/recordTraining.js";
export { expectedGradientByLayer, linearizedFactor } from "./theory/expectedGradient.js";
export { gaussianMean, gaussianProductMean } from "./theory/gaussian.js";
export { criticalWeightStd, meanField, type MeanField, type RandomLayers } from "./theory/meanField.js";
export { diagnose, type Diagnosis, type Disease, type Finding } from "./diagnosis/diagnose.js";
export * from "./measures/byLayer.js";
export * from "./measures/learning.js";
export * from "./measures/outcomes.js";
export * from "./measures/statistics.js";
export * from "./figures/index.js";
export * from "./display/index.js";
export * from "./assignments/expectations.js";
export * from "./assignments/predictions.js";
