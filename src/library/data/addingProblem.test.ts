import assert from "node:assert/strict";
import test from "node:test";
import { makeAddingProblem } from "./addingProblem.js";

const data = makeAddingProblem({ examples: 20_000, timeSteps: 7, seed: 1 });
const series = data.features.map((row) =>
  Array.from({ length: 7 }, (_, t) => ({ value: row[2 * t]!, mark: row[2 * t + 1]! })),
);

test("makeAddingProblem() marks one value in each half, and tells their sum", () => {
  series.forEach((steps, i) => {
    assert.equal(steps.slice(0, 3).filter(({ mark }) => mark === 1).length, 1);
    assert.equal(steps.slice(3).filter(({ mark }) => mark === 1).length, 1);
    assert.ok(steps.every(({ mark }) => mark === 0 || mark === 1));
    const sum = steps.reduce((total, { value, mark }) => total + value * mark, 0);
    assert.ok(Math.abs(sum - data.targets[i]![0]!) < 1e-6);
  });
});

test("the constant answer 1 to the adding problem has a mean squared error of 1/6", () => {
  const errors = data.targets.map(([sum]) => (sum! - 1) ** 2);
  const mean = errors.reduce((total, one) => total + one, 0) / errors.length;
  // The standard error of the mean of 20,000 squared errors is 0.0014.
  assert.ok(Math.abs(mean - 1 / 6) < 0.005, `${mean}`);
});

test("each time step is marked equally often within its half", () => {
  const counts = Array.from({ length: 7 }, (_, t) => series.filter((steps) => steps[t]!.mark === 1).length);
  counts.forEach((count, t) => {
    const expected = 20_000 / (t < 3 ? 3 : 4);
    assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${t}: ${count}`);
  });
});

test("makeAddingProblem() gives the same for the same seed, and refuses what makes no problem", () => {
  const small = { examples: 3, timeSteps: 4, seed: 2 };
  assert.deepEqual(makeAddingProblem(small), makeAddingProblem(small));
  assert.notDeepEqual(makeAddingProblem(small), makeAddingProblem({ ...small, seed: 3 }));
  assert.throws(() => makeAddingProblem({ ...small, timeSteps: 1 }), /timeSteps is 1/);
  assert.throws(() => makeAddingProblem({ ...small, examples: 0 }), /examples is 0/);
});
