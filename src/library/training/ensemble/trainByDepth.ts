import type { Dataset } from "../../data/dataset.js";
import type { EnsembleSpec } from "../../models/mlpSpec.js";
import { fail, requireInteger } from "../../ground/validation.js";
import { InterruptListener } from "../interrupt.js";
import type { TrainingOptions } from "../options.js";
import { overall } from "../progress.js";
import type { TrainingRecord } from "../record.js";
import type { Member } from "./members.js";
import { trainEnsemble } from "./trainEnsemble.js";

/** The networks of one depth. */
export interface DepthRecords {
  readonly hiddenLayers: number;
  /** Entry i is of member i. */
  readonly records: readonly TrainingRecord[];
}

/**
 * Trains an ensemble of each depth, one after the other: networks of different depths cannot be computed at once. The
 * progress is that of all of them together, each weighted by its depth, as deep ones take longer.
 *
 * An interrupt ends it. The depths that were finished and the one at work are returned; the others are not in the list.
 *
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainByDepth(
  spec: Omit<EnsembleSpec, "hiddenLayers">,
  depths: readonly number[],
  members: readonly Member[],
  dataset: Dataset,
  options: TrainingOptions,
): Promise<DepthRecords[]> {
  const owner = "trainByDepth";
  if (depths.length === 0) {
    fail(owner, "depths", depths, "a list of at least one number of hidden layers");
  }
  depths.forEach((depth, i) => requireInteger(owner, `depths[${i}]`, depth, { min: 0 }));
  const costs = depths.map(costOf);
  const interrupt = new InterruptListener(options.signal);
  const results: DepthRecords[] = [];
  try {
    for (const [i, hiddenLayers] of depths.entries()) {
      const onProgress = options.onProgress && overall(costs, i, options.onProgress);
      const own = { ...options, ...(onProgress ? { onProgress } : {}) };
      const records = await trainEnsemble({ ...spec, hiddenLayers }, members, dataset, own);
      results.push({ hiddenLayers, records });
      if (interrupt.isRequested()) {
        break;
      }
    }
    return results;
  } finally {
    interrupt.end();
  }
}

/** What a step at some depth costs, about: one for each layer, and one for all that is the same at any depth. */
const costOf = (hiddenLayers: number): number => hiddenLayers + 2;
