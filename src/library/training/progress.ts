import type { TrainingRecord } from "./record.js";

/** How far a training has come. `recordTraining` calls its `onProgress` with this after every step. */
export interface Progress {
  /**
   * Steps that are done, and how many there will be. Of several trainings that are one (`trainByDepth`, or a large
   * ensemble), steps are counted by the time they take, so that they need not be whole.
   */
  readonly step: number;
  readonly steps: number;
  /** The epoch at work, counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss of the latest batch, in nats. */
  readonly loss: number;
  /** Accuracy of the latest batch. */
  readonly accuracy: number;
  /** Why training ended early, as a sentence. */
  readonly stopped?: string;
  /**
   * What has been recorded so far: one record for each network at work. Made when it is asked for. Absent in several trainings
   * that are one (`trainByDepth`).
   */
  readonly records?: () => readonly TrainingRecord[];
}
