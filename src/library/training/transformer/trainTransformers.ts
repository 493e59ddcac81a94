import { type Dataset, hasTargets } from "../../data/dataset.js";
import { requireInteger, requireList } from "../../ground/validation.js";
import { checkTransformerSpec, type TransformerSpec } from "../../models/transformerSpec.js";
import {
  checkDataset,
  type RefusedOptions,
  refuseOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import type { TrainingRecord } from "../record.js";
import { trainTogether } from "../trainTogether.js";
import { TransformerTrainable } from "./transformerTrainable.js";

/** Options that transformers have not, and why. */
const OTHERS: RefusedOptions = {
  loss: "their loss is the cross-entropy of its classes",
  classWeights: "all classes count alike",
  patience: "the networks end together",
  precision: "networks of trainEnsemble alone have one",
};

/** How many test examples pass the networks at a time: an example's activations are many. */
const TESTED_AT_ONCE = 64;

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
  return trainTogether({
    owner,
    options: resolved,
    dataset,
    shape: [tokens],
    outputs,
    testBatchSize: Math.min(test?.features.length ?? 1, TESTED_AT_ONCE),
    label: resolved.label ?? `${resolvedSpec.normalization}-norm`,
    members: seeds.map((seed) => ({ seed, kernelScale: 1, learningRate: resolved.learningRate })),
    trainableOf: (group) =>
      new TransformerTrainable(
        resolvedSpec,
        group.map(({ seed }) => seed),
      ),
    numbersOfActivation: 10,
  });
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
