import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../../data/iris.js";
import { splitTrainTest, standardize } from "../../data/split.js";
import { trainArms } from "./trainArms.js";
import { trainEnsemble } from "./trainEnsemble.js";

const splits = [1, 2].map((seed) => standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed })));
const spec = { inputs: 4, outputs: 3, hiddenLayers: 2, width: 5, activation: "tanh" } as const;
const training = { optimizer: "sgd", learningRate: 0.1, epochs: 3, seed: 7, recordEvery: "ends" } as const;
const common = { ...spec, ...training };

test("an arm's networks are those of an ensemble with the arm's settings, split by split, each with an order of its own", async () => {
  const arms = { plain: {}, "ReLU with momentum": { activation: "relu", optimizer: "momentum" } } as const;
  const records = await trainArms(arms, { common, seeds: [1, 2, 3, 4], splits });
  assert.deepEqual(Object.keys(records), ["plain", "ReLU with momentum"]);
  for (const [label, changes] of Object.entries({
    plain: { spec, training },
    "ReLU with momentum": {
      spec: { ...spec, activation: "relu" },
      training: { ...training, optimizer: "momentum" },
    },
  } as const)) {
    const expected = [];
    for (const [i, { train, test: tested }] of splits.entries()) {
      const options = { ...changes.training, seed: 7 + i, test: tested, label };
      expected.push(...(await trainEnsemble(changes.spec, i === 0 ? [1, 3] : [2, 4], train, options)));
    }
    const own = records[label as keyof typeof records];
    assert.deepEqual(
      own.map(({ member }) => member?.seed),
      [1, 3, 2, 4],
    );
    assert.deepEqual(
      own.map((record) => [record.label, record.epochs]),
      expected.map((record) => [record.label, record.epochs]),
    );
  }
});

test("a learning rate is chosen for each arm by its training loss, and not one that diverges", async () => {
  const arms = { sgd: {}, adam: { optimizer: "adam" } } as const;
  const learningRates = [1e-6, 0.03, 1e20];
  const { sgd, adam } = await trainArms(arms, { common, seeds: [1, 2], splits, learningRates });
  for (const { optimizer } of [...sgd, ...adam]) {
    assert.equal(optimizer.learningRate, 0.03);
  }
});

test("progress is told of an arm as a whole", async () => {
  const told: string[] = [];
  const progress =
    (arm: string) =>
    ({ step, steps }: { step: number; steps: number }): void =>
      void told.push(`${arm} ${step / steps}`);
  await trainArms({ one: { epochs: 1, batchSize: 100 } }, { common, seeds: [1, 2], splits, progress });
  assert.deepEqual(told, ["one 0.5", "one 1"]);
});

test("an interrupt ends the comparison: no other split and no other arm is trained", async () => {
  const controller = new AbortController();
  const progress = () => (): void => {
    controller.abort();
  };
  const stoppable = { ...common, signal: controller.signal };
  const records = await trainArms(
    { one: {}, two: {} },
    { common: stoppable, seeds: [1, 2, 3, 4], splits, progress },
  );
  assert.deepEqual(Object.keys(records), ["one"]);
  assert.deepEqual(
    records.one.map(({ member }) => member?.seed),
    [1, 3],
  );
});

test("what does not fit is refused, naming it", async () => {
  const comparison = { common, seeds: [1, 2], splits };
  await assert.rejects(trainArms({}, comparison), /arms is \[\]; it must be an object with at least one arm/);
  await assert.rejects(trainArms({ a: {} }, { ...comparison, seeds: [1] }), /seeds/);
  await assert.rejects(
    trainArms({ a: {} }, { ...comparison, learningRates: [0.1, -1] }),
    /learningRates\[1\] is -1/,
  );
  await assert.rejects(trainArms({ a: { width: 0 } }, comparison), /width is 0/);
  await assert.rejects(trainArms({ a: { wdith: 3 } as object }, comparison), /wdith/);
});
