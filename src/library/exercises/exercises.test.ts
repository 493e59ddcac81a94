import assert from "node:assert/strict";
import test from "node:test";
import { expectAtLeast, expectClose, expectEqual } from "./expectations.js";
import { orderFor, seedFor } from "./personal.js";
import {
  afterPrediction,
  askPrediction,
  comparePrediction,
  expectPrediction,
  predict,
} from "./predictions.js";

const wrong = (message: RegExp) => ({ name: "WrongAnswer", message });

test("expectClose() says what was asked for, what was expected and what came", () => {
  assert.throws(
    () => {
      expectClose(0.3, 0.5, { of: "sigmoid(0)" });
    },
    wrong(/^sigmoid\(0\): expected 0\.5, got 0\.3$/),
  );
});

test("expectClose() names the number in a list that is wrong", () => {
  assert.throws(
    () => {
      expectClose(
        [
          [1, 2],
          [3, 5],
        ],
        [
          [1, 2],
          [3, 4],
        ],
        { of: "W" },
      );
    },
    wrong(/^W\[1\]\[1\]: expected 4, got 5$/),
  );
});

test("a hidden test does not tell the right answer", () => {
  assert.throws(
    () => {
      expectClose(0.31, 0.7315, { of: "f(1)", hidden: true });
    },
    (error: Error) =>
      error.message.includes("f(1)") && error.message.includes("0.31") && !error.message.includes("0.73"),
  );
  assert.throws(
    () => {
      expectEqual("this", "that", { of: "the name", hidden: true });
    },
    (error: Error) => error.message.includes("this") && !error.message.includes("that"),
  );
});

test("expectClose() takes the tolerance as a share of large numbers, and absolute below 1", () => {
  expectClose(1000.0005, 1000, { of: "x" });
  expectClose(1e-9, 0, { of: "x" });
  assert.throws(() => {
    expectClose(1000.01, 1000, { of: "x" });
  }, wrong(/x/));
  expectClose(1.05, 1, { of: "x", tolerance: 0.1 });
});

test("expectClose() refuses what is no number, and lists of another length", () => {
  for (const value of [NaN, undefined, null, "1", [1], {}]) {
    assert.throws(
      () => {
        expectClose(value, 1, { of: "x" });
      },
      wrong(/expected 1/),
    );
  }
  assert.throws(
    () => {
      expectClose([1], [1, 2], { of: "x" });
    },
    wrong(/a list of 2, got one of 1/),
  );
  assert.throws(
    () => {
      expectClose(1, [1, 2], { of: "x" });
    },
    wrong(/a list of 2, got 1/),
  );
  expectClose(new Float32Array([0.5, 2]), [0.5, 2], { of: "x" });
});

test("the checks refuse an option that they do not have", () => {
  assert.throws(() => {
    expectClose(1, 1, { of: "x", tolerence: 1 } as { of: string });
  }, /^RangeError: expectClose\(\): observation has no option "tolerence"; it has of, hidden, tolerance$/);
  assert.throws(() => {
    expectEqual(1, 1, { off: "x" } as unknown as { of: string });
  }, /^RangeError: expectEqual\(\): observation has no option "off"/);
});

test("expectAtLeast() tells the bound, and does not take NaN for enough", () => {
  expectAtLeast(0.9, 0.9, { of: "accuracy" });
  for (const value of [0.89, NaN, undefined]) {
    assert.throws(
      () => {
        expectAtLeast(value, 0.9, { of: "accuracy" });
      },
      wrong(/accuracy: expected at least 0\.9/),
    );
  }
});

test("a result is shown only after a prediction, and then the prediction stays", () => {
  askPrediction("slope", "Where is it steepest?", ["at 0", "at 4"]);
  assert.throws(() => afterPrediction("slope"), /Predict first/);
  predict("slope", "at 4");
  predict("slope", "at 0");
  assert.equal(afterPrediction("slope"), "at 0");
  predict("slope", "at 0");
  assert.throws(() => {
    predict("slope", "at 4");
  }, /You have seen the result: your prediction stays "at 0"/);
  askPrediction("slope", "Where is it steepest?", ["at 0", "at 4"]);
  assert.equal(afterPrediction("slope"), "at 0");
});

test("a prediction names its question and one of the choices", () => {
  askPrediction("depth", "Deeper?", ["yes", "no"]);
  assert.throws(() => {
    predict("depth", "maybe");
  }, /"maybe" is none of the choices: "yes", "no"/);
  assert.throws(() => {
    predict("width", "yes");
  }, /there is no question "width"; asked so far: .*"depth"/);
  assert.throws(() => {
    askPrediction("one", "One?", ["yes"]);
  }, /choices is \["yes"\]; it must be a list of at least 2 choices/);
});

test("comparePrediction() says how far off a prediction was, and goes on without one", (t) => {
  const said: string[] = [];
  t.mock.method(console, "log", (line: string) => said.push(line));
  askPrediction("height", "How high?");
  for (const predicted of [undefined, 1, 0.05, 0.26, -1]) {
    if (predicted !== undefined) {
      predict("height", predicted);
    }
    comparePrediction("height", 0.25);
  }
  askPrediction("way", "Which way?", ["left", "right"]);
  predict("way", "left");
  comparePrediction("way", "right");
  predict("way", "right");
  comparePrediction("way", "right");
  assert.deepEqual(
    said.filter((line) => line.startsWith("The answer")),
    [
      "The answer: 0.25. You predicted nothing this time.",
      "The answer: 0.25. You predicted 1, 4 times too large.",
      "The answer: 0.25. You predicted 0.05, 5 times too small.",
      "The answer: 0.25. You predicted 0.26: right.",
      "The answer: 0.25. You predicted -1, off by 1.25.",
      'The answer: "right". You predicted "left", which is not so.',
      'The answer: "right". You predicted "right": right.',
    ],
  );
  assert.throws(() => {
    comparePrediction("way", "up");
  }, /"up" is none of the choices: "left", "right"/);
  assert.throws(() => {
    predict("height", "high");
  }, /answer is "high"; it must be a number/);
});

test("expectPrediction() wants one of the choices", async () => {
  askPrediction("size", "Larger?", ["yes", "no"]);
  await assert.rejects(expectPrediction("size"), /Predict first/);
  predict("size", "no");
  await expectPrediction("size");
  askPrediction("size", "Larger?", ["smaller", "larger"]);
  await assert.rejects(
    expectPrediction("size"),
    wrong(/your prediction "size": expected one of "smaller", "larger", got "no"/),
  );
});

test("expectPrediction() wants a number where there are no choices", async () => {
  askPrediction("how many", "How many?");
  predict("how many", 3);
  await expectPrediction("how many");
});

test("an order and a seed belong to a name; for everyone nothing changes", () => {
  const list = ["A", "B", "C", "D"];
  assert.deepEqual(orderFor("everyone", list), list);
  assert.equal(seedFor("everyone"), 0);
  const names = Array.from({ length: 200 }, (_, i) => `student${i}`);
  assert.equal(new Set(names.map(seedFor)).size, names.length);
  const orders = names.map((name) => orderFor(name, list).join(""));
  assert.equal(new Set(orders).size, 24);
  orders.forEach((order) => {
    assert.deepEqual(Array.from(order).sort(), list);
  });
  assert.deepEqual(orderFor("Zo\u00eb", list), orderFor("Zoe\u0308", list));
});
