import { type Dataset, hasTargets } from "../../data/dataset.js";
import { fail } from "../../ground/validation.js";
import { checkEnsembleSpec, type EnsembleSpec, mlpLayers } from "../../models/mlpSpec.js";
import {
  checkDataset,
  examplesAtOnce,
  type RefusedOptions,
  refuseOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import type { TrainingRecord } from "../record.js";
import { keepSettings } from "../settings.js";
import { trainTogether } from "../trainTogether.js";
import { EnsembleTrainable } from "./ensembleTrainable.js";
import { type Member, resolveMembers } from "./members.js";
import { resolvePrecision } from "./precision.js";

/**
 * Trains many networks of one shape at once, by a backward pass that is written out (see backward.ts). They differ in
 * their seeds; a member that is an object can have an initial scale and a learning rate of its own too (see `sweep`).
 *
 * Network i starts from the weights that `buildMlp({ ...spec, seed: members[i] })` starts from, sees the same batches
 * as `recordTraining` with the same options, and its record, entry i of the result, is the same up to rounding.
 *
 * A network whose numbers are no longer finite is not dropped: its record ends there and says so in `stopped`. After
 * an interrupt, records hold the steps that were done; many networks are trained group after group, so the last
 * records may hold none.
 *
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainEnsemble(
  spec: EnsembleSpec,
  members: readonly Member[],
  dataset: Dataset,
  options: TrainingOptions,
): Promise<TrainingRecord[]> {
  const owner = "trainEnsemble";
  const resolvedSpec = checkEnsembleSpec(owner, spec);
  const resolved = resolveOptions(owner, options);
  const common = { kernelScale: resolvedSpec.kernelScale, learningRate: resolved.learningRate };
  const resolvedMembers = resolveMembers(owner, members, common);
  const { test, accumulate } = resolved;
  refuseOptions(owner, resolved, ALONE);
  const precision = resolved.precision && resolvePrecision(owner, resolved.precision);
  if (precision?.lossScale === "dynamic" && accumulate > 1) {
    fail(owner, "accumulate", accumulate, "1 with a dynamic loss scale");
  }
  for (const [name, data] of Object.entries({ dataset, ...(test && { test }) })) {
    checkDataset(owner, name, data, resolvedSpec);
    if (hasTargets(data)) {
      throw new RangeError(`${owner}(): ${name} has targets; an ensemble tells classes: see recordTraining`);
    }
  }
  const { inputs, outputs, batchNormalization } = resolvedSpec;
  const records = await trainTogether({
    owner,
    options: resolved,
    dataset,
    shape: [inputs],
    outputs,
    testBatchSize: examplesAtOnce(inputs),
    label: resolved.label ?? mlpLayers(resolvedSpec)[0]!.activation,
    members: resolvedMembers,
    trainableOf: (group) => new EnsembleTrainable(resolvedSpec, group, precision),
    // z, a and what enters the next layer, and on the way back delta; twice that with batch normalization.
    numbersOfActivation: batchNormalization ? 10 : 5,
  });
  keepSettings(records, resolvedMembers, { spec, dataset, options });
  return records;
}

/** Options for a network by itself, and why an ensemble has them not. */
const ALONE: RefusedOptions = {
  loss: "an ensemble's loss is the cross-entropy of its classes",
  classWeights: "in an ensemble all classes count alike",
  patience: "the networks of an ensemble end together",
};
