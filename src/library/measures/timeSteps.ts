import { fail, keysOf, requireKnownKeys, requireOneOf } from "../ground/validation.js";
import type { LayerRecord, StateGradients, TrainingRecord } from "../training/record.js";
import { type RecordedStep, requirePlace, requireRecord } from "./recordedSteps.js";

/** Which recurrent layer, state and recorded step. */
export interface TimeStepOptions extends RecordedStep {
  /** The layer's name; the first recurrent layer if not given. */
  readonly layer?: string;
  /** "h" if not given, the state that leaves the layer; "c" is an LSTM's cell state. */
  readonly state?: keyof StateGradients;
}

const KEYS = keysOf<TimeStepOptions>({ at: true, layer: true, state: true });

/**
 * How large the gradient of the loss by a recurrent layer's state is after each time step: mean |dL/dh_t| over the units and
 * the step's batch, entry t for time step t. Through time it vanishes or explodes as it does through layers.
 *
 * @throws RangeError if that step was not recorded, or there is no such recurrent layer or state.
 */
export function gradientByTimeStep(record: TrainingRecord, options: TimeStepOptions = {}): number[] {
  const owner = "gradientByTimeStep";
  requireKnownKeys(owner, "options", options, KEYS);
  requireRecord(owner, "record", record);
  const place = requirePlace(owner, "at", record, options.at ?? 0);
  const state = requireOneOf(owner, "state", options.state ?? "h", ["h", "c"]);
  const { name, stateGradients } = recurrentLayer(owner, record, options.layer);
  const sizes = stateGradients[state];
  if (sizes === undefined) {
    return fail(owner, "state", state, `"h": layer "${name}" has no cell state`);
  }
  return Array.from(sizes.meanAbs[place]!);
}

function recurrentLayer(
  owner: string,
  { label, layers }: TrainingRecord,
  wanted: string | undefined,
): LayerRecord & { readonly stateGradients: StateGradients } {
  const recurrent = layers.filter(({ stateGradients }) => stateGradients !== undefined);
  const found = wanted === undefined ? recurrent[0] : recurrent.find(({ name }) => name === wanted);
  if (found === undefined) {
    const names = recurrent.map(({ name }) => `"${name}"`).join(", ");
    const allowed = names === "" ? `left out: "${label}" has no recurrent layer` : `one of ${names}`;
    return fail(owner, "layer", wanted, allowed);
  }
  return found as LayerRecord & { readonly stateGradients: StateGradients };
}
