import { fail } from "../ground/validation.js";
import type { TrainingRecord } from "../training/record.js";
import { requireRecord } from "./recordedSteps.js";
import { singularValues } from "./singularValues.js";

/** How a simple recurrent layer passes a change of its state on. Entry t is of time step t, counted from 0. */
export interface StateJacobians {
  /** Largest singular value of dh_T/dh_t, where T is the last time step: how much longer a change of h_t can become until then. */
  readonly largest: readonly number[];
  /** Root mean square over the units of tanh's slope, 1 - h_t^2. */
  readonly slope: readonly number[];
}

/**
 * The Jacobian from each state of a simple recurrent layer (tanh) to its last state, for one series, with the weights before the first
 * recorded step: dh_T/dh_t is the product of W diag(1 - h^2) over the time steps between (Pascanu et al. 2013, equation 5).
 *
 * @param example One example's features, as the record's data set has them.
 * @throws RangeError if the record's first layer is no such layer, its weights were not recorded, or the example has another length.
 */
export function stateJacobians(record: TrainingRecord, example: readonly number[]): StateJacobians {
  const owner = "stateJacobians";
  requireRecord(owner, "record", record);
  const [layer] = record.layers;
  const [kernel, recurrent, bias] = layer!.parameters.map(({ before }) => before[0]);
  const { units, positions, activation, stateGradients } = layer!;
  const isSimple = stateGradients !== undefined && recurrent?.length === units * units;
  if (!isSimple || activation !== "tanh" || !bias) {
    fail(owner, "record", `of "${record.label}"`, "of a simple recurrent layer with tanh, with its arrays");
  }
  const inputs = kernel!.length / units;
  if (example.length !== positions * inputs) {
    fail(owner, "example.length", example.length, `${positions * inputs}`);
  }
  const indices = Array.from({ length: units }, (_, unit) => unit);
  let h = indices.map(() => 0);
  const slopes = Array.from({ length: positions }, (_, t) => {
    h = indices.map((j) => {
      let z = bias[j]!;
      for (let i = 0; i < inputs; i++) z += example[t * inputs + i]! * kernel![i * units + j]!;
      for (let i = 0; i < units; i++) z += h[i]! * recurrent[i * units + j]!;
      return Math.tanh(z);
    });
    return h.map((one) => 1 - one ** 2);
  });
  // Row i, column j: how h_T's unit j follows h_t's unit i.
  let product: number[][] = indices.map((i) => indices.map((j) => (i === j ? 1 : 0)));
  const largest = slopes.map(() => 1);
  for (let t = positions - 2; t >= 0; t--) {
    const slope = slopes[t + 1]!;
    product = indices.map((i) =>
      indices.map((j) =>
        indices.reduce((sum, k) => sum + recurrent[i * units + k]! * slope[k]! * product[k]![j]!, 0),
      ),
    );
    largest[t] = singularValues(product)[0]!;
  }
  const rms = (values: readonly number[]): number => Math.hypot(...values) / Math.sqrt(values.length);
  return { largest, slope: slopes.map(rms) };
}
