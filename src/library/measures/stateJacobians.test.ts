import assert from "node:assert/strict";
import test from "node:test";
import { makeAddingProblem } from "../data/addingProblem.js";
import type { TrainingRecord } from "../training/record.js";
import type { RecurrentSpec } from "../training/recurrent/recurrentSpec.js";
import { trainRecurrentEnsemble } from "../training/recurrent/trainRecurrentEnsemble.js";
import { stateJacobians } from "./stateJacobians.js";

const data = makeAddingProblem({ examples: 4, timeSteps: 6, seed: 1 });
const spec = { cell: "simpleRNN", timeSteps: 6, inputs: 2, outputs: 1, units: 3 } as const;
const once = { optimizer: "sgd", learningRate: 0.1, epochs: 1 } as const;
const recordOf = async (changes: Partial<RecurrentSpec>): Promise<TrainingRecord> =>
  (await trainRecurrentEnsemble({ ...spec, ...changes }, [1], data, once))[0]!;

/** The last state, if `by` is added to a unit of the state after step t. */
function lastState(record: TrainingRecord, t: number, unit: number, by: number): number[] {
  const [kernel, recurrent, bias] = record.layers[0]!.parameters.map(({ before }) => before[0]!);
  let h = [0, 0, 0];
  for (let step = 0; step < 6; step++) {
    const [value, mark] = data.features[0]!.slice(2 * step, 2 * step + 2);
    h = h.map((_, j) =>
      Math.tanh(
        value! * kernel![j]! +
          mark! * kernel![3 + j]! +
          bias![j]! +
          h.reduce((sum, one, i) => sum + one * recurrent![3 * i + j]!, 0),
      ),
    );
    h = h.map((one, j) => (step === t && j === unit ? one + by : one));
  }
  return h;
}

test("stateJacobians() has the largest singular value of the Jacobian by finite differences", async () => {
  const record = await recordOf({ recurrentInitializer: { name: "orthogonal", gain: 1.5 } });
  const { largest } = stateJacobians(record, data.features[0]!);
  assert.equal(largest[5], 1);
  for (const t of [0, 2, 4]) {
    const rows = [0, 1, 2].map((unit) => {
      const [up, down] = [1e-5, -1e-5].map((by) => lastState(record, t, unit, by)) as [number[], number[]];
      return up.map((one, j) => (one - down[j]!) / 2e-5);
    });
    // The longest image of many unit vectors.
    let longest = 0;
    for (let a = 0; a < Math.PI; a += 0.01) {
      for (let b = 0; b < 2 * Math.PI; b += 0.02) {
        const v = [Math.sin(a) * Math.cos(b), Math.sin(a) * Math.sin(b), Math.cos(a)];
        const image = [0, 1, 2].map((j) => v.reduce((sum, one, i) => sum + one * rows[i]![j]!, 0));
        longest = Math.max(longest, Math.hypot(...image));
      }
    }
    assert.ok(Math.abs(largest[t]! / longest - 1) < 1e-3, `step ${t}: ${largest[t]}, not ${longest}`);
  }
});

test("with orthogonal weights no Jacobian is longer than gain^steps, nor shorter than the least slopes allow", async () => {
  const record = await recordOf({});
  const { largest, slope } = stateJacobians(record, data.features[0]!);
  largest.forEach((one) => {
    assert.ok(one <= 1 + 1e-6);
  });
  slope.forEach((one) => {
    assert.ok(one > 0 && one <= 1);
  });
});

test("stateJacobians() refuses what is no simple recurrent layer", async () => {
  const lstm = await recordOf({ cell: "lstm" });
  assert.throws(() => stateJacobians(lstm, data.features[0]!), /simple recurrent layer/);
  const record = await recordOf({});
  assert.throws(() => stateJacobians(record, [1, 2]), /example.length is 2; it must be 12/);
});
