import assert from "node:assert/strict";
import test from "node:test";
import { mendShorthand } from "./shorthand.js";

const earlier = 'declare const seed = 1;\ndeclare function run(): void;\nimport { iris } from "data";\n';

test("mendShorthand() gives short properties the value of an earlier cell's variable", () => {
  assert.equal(mendShorthand("f({ a: 1, seed });", earlier), "f({ a: 1, seed: exports.seed });");
  assert.equal(
    mendShorthand("f({ seed,\n  run }, { iris });", earlier),
    "f({ seed: exports.seed,\n  run: exports.run }, { iris: exports.iris });",
  );
});

test("mendShorthand() leaves the cell's own names, patterns and other properties alone", () => {
  for (const code of [
    "const seed = 2; f({ seed });",
    "g((seed) => ({ seed }));",
    "const { seed } = options; f({ seed });",
    "f({ other });",
    "f({ seed: 3 }, [seed], seed);",
  ]) {
    assert.equal(mendShorthand(code, earlier), code);
  }
});

test("mendShorthand() knows where a name of the cell's own ends", () => {
  assert.equal(
    mendShorthand("f({ seed }); function g(seed) { return { seed }; }", earlier),
    "f({ seed: exports.seed }); function g(seed) { return { seed }; }",
  );
  assert.equal(
    mendShorthand("for (const run of all) h({ run });\nh({ run });", earlier),
    "for (const run of all) h({ run });\nh({ run: exports.run });",
  );
});
