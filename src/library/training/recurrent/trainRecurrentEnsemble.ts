import { hasTargets, type TargetDataset } from "../../data/dataset.js";
import { fail } from "../../ground/validation.js";
import { type Member, resolveMembers } from "../ensemble/members.js";
import {
  checkDataset,
  examplesOfPart,
  type RefusedOptions,
  refuseOptions,
  resolveOptions,
  type TrainingOptions,
} from "../options.js";
import type { TrainingRecord } from "../record.js";
import { trainTogether } from "../trainTogether.js";
import { cellOf } from "./recurrentCells.js";
import { checkRecurrentSpec, type RecurrentSpec } from "./recurrentSpec.js";
import { RecurrentTrainable } from "./recurrentTrainable.js";

/** Options that recurrent networks have not, and why. */
const OTHERS: RefusedOptions = {
  classWeights: "their targets are numbers, not classes",
  patience: "the networks end together",
  precision: "networks of trainEnsemble alone have one",
};

/**
 * Trains many recurrent networks of one shape at once, on series whose targets are numbers. Each time step of all networks is one product
 * of matrices, and a training step one native call. They differ in their seeds, and if a member is an object in their learning rates.
 *
 * Features of an example stand step by step: all inputs of the first time step, then those of the second. Beside weights, gradients and
 * losses, records tell dL/dh (of an LSTM dL/dc too) by time step: see `gradientByTimeStep`.
 *
 * From the same weights each network trains as a tf.layers model of the same layers does (with `recurrentActivation: "sigmoid"`).
 *
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainRecurrentEnsemble(
  recurrentSpec: RecurrentSpec,
  members: readonly Member[],
  dataset: TargetDataset,
  trainingOptions: TrainingOptions,
): Promise<TrainingRecord[]> {
  const owner = "trainRecurrentEnsemble";
  const spec = checkRecurrentSpec(owner, recurrentSpec);
  const options = resolveOptions(owner, trainingOptions);
  const { test, loss, learningRate } = options;
  const resolved = resolveMembers(owner, members, { kernelScale: 1, learningRate });
  resolved.forEach(({ kernelScale }, i) => {
    if (kernelScale !== 1) {
      fail(owner, `members[${i}].kernelScale`, kernelScale, "left out: a recurrent network has none");
    }
  });
  refuseOptions(owner, options, OTHERS);
  if (typeof loss === "function") {
    fail(owner, "loss", "a function", "the name of a loss");
  }
  const inputs = spec.timeSteps * spec.inputs;
  for (const [name, data] of Object.entries({ dataset, ...(test && { test }) })) {
    checkDataset(owner, name, data, { inputs, outputs: spec.outputs });
    if (!hasTargets(data)) {
      fail(owner, `${name}.targets`, undefined, "a list: these networks say numbers, not classes");
    }
  }
  return trainTogether({
    owner,
    options,
    dataset,
    shape: [spec.timeSteps, spec.inputs],
    outputs: spec.outputs,
    testBatchSize: examplesOfPart(test?.features.length ?? 1, numbersOf(spec, members.length)),
    label: options.label ?? spec.cell,
    members: resolved,
    trainableOf: (group) =>
      new RecurrentTrainable(
        owner,
        spec,
        group.map(({ seed }) => seed),
        loss,
      ),
    numbersOfActivation: 5 * cellOf(spec.cell).gates,
  });
}

/** What an example takes, in all networks and time steps: the gates. */
const numbersOf = ({ cell, timeSteps, units }: RecurrentSpec, networks: number): number =>
  networks * timeSteps * units * cellOf(cell).gates;
