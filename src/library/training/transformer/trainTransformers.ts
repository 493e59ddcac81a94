import { type Dataset, hasTargets } from "../../data/dataset.js";
import { requireInteger, requireList } from "../../ground/validation.js";
import { checkTransformerSpec, type TransformerSpec } from "../../models/transformerSpec.js";
import { Batches } from "../batches.js";
import { InterruptListener } from "../interrupt.js";
import {
  checkDataset,
  checkRecord,
  type RefusedOptions,
  refuseOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import type { TrainingRecord } from "../record.js";
import { train } from "../trainingLoop.js";
import { TransformerTrainable } from "./transformerTrainable.js";

/** Options that transformers have not, and why. */
const OTHERS: RefusedOptions = {
  loss: "their loss is the cross-entropy of its classes",
  classWeights: "all classes count alike",
  patience: "the networks end together",
  precision: "networks of trainEnsemble alone have one",
};

/**
 * Trains small transformers of one shape at once, one for each seed, and records them as `trainEnsemble` records dense
 * networks: every matrix with its gradient and both factors of it. All see the same batches.
 *
 * @param dataset Its features are tokens, whole numbers from 0: see `makeLookups`.
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainTransformers(
  spec: TransformerSpec,
  seeds: readonly number[],
  dataset: Dataset,
  options: TrainingOptions,
): Promise<TrainingRecord[]> {
  const owner = "trainTransformers";
  const resolvedSpec = checkTransformerSpec(owner, spec);
  requireList(owner, "seeds", seeds, "seeds", 1).forEach((seed, i) => {
    requireInteger(owner, `seeds[${i}]`, seed);
  });
  const resolved = resolveOptions(owner, options);
  refuseOptions(owner, resolved, OTHERS);
  const { test } = resolved;
  const { tokens, outputs, vocabulary } = resolvedSpec;
  checkTokens(owner, "dataset", dataset, tokens, outputs, vocabulary);
  if (test) {
    checkTokens(owner, "test", test, tokens, outputs, vocabulary);
  }
  const { batchSize, accumulate, seed } = resolved;
  const batches = new Batches(dataset, [tokens], outputs, batchSize * accumulate, seed);
  const testBatches = test && new Batches(test, [tokens], outputs, Math.min(test.features.length, 256));
  const interrupt = new InterruptListener(resolved.signal);
  try {
    const trainable = new TransformerTrainable(resolvedSpec, seeds);
    const steps = batches.count * resolved.epochs;
    checkRecord(owner, trainable.parameters, { ...resolved, networks: seeds.length, steps });
    const plan = {
      options: resolved,
      batches,
      test: testBatches,
      label: resolved.label ?? `${resolvedSpec.normalization}-norm`,
      share: { first: 0, of: seeds.length },
      members: seeds.map((own) => ({ seed: own, kernelScale: 1, learningRate: resolved.learningRate })),
    };
    return await train(trainable, plan, interrupt);
  } finally {
    interrupt.end();
    batches.dispose();
    testBatches?.dispose();
  }
}

/** Checks that a dataset holds tokens of the vocabulary and classes. */
function checkTokens(
  owner: string,
  name: string,
  dataset: NonNullable<TrainingOptions["test"]>,
  tokens: number,
  outputs: number,
  vocabulary: number,
): void {
  checkDataset(owner, name, dataset, { inputs: tokens, outputs });
  if (hasTargets(dataset)) {
    throw new RangeError(`${owner}(): ${name} has targets; transformers tell classes here`);
  }
  dataset.features.forEach((row, i) => {
    Array.from(row).forEach((token, j) => {
      requireInteger(owner, `${name}.features[${i}][${j}]`, token, { min: 0, max: vocabulary - 1 });
    });
  });
}
