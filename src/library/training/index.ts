/**
 * Training that is recorded: one network, or many at once.
 *
 * @module training
 */
export {
  type DataSummary,
  type FeatureSummary,
  type NeighborSummary,
  type TargetSummary,
} from "./dataSummary.js";
export { inspectSignals, type InspectOptions, type LayerSignals } from "./ensemble/inspectSignals.js";
export { sweep, type Member, type MemberSettings } from "./ensemble/members.js";
export { trainArms, type Arm, type Comparison } from "./ensemble/trainArms.js";
export { trainByDepth, type DepthRecords } from "./ensemble/trainByDepth.js";
export { type Precision } from "./ensemble/precision.js";
export { trainEnsemble } from "./ensemble/trainEnsemble.js";
export { type RecurrentSpec } from "./recurrent/recurrentSpec.js";
export { trainRecurrentEnsemble } from "./recurrent/trainRecurrentEnsemble.js";
export { lossNames, type LossFunction, type LossName } from "./losses.js";
export { optimizerNames, type OptimizerName, type OptimizerOptions } from "./optimizers.js";
export { type TrainingOptions } from "./options.js";
export { type Progress } from "./progress.js";
export {
  type Baseline,
  type Engine,
  type EpochRecord,
  type LayerMeasurements,
  type LayerQuantity,
  type LayerRecord,
  type OptimizerRecord,
  type OutputLayer,
  type ParameterQuantity,
  type ParameterRecord,
  type ParameterSizes,
  type SignalRecord,
  type SizeRecord,
  type StateGradients,
  type Stopped,
  type TestNormalization,
  type TimeSizeRecord,
  type TrainingRecord,
} from "./record.js";
export { type RecordedArrays } from "./keptArrays.js";
export { type LinearSummary } from "./linearFit.js";
export { loadRecord, saveRecord } from "./recordFileNode.js";
export { recordFromJson, recordToJson } from "./recordJson.js";
export { cosine, inSteps, type CosineOptions, type Schedule, warmUp } from "./schedules.js";
export { type GradientRecorder, type GradientRecorderOptions, recordGradients } from "./recordGradients.js";
export { attention, attentionWeights } from "./transformer/transformerForward.js";
export { trainTransformers } from "./transformer/trainTransformers.js";
export { recordTraining } from "./recordTraining.js";
export { type EnsembleSettings, settingsOf } from "./settings.js";
