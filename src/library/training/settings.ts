import type { Dataset } from "../data/dataset.js";
import type { EnsembleSpec } from "../models/mlpSpec.js";
import type { MemberSettings } from "./ensemble/members.js";
import type { TrainingOptions } from "./options.js";
import type { TrainingRecord } from "./record.js";

/** What `trainEnsemble` was given: the same again gives the same records. */
export interface EnsembleSettings {
  readonly spec: EnsembleSpec;
  readonly dataset: Dataset;
  /** Less what can't be written down: who listens, and what stops it. */
  readonly options: Omit<TrainingOptions, "onProgress" | "signal">;
}

const known = new WeakMap<
  TrainingRecord,
  { readonly settings: EnsembleSettings; readonly member: Required<MemberSettings> }
>();

/** Notes what records came from. */
export function keepSettings(
  records: readonly TrainingRecord[],
  members: readonly Required<MemberSettings>[],
  { spec, dataset, options }: EnsembleSettings & { readonly options: TrainingOptions },
): void {
  const written: Partial<TrainingOptions> = { ...options, onProgress: undefined, signal: undefined };
  const settings = { spec, dataset, options: written as EnsembleSettings["options"] };
  records.forEach((record, i) => known.set(record, { settings, member: members[i]! }));
}

/** What a record came from, if `trainEnsemble` made it; records of one call have the same `settings`. */
export function settingsOf(
  record: TrainingRecord,
): { readonly settings: EnsembleSettings; readonly member: Required<MemberSettings> } | undefined {
  return known.get(record);
}
