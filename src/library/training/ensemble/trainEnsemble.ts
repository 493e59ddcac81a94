import { type Dataset, hasTargets } from "../../data/dataset.js";
import { fail } from "../../ground/validation.js";
import {
  checkEnsembleSpec,
  type EnsembleSpec,
  mlpLayers,
  type ResolvedEnsembleSpec,
} from "../../models/mlpSpec.js";
import { Batches } from "../batches.js";
import { InterruptListener } from "../interrupt.js";
import {
  checkDataset,
  checkRecord,
  examplesAtOnce,
  type RefusedOptions,
  refuseOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import { probeSize } from "../probe.js";
import type { TrainingRecord } from "../record.js";
import { keepSettings } from "../settings.js";
import { type Plan, train } from "../trainingLoop.js";
import { EnsembleTrainable } from "./ensembleTrainable.js";
import { networkSize, placesOf } from "./layout.js";
import { type Member, type MemberSettings, resolveMembers } from "./members.js";
import { type ResolvedPrecision, resolvePrecision } from "./precision.js";

/** The networks are trained in groups that need no more memory than this at a time, their records aside. */
const WORKING_BYTES = 256e6;

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
  const plan = planOf("trainEnsemble", spec, members, dataset, options);
  const interrupt = new InterruptListener(plan.options.signal);
  try {
    const records: TrainingRecord[] = [];
    const size = groupSize(plan);
    for (let first = 0; first < plan.members.length; first += size) {
      const group = plan.members.slice(first, first + size);
      const share = { first, of: plan.members.length };
      const trainable = new EnsembleTrainable(plan.spec, group, plan.precision);
      records.push(...(await train(trainable, { ...plan, members: group, share }, interrupt)));
    }
    keepSettings(records, plan.members, { spec, dataset, options });
    return records;
  } finally {
    interrupt.end();
    plan.batches.dispose();
    plan.test?.dispose();
  }
}

/** Options for a network by itself, and why an ensemble has them not. */
const ALONE: RefusedOptions = {
  loss: "an ensemble's loss is the cross-entropy of its classes",
  classWeights: "in an ensemble all classes count alike",
  patience: "the networks of an ensemble end together",
};

/** What an ensemble is to do, checked. */
interface EnsemblePlan extends Omit<Plan, "share"> {
  readonly spec: ResolvedEnsembleSpec;
  readonly members: readonly Required<MemberSettings>[];
  readonly precision: ResolvedPrecision | undefined;
}

function planOf(
  owner: string,
  ensembleSpec: EnsembleSpec,
  members: readonly Member[],
  dataset: Dataset,
  trainingOptions: TrainingOptions,
): EnsemblePlan {
  const spec = checkEnsembleSpec(owner, ensembleSpec);
  const options = resolveOptions(owner, trainingOptions);
  const common = { kernelScale: spec.kernelScale, learningRate: options.learningRate };
  const resolvedMembers = resolveMembers(owner, members, common);
  const { test } = options;
  refuseOptions(owner, options, ALONE);
  const precision = options.precision && resolvePrecision(owner, options.precision);
  if (precision?.lossScale === "dynamic" && options.accumulate > 1) {
    fail(owner, "accumulate", options.accumulate, "1 with a dynamic loss scale");
  }
  for (const [name, data] of Object.entries({ dataset, ...(test && { test }) })) {
    checkDataset(owner, name, data, spec);
    if (hasTargets(data)) {
      throw new RangeError(`${owner}(): ${name} has targets; an ensemble tells classes: see recordTraining`);
    }
  }
  const { inputs, outputs } = spec;
  const batches = new Batches(
    dataset,
    [inputs],
    outputs,
    options.batchSize * options.accumulate,
    options.seed,
  );
  const steps = batches.count * options.epochs;
  checkRecord(owner, placesOf(spec), { ...options, networks: members.length, steps });
  return {
    spec,
    members: resolvedMembers,
    precision,
    options,
    batches,
    label: options.label ?? mlpLayers(spec)[0]!.activation,
    test: test && new Batches(test, [inputs], outputs, examplesAtOnce(inputs)),
  };
}

/** How many networks to train at a time. */
function groupSize({ spec, members, options, test, batches }: EnsemblePlan): number {
  const { hiddenLayers, width, outputs } = spec;
  const activations = hiddenLayers * width + outputs;
  const probe = options.recordEvery === "ends" ? 0 : probeSize(options.probeExamples, batches, activations);
  const tested = test ? Math.min(test.batchSize, test.examples) : 0;
  const examples = Math.max(batches.batchSize, tested, probe);
  // z, a and what enters the next layer, and on the way back delta; twice that with batch normalization.
  const signals = (spec.batchNormalization ? 10 : 5) * activations * examples;
  // Weights before and after, gradient, and up to three more where the optimizer keeps its own.
  const bytes = Float32Array.BYTES_PER_ELEMENT * (signals + 6 * networkSize(spec));
  const most = Math.max(1, Math.floor(WORKING_BYTES / bytes));
  // Groups of about one size.
  return Math.ceil(members.length / Math.ceil(members.length / most));
}
