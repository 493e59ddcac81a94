import type { AnyDataset } from "../data/dataset.js";
import { Batches } from "./batches.js";
import { InterruptListener } from "./interrupt.js";
import { checkRecord, type ResolvedOptions } from "./options.js";
import { probeSize } from "./probe.js";
import type { TrainingRecord } from "./record.js";
import type { MemberOfRecord } from "./recorder.js";
import type { Trainable } from "./trainable.js";
import { train } from "./trainingLoop.js";

/** Networks of one shape, and what they have in common, checked. */
interface Together<Member extends MemberOfRecord> {
  readonly owner: string;
  readonly options: ResolvedOptions;
  readonly dataset: AnyDataset;
  /** An example's shape. */
  readonly shape: readonly number[];
  readonly outputs: number;
  /** How many test examples pass at a time. */
  readonly testBatchSize: number;
  readonly label: string;
  readonly members: readonly Member[];
  readonly trainableOf: (members: readonly Member[]) => Trainable;
  /** How many numbers a step holds for each activation at a time, forward and backward, about. */
  readonly numbersOfActivation: number;
}

/** The networks are trained in groups that need no more memory than this at a time, their records aside. */
const WORKING_BYTES = 256e6;

/** Weights before and after, gradient, and up to three more where the optimizer keeps its own. */
const NUMBERS_OF_WEIGHT = 6;

/**
 * Trains many networks, as many at once as have room, and records them. After an interrupt the records of the groups that
 * had not begun hold no step.
 */
export async function trainTogether<Member extends MemberOfRecord>(
  together: Together<Member>,
): Promise<TrainingRecord[]> {
  const { owner, options, dataset, shape, outputs, testBatchSize, label, members, trainableOf } = together;
  const { batchSize, accumulate, seed, epochs } = options;
  const batches = new Batches(dataset, [...shape], outputs, batchSize * accumulate, seed);
  const test = options.test && new Batches(options.test, [...shape], outputs, testBatchSize);
  const interrupt = new InterruptListener(options.signal);
  try {
    const all = trainableOf(members);
    const steps = batches.count * epochs;
    checkRecord(owner, all.parameters, { ...options, networks: members.length, steps });
    const records: TrainingRecord[] = [];
    const size = groupSize(all, together, batches, test);
    for (let first = 0; first < members.length; first += size) {
      const group = members.slice(first, first + size);
      const share = { first, of: members.length };
      const plan = { options, batches, test, label, members: group, share };
      records.push(...(await train(trainableOf(group), plan, interrupt)));
    }
    return records;
  } finally {
    interrupt.end();
    batches.dispose();
    test?.dispose();
  }
}

/** How many networks to train at a time. */
function groupSize<Member extends MemberOfRecord>(
  { layers, size }: Trainable,
  { members, options, numbersOfActivation }: Together<Member>,
  batches: Batches,
  test: Batches | undefined,
): number {
  const activations = layers
    .filter(({ isScaling }) => !isScaling)
    .reduce((sum, { units, positions }) => sum + units * positions, 0);
  const probe = options.recordEvery === "ends" ? 0 : probeSize(options.probeExamples, batches, activations);
  const tested = test ? Math.min(test.batchSize, test.examples) : 0;
  const examples = Math.max(batches.batchSize, tested, probe);
  const numbers = numbersOfActivation * activations * examples + NUMBERS_OF_WEIGHT * size;
  const most = Math.max(1, Math.floor(WORKING_BYTES / Float32Array.BYTES_PER_ELEMENT / numbers));
  // Groups of about one size.
  return Math.ceil(members.length / Math.ceil(members.length / most));
}
