import type { Dataset, Split } from "../../data/dataset.js";
import { fail, keysOf, requireKnownKeys, requireList, requirePositive } from "../../ground/validation.js";
import { type EnsembleSpec, isSpecKey } from "../../models/mlpSpec.js";
import { InterruptListener } from "../interrupt.js";
import type { TrainingOptions } from "../options.js";
import { overall, type Progress } from "../progress.js";
import type { TrainingRecord } from "../record.js";
import { sweep } from "./members.js";
import { trainEnsemble } from "./trainEnsemble.js";

/** What one arm of a comparison has of its own: settings of the network, of the training, or of both. */
export type Arm = Partial<EnsembleSpec> & Partial<TrainingOptions>;

/** What all arms of a comparison share. */
export interface Comparison {
  /** Networks and training: each arm's own settings take the place of these. */
  readonly common: EnsembleSpec & TrainingOptions;
  readonly seeds: readonly number[];
  /** Network i is trained and tested on split i, i - n, ... of n; the order of its batches goes by its split too. */
  readonly splits: readonly Split[];
  /**
   * Learning rates to choose from, for each arm by itself: the one with the least median training loss at the end, over 5
   * networks of other seeds on the first split. If not given, the rate is the one that is said.
   */
  readonly learningRates?: readonly number[];
  /** Makes what is told the progress of an arm, from the arm's name: `progressBar`. */
  readonly progress?: (arm: string) => (progress: Progress) => unknown;
}

const KEYS = keysOf<Comparison>({
  common: true,
  seeds: true,
  splits: true,
  learningRates: true,
  progress: true,
});

/** Seeds of the networks by which a learning rate is chosen: far from those that people write. */
const TUNING_SEEDS = [900_001, 900_002, 900_003, 900_004, 900_005];

/**
 * Trains several arms of a comparison, each with the same seeds on the same splits: what differs is what the arm says.
 *
 * An interrupt ends it: the networks that were trained until then, and those at work, are returned.
 *
 * @returns for each arm the records of its networks, by split and then by seed, labeled by the arm. A record's optimizer tells the
 * learning rate that was chosen.
 * @throws RangeError for bad arguments, naming them.
 */
export async function trainArms<Name extends string>(
  arms: Readonly<Record<Name, Arm>>,
  comparison: Comparison,
): Promise<Record<Name, TrainingRecord[]>> {
  const owner = "trainArms";
  requireKnownKeys(owner, "comparison", comparison, KEYS);
  const { common, seeds, splits, learningRates, progress } = comparison;
  requireList(owner, "splits", splits, "splits", 1);
  requireList(owner, "seeds", seeds, "seeds", splits.length);
  if (learningRates !== undefined) {
    requireList(owner, "learningRates", learningRates, "learning rates", 2);
    learningRates.forEach((rate, i) => requirePositive(owner, `learningRates[${i}]`, rate));
  }
  const entries = Object.entries<Arm>(arms);
  if (entries.length === 0) {
    fail(owner, "arms", [], "an object with at least one arm");
  }
  const interrupt = new InterruptListener(common.signal);
  const results: [string, TrainingRecord[]][] = [];
  try {
    for (const [label, arm] of entries) {
      const report = progress?.(label);
      results.push([label, await trainArm({ ...common, ...arm, label }, comparison, report, interrupt)]);
      if (interrupt.isRequested()) {
        break;
      }
    }
    return Object.fromEntries(results) as Record<Name, TrainingRecord[]>;
  } finally {
    interrupt.end();
  }
}

async function trainArm(
  settings: EnsembleSpec & TrainingOptions,
  { seeds, splits, learningRates }: Comparison,
  report: ((progress: Progress) => unknown) | undefined,
  interrupt: InterruptListener,
): Promise<TrainingRecord[]> {
  const [spec, given] = parted(settings);
  const options = learningRates
    ? { ...given, learningRate: await bestRate(spec, given, splits[0]!.train, learningRates) }
    : given;
  const costs = splits.map(() => 1);
  const records: TrainingRecord[] = [];
  for (const [i, { train, test }] of splits.entries()) {
    if (interrupt.isRequested()) {
      break;
    }
    const members = seeds.filter((_, place) => place % splits.length === i);
    const order = options.seed === undefined ? {} : { seed: options.seed + i };
    const onProgress = report && { onProgress: overall(costs, i, report) };
    records.push(
      ...(await trainEnsemble(spec, members, train, { ...options, ...order, ...onProgress, test })),
    );
  }
  return records;
}

/** The rate with which networks of other seeds have the least loss at the end. */
async function bestRate(
  spec: EnsembleSpec,
  options: TrainingOptions,
  dataset: Dataset,
  rates: readonly number[],
): Promise<number> {
  const members = sweep({ learningRate: rates, seed: TUNING_SEEDS });
  const entries = Object.entries(options).filter(([key]) => key !== "test");
  const untested = {
    ...(Object.fromEntries(entries) as unknown as TrainingOptions),
    recordEvery: "ends",
  } as const;
  const records = await trainEnsemble(spec, members, dataset, untested);
  const losses = rates.map((rate) => {
    const own = records.filter(({ member }) => member?.learningRate === rate);
    const ends = own.map(({ epochs, stopped }) => (stopped ? Infinity : epochs.at(-1)!.loss));
    return ends.sort((a, b) => a - b)[(ends.length - 1) / 2]!;
  });
  return rates[losses.indexOf(Math.min(...losses))]!;
}

/** The network's settings, and the training's. */
function parted(settings: EnsembleSpec & TrainingOptions): [spec: EnsembleSpec, options: TrainingOptions] {
  const entries = Object.entries(settings);
  const those = (ofSpec: boolean): object =>
    Object.fromEntries(entries.filter(([key]) => isSpecKey(key) === ofSpec));
  return [those(true) as EnsembleSpec, those(false) as TrainingOptions];
}
