import type { AnyDataset } from "../data/dataset.js";
import { Batches } from "./batches.js";
import { InterruptListener } from "./interrupt.js";
import { checkRecord, type ResolvedOptions } from "./options.js";
import type { TrainingRecord } from "./record.js";
import type { MemberOfRecord } from "./recorder.js";
import type { Trainable } from "./trainable.js";
import { train } from "./trainingLoop.js";

/** What networks that are trained together have in common, checked. */
interface Together {
  readonly owner: string;
  readonly options: ResolvedOptions;
  readonly dataset: AnyDataset;
  /** An example's shape. */
  readonly shape: readonly number[];
  readonly outputs: number;
  /** How many test examples pass at a time. */
  readonly testBatchSize: number;
  readonly label: string;
  readonly members: readonly MemberOfRecord[];
}

/** Trains all networks of a trainable at once, and records them. */
export async function trainTogether(trainable: Trainable, together: Together): Promise<TrainingRecord[]> {
  const { owner, options, dataset, shape, outputs, testBatchSize, label, members } = together;
  const { test, batchSize, accumulate, seed, epochs, signal } = options;
  const batches = new Batches(dataset, [...shape], outputs, batchSize * accumulate, seed);
  const testBatches = test && new Batches(test, [...shape], outputs, testBatchSize);
  const interrupt = new InterruptListener(signal);
  try {
    const steps = batches.count * epochs;
    checkRecord(owner, trainable.parameters, { ...options, networks: members.length, steps });
    const share = { first: 0, of: members.length };
    return await train(trainable, { options, batches, test: testBatches, label, members, share }, interrupt);
  } finally {
    interrupt.end();
    batches.dispose();
    testBatches?.dispose();
  }
}
