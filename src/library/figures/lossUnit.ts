import type { TrainingRecord } from "../training/record.js";

/** A title that speaks of nats, for records of any loss: of others than cross-entropies the unit is that of the loss. */
export function withLossUnit(title: string, records: readonly TrainingRecord[]): string {
  const isNats = records.every(({ lossName }) => /crossentropy/i.test(lossName));
  return isNats ? title : title.replace(/, nats$/, "").replace("nats", "loss");
}
