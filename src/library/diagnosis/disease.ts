import { short } from "../ground/format.js";
import type { TrainingRecord } from "../training/record.js";
import type { CureName } from "./cures.js";

/** What can be wrong with a training: how it is seen, from where on, and what helps. */
export interface Entry<Thresholds> {
  readonly thresholds: Thresholds;
  /** The evidence, as a sentence with its numbers, if there is any. */
  readonly look: (record: TrainingRecord, thresholds: Thresholds) => string | undefined;
  /** What to try, in a sentence, the likeliest first. */
  readonly advice: string;
  /** What `tryCures` tries, in this order. */
  readonly cures: readonly CureName[];
  /**
   * What it is to the others, "cause" if not given. An effect has a cause that may be among the findings. A pace is
   * asked for when nothing else was found. A remark is told after all others: it need not do harm.
   */
  readonly rank?: Rank;
  /**
   * How often it is right where it is said, by how well the network learns: measured on networks drawn at random, see
   * `npm run diagnosis -- calibrate`, with one count of either kind added. Of networks that learn it is no more than 0.6, and
   * 0.8 if they learn in part (0.4 for an effect that does not keep them from learning): in the world more of these are in order than
   * among those that are drawn. What has no recipe has a number that was not measured: features, "exploding through time", "no hidden layer", "frozen
   * layers", "batch too small to normalize" and "overfitting".
   */
  readonly confidence: Confidence;
}

export type Rank = "cause" | "effect" | "pace" | "remark";

/** Of a network that does not learn, that learns in part, and that learns. */
export interface Confidence {
  readonly sick: number;
  readonly part: number;
  readonly learns: number;
}

/** A disease with its thresholds put in. */
export interface LookedFor extends Omit<Entry<unknown>, "look" | "thresholds" | "rank"> {
  readonly look: (record: TrainingRecord) => string | undefined;
  readonly rank: Rank;
}

export function disease<Thresholds>({
  thresholds,
  look,
  rank = "cause",
  ...rest
}: Entry<Thresholds>): LookedFor {
  return { ...rest, rank, look: (record) => look(record, thresholds) };
}

export const times = (factor: number): string => `${short(factor)}-fold`;
export const percentText = (share: number): string => `${short(100 * share)} %`;
