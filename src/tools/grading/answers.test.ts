import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runInThisContext } from "node:vm";
import type { OptimizerOptions } from "vanishing-gradients";
import {
  countOutcomes,
  loadIris,
  type MlpSpec,
  splitTrainTest,
  standardize,
  trainEnsemble,
} from "vanishing-gradients";

interface Cell {
  readonly source: readonly string[];
  readonly metadata: { readonly nbgrader?: { readonly grade_id: string } };
}

const course = join(__dirname, "..", "..", "..", "..", "notebooks", "assignments", "source");

/** The text of a cell of an assignment. */
function cellOf(assignment: string, id: string): string {
  const text = readFileSync(join(course, assignment, `${assignment}.ipynb`), "utf8");
  const { cells } = JSON.parse(text) as { cells: readonly Cell[] };
  return cells.find(({ metadata }) => metadata.nbgrader?.grade_id === id)!.source.join("");
}

test("repair-the-deep-network: the settings that learn, as the hidden test has them, clearly do with 20 seeds", async () => {
  const found = (id: string, code: RegExp) => code.exec(cellOf("repair-the-deep-network", id))![1]!;
  const baseline = found("setup", /const baseline[^{]*(\{[^]*?\n\})/);
  const four = found("four", /orderFor<Setting>\(student, (\[[^]*?\n\])\)/);
  const settings = runInThisContext(`{ const baseline = ${baseline}; (${four}) }`) as (MlpSpec &
    OptimizerOptions)[];
  const right = runInThisContext(
    found("four-test", /const right = orderFor\(student, (\[.*?\])\)/),
  ) as boolean[];
  assert.equal(settings.length, right.length);
  const seeds = Array.from({ length: 20 }, (_, i) => 201 + i);
  const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
  for (const [i, { optimizer, learningRate, ...spec }] of settings.entries()) {
    const records = await trainEnsemble(
      { ...spec, inputs: 4, outputs: 3, hiddenLayers: 20, width: 10 },
      seeds,
      iris.train,
      { optimizer, learningRate, epochs: 25, batchSize: 20, seed: 1, recordEvery: 300, test: iris.test },
    );
    const { learned } = countOutcomes(records, 0.9);
    // Far from a draw: the question is not to be a matter of luck, nor of the processor's rounding.
    assert.ok(right[i] === true ? learned >= 15 : learned <= 5, `setting ${i}: ${learned} of 20 learned`);
  }
});
