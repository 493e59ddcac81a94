import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { loadIris } from "../data/iris.js";
import type { Split } from "../data/dataset.js";
import { splitTrainTest, standardize } from "../data/split.js";
import { tf } from "../tensorflow/tf.js";
import { trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import type { TrainingRecord } from "../training/record.js";
import { expectTrained } from "./expectations.js";
import { readPlain, writePlain } from "./plain.js";
import { answerOf, answerQuestions } from "./submission.js";

type Answer = ((...values: unknown[]) => Promise<unknown>) & PromiseLike<unknown>;

/** An answer as a test sees it, asked of `own` as if there were two processes. */
function asked(own: unknown): Answer {
  const replies: ((text: string) => void)[] = [];
  let put: (question: string) => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    replies.push(() => {
      resolve();
    });
  });
  const end = answerQuestions(
    () => own,
    (reply) => {
      replies.shift()!(reply);
      return new Promise((next) => (put = next));
    },
  );
  const ask = async (question: string): Promise<string> => {
    await ready;
    const reply = new Promise<string>((resolve) => replies.push(resolve));
    put(question);
    return Promise.race([reply, end.then(() => "")]);
  };
  return answerOf("f", ask) as Answer;
}

const flowers = splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 });
const iris = standardize(flowers);
const spec = { inputs: 4, outputs: 3, hiddenLayers: 1, width: 3, activation: "tanh" } as const;
const train = (seeds: number[], data: Split = iris, epochs = 2): Promise<TrainingRecord[]> =>
  trainEnsemble(spec, seeds, data.train, {
    optimizer: "sgd",
    learningRate: 0.1,
    epochs,
    seed: 1,
    test: data.test,
  });

test("plain data come back as they were", async () => {
  const plain = fc.jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes('"$'));
  await fc.assert(
    fc.asyncProperty(plain, async (value) => {
      const expected = JSON.parse(JSON.stringify(value)) as unknown;
      if (!JSON.stringify(value).includes("__proto__")) {
        assert.deepEqual(await readPlain(writePlain(expected)), expected);
      }
    }),
  );
  const special = [undefined, NaN, Infinity, -Infinity, { missing: undefined }, null];
  assert.deepEqual(await readPlain(writePlain(special)), special);
  assert.deepEqual(await readPlain(writePlain(new Float32Array([0.5, 2]))), [0.5, 2]);
  const tensor = (await readPlain(writePlain(tf.tensor([[0.1, 2]])))) as tf.Tensor;
  assert.deepEqual(tensor.arraySync(), tf.tensor([[0.1, 2]]).arraySync());
});

test("what is no plain data is not written", () => {
  let reads = 0;
  const getter = {
    get activation() {
      return reads++ === 0 ? "sigmoid" : "tanh";
    },
  };
  const endless: unknown[] = [];
  endless.push(endless);
  for (const value of [getter, new Date(), new Map(), Promise.resolve(1), { $record: [0, 0] }, endless]) {
    assert.throws(() => writePlain(value), TypeError);
  }
  assert.equal(reads, 0);
});

test("what nobody wrote is not read", async () => {
  const texts = [
    '{"value":{"$function":"() => 1"}}',
    '{"value":{"__proto__":{"tolerance":1e300}}}',
    '{"value":{"$other":1}}',
    '{"value":{"$record":[0,0]},"trainings":[],"members":[]}',
    '{"value":{"$record":[0,0]},"trainings":[{"spec":{}}],"members":[1]}',
    `{"value":${"[".repeat(50)}${"]".repeat(50)}}`,
    `{"value":"${"x".repeat(3e6)}"}`,
    "null",
    "passed",
  ];
  for (const text of texts) {
    await assert.rejects(readPlain(text), text.slice(0, 60));
  }
});

test("an answer is called with the values of a test, and gives its own", async () => {
  assert.equal(await asked((x: number, y: number) => x - y)(5, 3), 2);
  assert.deepEqual(await asked({ learningRate: 0.1 }), { learningRate: 0.1 });
  const slope = asked((f: (x: number) => number, x: number) => (f(x + 1) - f(x - 1)) / 2);
  assert.equal(await slope((x: number) => x ** 2, 3), 6);
});

test("a test learns which entries of a list an answer has changed, and not to what", async () => {
  const after = async (change: (list: number[]) => unknown): Promise<number[]> => {
    const given = [1, 2];
    await asked(change)(given);
    return given;
  };
  assert.deepEqual(await after((list) => list.reverse().reverse()), [1, 2]);
  assert.deepEqual(await after((list) => (list[0] = 5)), [NaN, 2]);
  assert.deepEqual(await after((list) => list.push(3)), [NaN, NaN]);
  assert.deepEqual(await after((list) => (list.length = 0)), [NaN, NaN]);
});

test("a record is trained again from its settings: the same, whatever is written into it", async () => {
  const [original] = await train([7]);
  const before = original!.loss.slice();
  const [copy] = (await asked(() => [original])()) as TrainingRecord[];
  assert.notEqual(copy, original);
  assert.deepEqual([...copy!.loss], before);
  assert.deepEqual(copy!.layers[0]!.kernel.after[0], original!.layers[0]!.kernel.after[0]);
  Object.assign(original!.epochs[1]!, { testAccuracy: 1 });
  const [again] = (await asked(() => [original])()) as TrainingRecord[];
  assert.equal(again!.epochs[1]!.testAccuracy, copy!.epochs[1]!.testAccuracy);
});

test("expectTrained() wants one record for each seed, on the examples that were given", async () => {
  const data = flowers;
  const seeds = [1, 2];
  const of = "repaired([1, 2])";
  const wrong = (message: RegExp) => ({ name: "WrongAnswer", message });
  expectTrained(await train(seeds), { seeds, data }, { of });
  expectTrained(await train(seeds, flowers), { seeds, data }, { of });
  const records = await train(seeds);
  const check = (found: unknown) => () => {
    expectTrained(found, { seeds, data }, { of });
  };
  assert.throws(check([records[0], records[0]]), wrong(/of the seeds \[1, 2\], got of \[1, 1\]/));
  assert.throws(check(records.slice(1)), wrong(/seeds/));
  assert.throws(check({ length: 2 }), wrong(/a list of records/));
  assert.throws(check([{ ...records[0] }, records[1]]), wrong(/trainEnsemble did not make/));
  const easy = { ...iris.test, labels: iris.test.labels.map(() => 0) };
  assert.throws(check(await train(seeds, { train: iris.train, test: easy })), wrong(/other examples/));
  assert.throws(check(await train(seeds, { train: iris.test, test: iris.test })), wrong(/other examples/));
  const told = (set: Split["train"]): Split["train"] => ({
    ...set,
    features: set.features.map((row, i) => [...row.slice(1), set.labels[i]!]),
  });
  assert.throws(
    check(await train(seeds, { train: told(iris.train), test: told(iris.test) })),
    wrong(/other examples/),
  );
});
