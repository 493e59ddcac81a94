/** On networks drawn at random, with a mistake put in or none. */
import assert from "node:assert/strict";
import test from "node:test";
import { type Disease, diseaseNames, loadKnownCases } from "vanishing-gradients";
import { hearNumber, recipeNames } from "./recipeTrial.js";

test("of networks with one mistake, drawn anew, at least 80 % of those that do not learn have it named", async () => {
  let [named, sick] = [0, 0];
  const missed: string[] = [];
  for (const name of recipeNames) {
    for (let i = 0; i < 3; i++) {
      const { verdict, findings, told } = await hearNumber("measure", 100 + i, [name]);
      if (verdict === "does not learn") {
        sick += 1;
        const isNamed = findings.some(({ disease }) => disease === name);
        named += Number(isNamed);
        if (!isNamed) {
          missed.push(`${name}: ${told}: ${findings.map(({ disease }) => disease).join(", ")}`);
        }
      }
    }
  }
  assert.ok(named >= 0.8 * sick && sick >= 30, `${named} of ${sick}\n${missed.join("\n")}`);
});

test("of 30 healthy networks drawn anew at most 1 has a finding that is said to be sure", async () => {
  let alarms = 0;
  for (let i = 0; i < 30; i++) {
    const { findings } = await hearNumber("measure", 1000 + i, []);
    alarms += Number(findings.some(({ confidence }) => confidence >= 0.9));
  }
  assert.ok(alarms <= 1, `${alarms}`);
});

test("what is stored of networks drawn at random is what is said of them", async () => {
  const known = loadKnownCases();
  // Of every kind a few: single mistakes, pairs, healthy ones.
  const chosen = known.filter((_, i) => i % 29 === 0);
  assert.ok(chosen.length > 20 && new Set(chosen.map(({ mistakes }) => mistakes.length)).size === 3);
  for (const { mistakes, number, verdict, findings } of chosen) {
    const said = await hearNumber("measure", number, mistakes as readonly Disease[]);
    assert.deepEqual({ verdict: said.verdict, findings: said.findings }, { verdict, findings }, said.told);
  }
});

test("each disease has recipes, or is told by a test of the library", () => {
  const others = [
    "batch too small to normalize",
    "constant features",
    "copied features",
    "exploding through time",
    "frozen layers",
    "no hidden layer",
    "numbers run away",
    "overfitting",
  ];
  assert.deepEqual([...recipeNames, ...others].sort(), [...diseaseNames].sort());
});
