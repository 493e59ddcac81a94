import {
  fail,
  keysOf,
  requireInteger,
  requireKnownKeys,
  requireNumber,
  requireOneOf,
} from "../../ground/validation.js";
import { checkInitializer, type InitializerSpec } from "../../models/initializers.js";
import { type CellName, CELLS, cellNames } from "./recurrentCells.js";

/** Recurrent networks: one recurrent layer that reads a series, and an output without a function after its last time step. */
export interface RecurrentSpec {
  readonly cell: CellName;
  readonly timeSteps: number;
  /** Inputs a time step. */
  readonly inputs: number;
  readonly outputs: number;
  readonly units: number;
  /** How the recurrent kernel starts: "orthogonal" if not given, as in Keras; "identity" of a simple RNN alone (Le et al. 2015). */
  readonly recurrentInitializer?: InitializerSpec | "identity";
  /** Of an LSTM alone: the bias of its forget gate at the start, 1 if not given, as in Keras (Jozefowicz et al. 2015). */
  readonly forgetBias?: number;
}

/** The same with the defaults filled in. */
export type ResolvedRecurrentSpec = Required<RecurrentSpec>;

const KEYS = keysOf<RecurrentSpec>({
  cell: true,
  timeSteps: true,
  inputs: true,
  outputs: true,
  units: true,
  recurrentInitializer: true,
  forgetBias: true,
});

/** Checks a spec for the function, the owner, that was given it. */
export function checkRecurrentSpec(owner: string, spec: RecurrentSpec): ResolvedRecurrentSpec {
  requireKnownKeys(owner, "spec", spec, KEYS);
  const cell = requireOneOf(owner, "cell", spec.cell, cellNames);
  const size = (name: "timeSteps" | "inputs" | "outputs" | "units"): number =>
    requireInteger(owner, name, spec[name], { min: 1 });
  const { recurrentInitializer = "orthogonal", forgetBias } = spec;
  if (recurrentInitializer === "identity") {
    if (CELLS[cell].gates !== 1) {
      fail(owner, "recurrentInitializer", recurrentInitializer, `another one for "${cell}", which has gates`);
    }
  } else {
    checkInitializer(owner, "recurrentInitializer", recurrentInitializer);
  }
  if (forgetBias !== undefined && cell !== "lstm") {
    fail(owner, "forgetBias", forgetBias, `left out for "${cell}", which has no forget gate`);
  }
  return {
    cell,
    timeSteps: size("timeSteps"),
    inputs: size("inputs"),
    outputs: size("outputs"),
    units: size("units"),
    recurrentInitializer,
    forgetBias: requireNumber(owner, "forgetBias", forgetBias ?? 1),
  };
}
