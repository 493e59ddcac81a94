/** On real broken programs and on healthy ones: those whose training takes a second; `npm run diagnosis -- programs` has all. */
import assert from "node:assert/strict";
import test from "node:test";
import { diseaseNames } from "vanishing-gradients";
import { programs } from "./facts.js";
import { labelsOf, reportOn } from "./programTrial.js";

/** A label of each is among the findings. */
const NAMED = [
  "31556268",
  "33969059",
  "34311586",
  "38648195",
  "39525358",
  "45337371",
  "48221692",
  "48385830",
  "48934338",
  "51181393",
  "52800582",
  "59325381",
  "gol_nn",
];

for (const id of NAMED) {
  test(`of program ${id} a labelled fault is named`, async () => {
    const facts = programs.find((program) => program.id === id)!;
    const { isNamed, findings, refusal } = await reportOn(facts, 11, false);
    assert.ok(isNamed, `[${facts.labels.join(", ")}] ${refusal ?? JSON.stringify(findings)}`);
  });
}

for (const { id, ...rest } of programs
  .filter(({ id }) => /^autotrainer-(circle|demo)/.test(id))
  .slice(0, 6)) {
  test(`what is named of ${id} is cured by what is tried`, async () => {
    const { tried, findings } = await reportOn({ id, ...rest }, 11, true);
    assert.ok(
      tried.some(({ worked, gain }) => worked && gain >= 0.48),
      `${JSON.stringify(findings)} ${JSON.stringify(tried)}`,
    );
  });
}

for (const facts of programs.filter(({ kind, epochs }) => kind === "healthy" && epochs < 2000)) {
  test(`nothing is said to be sure of the healthy program ${facts.id}`, async (t) => {
    if (facts.id === "41372874") {
      t.skip("it is labelled as healthy, and all of its examples are of one class");
      return;
    }
    const { findings, refusal } = await reportOn(facts, 11, false);
    assert.equal(refusal, undefined);
    assert.deepEqual(
      findings.filter(({ confidence }) => confidence >= 0.9),
      [],
    );
  });
}

test("each disease has its words in the benchmarks' labels", () => {
  assert.deepEqual(Object.keys(labelsOf).sort(), [...diseaseNames].sort());
});
