import { isCrossEntropy } from "../training/losses.js";
import type { NamedSeries } from "./series.js";

/** A title that speaks of nats, for series of any loss: of others than cross-entropies the unit is that of the loss. */
export function withLossUnit(title: string, series: readonly Pick<NamedSeries, "records">[]): string {
  const isNats = series.every(({ records }) => records.every(({ lossName }) => isCrossEntropy(lossName)));
  return isNats ? title : title.replace(/, nats$/, "").replace("nats", "loss");
}
