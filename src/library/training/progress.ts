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

/**
 * Turns the progress of one of several trainings, one after the other, into that of all of them; the costs say how long each takes
 * beside the others.
 */
export function overall(
  costs: readonly number[],
  at: number,
  report: (progress: Progress) => unknown,
): (progress: Progress) => unknown {
  const sum = (list: readonly number[]): number => list.reduce((total, cost) => total + cost, 0);
  const [before, all] = [sum(costs.slice(0, at)), sum(costs)];
  return ({ step, steps, stopped, epoch, epochs, loss, accuracy }) => {
    const isLast = at === costs.length - 1;
    const total = steps * costs.length;
    const done = isLast && step === steps ? total : (total * (before + (costs[at]! * step) / steps)) / all;
    // That all networks of one training diverged ends that training, not the rest.
    const ended = stopped !== undefined && (isLast || stopped.startsWith("interrupted"));
    return report({ epoch, epochs, loss, accuracy, step: done, steps: total, ...(ended ? { stopped } : {}) });
  };
}
