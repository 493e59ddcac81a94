import assert from "node:assert/strict";
import test from "node:test";
import { makeLookups } from "../../data/lookups.js";
import { makeInitializer } from "../../models/initializers.js";
import {
  checkTransformerSpec,
  transformerArrays,
  type TransformerSpec,
} from "../../models/transformerSpec.js";
import { tf } from "../../tensorflow/tf.js";
import { attention, attentionWeights } from "./transformerForward.js";
import { trainTransformers } from "./trainTransformers.js";
import { TransformerTrainable } from "./transformerTrainable.js";

const small = { vocabulary: 5, tokens: 3, outputs: 3, blocks: 2, width: 4, heads: 2, hidden: 5 } as const;
const data = makeLookups({ examples: 6, places: 2, symbols: 3, seed: 1 });
const once = { optimizer: "sgd", learningRate: 1e-9, epochs: 1, batchSize: 6 } as const;

type Matrix = number[][];
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
const softmax = (row: number[]): number[] => {
  const powers = row.map(Math.exp);
  const sum = powers.reduce((all, value) => all + value);
  return powers.map((value) => value / sum);
};

/** The mean loss in plain numbers, from all numbers of one network: another way to say what a transformer is. */
function plainLoss(wanted: TransformerSpec, numbers: readonly number[]): number {
  const spec = checkTransformerSpec("test", wanted);
  const held = new Map<string, Matrix>();
  let start = 0;
  for (const { layer, name, shape } of transformerArrays(spec)) {
    const [rows, columns] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, shape[0]!];
    const rowsOf = (_: unknown, i: number): number[] =>
      numbers.slice(start + i * columns, start + (i + 1) * columns);
    held.set(`${layer} ${name}`, Array.from({ length: rows }, rowsOf));
    start += rows * columns;
  }
  const of = (layer: string, name = "kernel"): Matrix => held.get(`${layer} ${name}`)!;
  const norm = (layer: string, x: Matrix): Matrix =>
    x.map((row) => {
      const mean = spec.norm === "layer" ? row.reduce((sum, value) => sum + value) / row.length : 0;
      const square = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      const beta = spec.norm === "layer" ? of(layer, "beta")[0]! : row.map(() => 0);
      const gamma = of(layer, "gamma")[0]!;
      return row.map((value, j) => ((value - mean) / Math.sqrt(square + 1e-5)) * gamma[j]! + beta[j]!);
    });
  const attend = (block: string, x: Matrix): Matrix => {
    const [q, k, v] = ["query", "key", "value"].map((part) => times(x, of(block + part)));
    const size = spec.width / spec.heads;
    const taken = x.map((_, i) =>
      Array.from({ length: spec.width }, (__, j) => {
        const head = Math.floor(j / size) * size;
        const score = (other: number): number =>
          Array.from({ length: size }, (___, d) => q![i]![head + d]! * k![other]![head + d]!).reduce(
            (a, b) => a + b,
          );
        const shares = softmax(x.map((___, other) => score(other) / Math.sqrt(size)));
        return shares.reduce((sum, share, other) => sum + share * v![other]![j]!, 0);
      }),
    );
    return times(taken, of(`${block}attentionOut`));
  };
  const feed = (block: string, x: Matrix): Matrix =>
    times(
      times(x, of(`${block}hidden`)).map((row) => row.map((value) => Math.max(0, value))),
      of(`${block}feedForwardOut`),
    );
  const add = (prefix: string, x: Matrix, branch: (input: Matrix) => Matrix): Matrix => {
    const out = branch(spec.normalization === "pre" ? norm(`${prefix}Norm`, x) : x);
    const gain = spec.branchGain === undefined ? undefined : of(`${prefix}Gain`, "gamma")[0]!;
    const sum = plus(
      x,
      out.map((row) => row.map((value, j) => value * (gain?.[j] ?? 1) * spec.branchScale)),
    );
    return spec.normalization === "post" ? norm(`${prefix}Norm`, sum) : sum;
  };
  const losses = data.features.map((row, example) => {
    let x = plus(
      Array.from(row, (token) => of("embedding")[token]!),
      of("embedding", "positions"),
    );
    for (let b = 1; b <= spec.blocks; b++) {
      x = add(`block${b}_attention`, x, (input) => attend(`block${b}_`, input));
      x = add(`block${b}_feedForward`, x, (input) => feed(`block${b}_`, input));
    }
    const [logits] = times([(spec.normalization === "pre" ? norm("outputNorm", x) : x)[0]!], of("output"));
    return -Math.log(softmax(logits!)[data.labels[example]!]!);
  });
  return losses.reduce((sum, loss) => sum + loss) / losses.length;
}

const variants: Record<string, TransformerSpec> = {
  "post-norm": { ...small, normalization: "post" },
  "pre-norm, with root mean squares": { ...small, normalization: "pre", norm: "rms" },
  "no norm, scaled": { ...small, normalization: "none", branchScale: 0.5 },
  "pre-norm with a gain": { ...small, normalization: "pre", branchGain: 0.3 },
};

for (const [name, spec] of Object.entries(variants)) {
  test(`loss and gradient of a transformer are those of plain numbers and finite differences: ${name}`, async () => {
    const [record] = await trainTransformers(spec, [3], data, once);
    const numbers = record!.parameters.flatMap(({ before }) => [...before[0]!]);
    const gradient = record!.parameters.flatMap(({ gradient }) => [...gradient[0]!]);
    assert.ok(Math.abs(record!.loss[0]! - plainLoss(spec, numbers)) < 1e-5);
    const largest = Math.max(...gradient.map(Math.abs));
    for (let i = 0; i < numbers.length; i += 7) {
      const moved = (by: number): number =>
        plainLoss(
          spec,
          numbers.map((value, j) => (i === j ? value + by : value)),
        );
      const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      assert.ok(
        Math.abs(difference - gradient[i]!) < 1e-4 * largest,
        `number ${i}: ${difference}, ${gradient[i]}`,
      );
    }
  });
}

test("a matrix's gradient is what entered its layer times dL/dz", () => {
  tf.tidy(() => {
    const trainable = new TransformerTrainable(checkTransformerSpec("test", variants["post-norm"]!), [1, 2]);
    const x = tf.tensor2d(data.features.map((row) => Array.from(row)));
    const targets = trainable.loss.targets(Int32Array.from(data.labels), 3);
    const weights = trainable.initialWeights();
    const pass = trainable.pass(
      weights,
      [],
      { x, targets },
      { keep: (tensor) => tf.keep(tensor.clone()), draw: () => x },
    );
    const measured = trainable.layers.filter(({ isScaling }) => !isScaling);
    const row = pass.gradient.slice([1, 0], [1, -1]).dataSync<"float32">();
    measured.forEach(({ name }, i) => {
      const { input, delta } = pass.signals[i]!;
      if (!input) {
        return;
      }
      const place = trainable.parameters.find(({ layer }) => layer === name)!;
      const product = tf.matMul(input, delta!, true).slice([1, 0, 0], [1, -1, -1]).dataSync();
      place.of(row).forEach((value, j) => {
        assert.ok(Math.abs(value - product[j]!) < 1e-6, `${name}: ${value}, ${product[j]}`);
      });
    });
  });
});

test("a network trains among others, as a graph, as it does by itself, operation by operation", async () => {
  const before = tf.memory().numTensors;
  const options = {
    optimizer: "adam",
    learningRate: 0.01,
    epochs: 20,
    batchSize: 3,
    seed: 1,
    test: data,
  } as const;
  const among = await trainTransformers(variants["post-norm"]!, [1, 2, 3], data, options);
  const [alone] = await trainTransformers(variants["post-norm"]!, [2], data, { ...options, engine: "eager" });
  assert.equal(among[1]!.engine.mode, "graph");
  assert.ok(Math.abs(among[1]!.loss.at(-1)! - alone!.loss.at(-1)!) < 1e-3 * alone!.loss[0]!);
  assert.ok(among[1]!.loss.at(-1)! < among[1]!.loss[0]!);
  assert.equal(tf.memory().numTensors, before);
});

test("large networks are trained group by group, as they are by themselves", async () => {
  // About 150 MB each.
  const large: TransformerSpec = {
    ...small,
    vocabulary: 10,
    tokens: 8,
    blocks: 4,
    width: 64,
    hidden: 256,
    normalization: "pre",
  };
  const examples = makeLookups({ examples: 192, places: 7, symbols: 3, seed: 1 });
  const done: number[] = [];
  const onProgress = ({ step }: { readonly step: number }): void => void done.push(step);
  const options = { ...once, batchSize: 192, epochs: 2, onProgress };
  const together = await trainTransformers(large, [1, 2], examples, options);
  assert.deepEqual(done, [0.5, 1, 1.5, 2]);
  const alone = await Promise.all([1, 2].map((seed) => trainTransformers(large, [seed], examples, options)));
  assert.deepEqual(together, alone.flat());
});

test("kernels start from the initializer of their place, and zero branches give only their last matrix a gradient", async () => {
  const [record] = await trainTransformers(
    { ...variants["post-norm"]!, zeroBranches: true },
    [7],
    data,
    once,
  );
  const query = record!.layers.find(({ name }) => name === "block1_query")!;
  const place = transformerArrays(checkTransformerSpec("test", variants["post-norm"]!)).findIndex(
    ({ layer }) => layer === "block1_query",
  );
  const expected = tf.tidy(() =>
    makeInitializer("glorotUniform", 7, place).apply([4, 4]).dataSync<"float32">(),
  );
  assert.deepEqual([...query.kernel.before[0]!], [...expected]);
  const largest = (name: string): number =>
    Math.max(...record!.layers.find((layer) => layer.name === name)!.kernel.gradient[0]!.map(Math.abs));
  assert.equal(largest("block2_hidden"), 0);
  assert.ok(largest("block2_feedForwardOut") > 0);
});

test("attention takes the mean where queries are zero, and one value where a query is like one key alone", () => {
  tf.tidy(() => {
    const [k, v] = [
      tf.tensor2d([
        [1, 0],
        [0, 1],
      ]),
      tf.tensor2d([
        [2, 0],
        [4, 8],
      ]),
    ];
    assert.deepEqual(attention(tf.tensor2d([[0, 0]]), k, v).arraySync(), [[3, 4]]);
    assert.deepEqual(attention(tf.tensor2d([[0, 1000]]), k, v).arraySync(), [[4, 8]]);
    const [row] = attentionWeights(tf.tensor2d([[Math.SQRT2, 0]]), k).arraySync() as number[][];
    assert.ok(Math.abs(row![0]! - Math.E / (Math.E + 1)) < 1e-6);
  });
});

test("bad arguments are named", async () => {
  const spec = variants["post-norm"]!;
  const refused = async (wrong: Partial<TransformerSpec>, message: RegExp): Promise<void> =>
    assert.rejects(trainTransformers({ ...spec, ...wrong }, [1], data, once), message);
  await refused({ heads: 3 }, /heads is 3; it must be a divisor of the width, 4/);
  await refused({ blocks: 0 }, /blocks is 0/);
  await refused(
    { vocabulary: 4 },
    /dataset.features\[\d+\]\[0\] is 4; it must be a whole number from 0 to 3/,
  );
  await assert.rejects(
    trainTransformers(spec, [1], data, { ...once, loss: "hinge" }),
    /loss is "hinge".*left out/,
  );
});

test("makeLookups asks for symbols that stand at the places named, all about equally often", () => {
  const { features, labels } = makeLookups({ examples: 2000, places: 4, symbols: 4, seed: 5 });
  features.forEach((row, i) => {
    assert.equal(labels[i], row[1 + row[0]! - 4]);
  });
  for (let symbol = 0; symbol < 4; symbol++) {
    const share = labels.filter((label) => label === symbol).length / 2000;
    assert.ok(Math.abs(share - 1 / 4) < 0.05);
  }
  assert.throws(() => makeLookups({ examples: 2, places: 0, symbols: 2, seed: 1 }), /places is 0/);
});
