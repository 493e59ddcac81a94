import assert from "node:assert/strict";
import test from "node:test";
import { loadIris } from "../../data/iris.js";
import { splitTrainTest, standardize } from "../../data/split.js";
import { countOutcomes, trainability } from "../../measures/outcomes.js";
import type { TrainingOptions } from "../options.js";
import { sweep } from "./members.js";
import { trainByDepth } from "./trainByDepth.js";
import { trainEnsemble } from "./trainEnsemble.js";

const iris = standardize(splitTrainTest(loadIris(), { testShare: 1 / 3, seed: 42 }));
const spec = { inputs: 4, outputs: 3, width: 6, activation: "tanh" } as const;
const options: TrainingOptions = {
  optimizer: "adam",
  learningRate: 0.01,
  epochs: 2,
  batchSize: 50,
  recordEvery: 100,
  test: iris.test,
};

test("trainByDepth() gives at each depth what trainEnsemble() gives, and one progress for all", async () => {
  const seen: number[] = [];
  const onProgress: TrainingOptions["onProgress"] = ({ step, steps }) => seen.push(step / steps);
  const depths = [0, 3, 1];
  const sweeps = await trainByDepth(spec, depths, [1, 2], iris.train, { ...options, onProgress });
  assert.deepEqual(
    sweeps.map(({ hiddenLayers }) => hiddenLayers),
    depths,
  );
  const alone = await trainEnsemble({ ...spec, hiddenLayers: 3 }, [1, 2], iris.train, options);
  assert.deepEqual(sweeps[1]!.records, alone);
  // 4 steps of cost 2, 4 of cost 5, 4 of cost 3.
  const expected = [0.5, 1, 1.5, 2, 3.25, 4.5, 5.75, 7, 7.75, 8.5, 9.25, 10].map((cost) => cost / 10);
  seen.forEach((share, i) => {
    assert.ok(Math.abs(share - expected[i]!) < 1e-12, seen.join(", "));
  });
  assert.equal(seen.length, 12);
});

test("an interrupt returns the depths that were finished and the one at work", async () => {
  const listeners = process.listenerCount("SIGINT");
  let calls = 0;
  const sweeps = await trainByDepth(spec, [1, 2, 3], [1], iris.train, {
    ...options,
    onProgress: () => {
      calls += 1;
      if (calls === 6) {
        process.emit("SIGINT");
      }
    },
  });
  assert.deepEqual(
    sweeps.map(({ hiddenLayers, records }) => [hiddenLayers, records[0]!.stopped?.reason]),
    [
      [1, undefined],
      [2, "interrupt"],
    ],
  );
  assert.equal(process.listenerCount("SIGINT"), listeners);
});

test("trainability() tells which share learned for each depth and scale", async () => {
  const members = sweep({ seed: [1, 2, 3, 4], kernelScale: [1e-9, 1] });
  const sweeps = await trainByDepth(spec, [1, 4], members, iris.train, {
    ...options,
    learningRate: 0.03,
    epochs: 40,
  });
  const map = trainability(sweeps, 0.9);
  assert.deepEqual(map.depths, [1, 4]);
  assert.deepEqual(map.kernelScales, [1e-9, 1]);
  // Four layers that start from nearly nothing stay there; one does not.
  assert.deepEqual(map.share[1]![0], 0);
  assert.deepEqual(map.share[0]![1], 1);
});

test("countOutcomes() counts each network once: those that learned, are dead, diverged, or are stuck", async () => {
  const relu = { ...spec, activation: "relu", hiddenLayers: 3 } as const;
  const members = [
    { seed: 1, learningRate: 0.05 },
    { seed: 1, learningRate: 1e30 },
    { seed: 1, learningRate: 30 },
    { seed: 1, learningRate: 1e-9 },
  ];
  const sgd = { ...options, optimizer: "sgd", epochs: 100 } as const;
  const records = await trainEnsemble(relu, members, iris.train, sgd);
  const outcome = (i: number) => countOutcomes([records[i]!], 0.9);
  assert.equal(outcome(0).learned, 1);
  assert.equal(outcome(1).diverged, 1);
  assert.equal(outcome(2).dead, 1);
  assert.equal(outcome(3).stuck, 1);
  assert.deepEqual(countOutcomes(records, 0.9), { learned: 1, dead: 1, diverged: 1, stuck: 1 });
});

const refused = {
  "no depths": [[], /trainByDepth\(\): depths is \[\]/],
  "half a layer": [[1, 2.5], /trainByDepth\(\): depths\[1\] is 2\.5/],
} as const;
for (const [what, [depths, message]] of Object.entries(refused)) {
  test(`trainByDepth() refuses ${what}`, async () => {
    await assert.rejects(trainByDepth(spec, depths, [1], iris.train, options), message);
  });
}
