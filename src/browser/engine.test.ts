/**
 * The engine of browsers: what plans work out is what TensorFlow.js' CPU backend works out, operation by operation.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import type * as Tf from "@tensorflow/tfjs-node";
import type * as Library from "vanishing-gradients";
import type { CompiledFunction, CompileOptions, Work } from "../library/tensorflow/compileGraph.js";

const project = join(__dirname, "..", "..", "..");

/** What a bundle for browsers has. */
interface Bundle {
  readonly library: typeof Library;
  readonly tf: typeof Tf;
  readonly compileGraph: <Name extends string>(
    work: Work<Name>,
    options?: CompileOptions,
  ) => CompiledFunction<Name>;
}

let folder = "";
let planned: Bundle;
let eager: Bundle;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
  const { bundleForTests } = (await import(pathToFileURL(join(project, "src/browser/bundle.mjs")).href)) as {
    bundleForTests: (file: string, hasPlans: boolean) => Promise<void>;
  };
  const load = async (name: string, hasPlans: boolean): Promise<Bundle> => {
    const file = join(folder, name);
    await bundleForTests(file, hasPlans);
    // Both have one engine, which is among the globals. It says of each operation that it was there already.
    const { warn } = console;
    console.warn = () => {};
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- made just now
    const bundle = require(file) as Bundle;
    console.warn = warn;
    const { tf } = bundle;
    // Here is neither Node (the bundle does not look for it) nor a browser.
    tf.env().setPlatform("test", {
      now: () => performance.now(),
      isTypedArray: (value: unknown) =>
        value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array,
    } as unknown as Parameters<ReturnType<typeof tf.env>["setPlatform"]>[1]);
    await tf.setBackend("cpu");
    return bundle;
  };
  planned = await load("planned.cjs", true);
  eager = await load("eager.cjs", false);
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Tensors = readonly Tf.Tensor[];
type Operation = (tf: typeof Tf, inputs: Tensors) => Tf.Tensor;

/** A tensor's shape and numbers. */
interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** Runs an operation as a plan, and as it is. The inputs are changed before the plan runs a second time. */
function compare(operation: Operation, inputs: readonly Numbers[]): void {
  const { tf, compileGraph } = planned;
  const compiled = compileGraph<"y">((given) => ({ y: () => operation(tf, given) }), { isPure: true });
  for (const factor of [1, -0.7]) {
    const given = inputs.map(({ shape, values }) =>
      tf.tensor(
        Float32Array.from(values, (value) => factor * value),
        shape,
      ),
    );
    const expected = operation(tf, given);
    const { y } = compiled.run(given, ["y"]);
    assert.deepEqual([y.shape, y.dtype], [expected.shape, expected.dtype]);
    assertClose([...y.dataSync()], [...expected.dataSync()]);
  }
  assert.deepEqual(compiled.engine, { mode: "graph" });
  compiled.dispose();
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const other = expected[i]!;
    const isClose =
      Object.is(value, other) ||
      value === other ||
      Math.abs(value - other) <= 1e-6 * Math.max(1, Math.abs(other));
    assert.ok(isClose, `number ${i}: ${value}, not ${other}`);
  });
}

const number = fc.oneof(
  { weight: 20, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, -1, 0.5, NaN, Infinity, -Infinity, 100, -100) },
);
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });
const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const numbersOf = (shape: number[]): fc.Arbitrary<Numbers> =>
  fc.array(number, { minLength: size(shape), maxLength: size(shape) }).map((values) => ({ shape, values }));
const anyNumbers = shapes.chain(numbersOf);
/** A shape that fits another one by broadcasting. */
const fitting = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([skipped, isOne]) => shape.slice(skipped).map((length, i) => (isOne[i] ? 1 : length)));
const twoNumbers = shapes.chain((shape) =>
  fc
    .tuple(numbersOf(shape), fitting(shape).chain(numbersOf))
    .chain((pair) => fc.constantFrom(pair, pair.toReversed())),
);

const UNARY: Record<string, Operation> = {
  ...Object.fromEntries(
    (
      "abs ceil elu erf exp expm1 floor isFinite isInf isNaN leakyRelu neg reciprocal relu relu6 round selu sigmoid sign " +
      "softplus square step tanh softmax cos sin"
    )
      .split(" ")
      .map((name) => [
        name,
        (tf: typeof Tf, [x]: Tensors) =>
          (tf as unknown as Record<string, (x: Tf.Tensor) => Tf.Tensor>)[name]!(x!),
      ]),
  ),
  sqrt: (_, [x]) => x!.abs().sqrt(),
  rsqrt: (_, [x]) => x!.abs().add(0.1).rsqrt(),
  log: (_, [x]) => x!.abs().log(),
  clip: (_, [x]) => x!.clipByValue(-1, 2),
  "to int and back": (_, [x]) =>
    x!.clipByValue(-100, 100).isNaN().cast("int32").add(1).cast("float32").mul(2),
};

for (const [name, operation] of Object.entries(UNARY)) {
  test(`${name} of any tensor`, () => {
    fc.assert(
      fc.property(anyNumbers, (x) => {
        fc.pre(name !== "softmax" || x.shape.length > 0);
        compare(operation, [x]);
      }),
      { numRuns: 25 },
    );
  });
}

const BINARY =
  "add sub mul div maximum minimum pow equal notEqual greater greaterEqual less lessEqual squaredDifference mod";
for (const name of BINARY.split(" ")) {
  test(`${name} of any two tensors that fit`, () => {
    const operation: Operation = (_, [a, b]) =>
      (a as unknown as Record<string, (b: Tf.Tensor) => Tf.Tensor>)[name]!(b!);
    fc.assert(
      fc.property(twoNumbers, (pair) => {
        compare(operation, pair);
      }),
      { numRuns: 40 },
    );
  });
}

test("reductions along any axes", () => {
  const axes = fc.subarray([0, 1, 2, 3]);
  fc.assert(
    fc.property(
      anyNumbers,
      axes,
      fc.boolean(),
      fc.constantFrom("sum", "mean", "max", "min"),
      (x, all, keep, name) => {
        const axis = all.filter((one) => one < x.shape.length);
        compare((_, [given]) => given![name](axis, keep), [x]);
      },
    ),
    { numRuns: 200 },
  );
});

test("the place of the largest and the smallest", () => {
  const finite = shapes
    .filter((shape) => shape.length > 0)
    .chain((shape) =>
      fc
        .array(fc.integer({ min: -3, max: 3 }), { minLength: size(shape), maxLength: size(shape) })
        .map((values) => ({ shape, values })),
    );
  fc.assert(
    fc.property(finite, fc.nat(), fc.constantFrom("argMax", "argMin"), (x, axis, name) => {
      compare((_, [given]) => given![name](axis % x.shape.length), [x]);
    }),
  );
});

test("products of matrices, transposed or not, one or many", () => {
  const length = fc.integer({ min: 1, max: 9 });
  const sizes = fc.tuple(length, length, length, length);
  fc.assert(
    fc.property(
      sizes,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("both", "left", "right"),
      fc.integer(),
      ([batch, m, k, n], ta, tb, many, seed) => {
        const values = (count: number): number[] =>
          Array.from({ length: count }, (_, i) => Math.sin(seed + 7.3 * i));
        const a = [...(many === "right" ? [1] : [batch]), ...(ta ? [k, m] : [m, k])];
        const b = [...(many === "left" ? [1] : [batch]), ...(tb ? [n, k] : [k, n])];
        compare(
          (tf, [x, y]) => tf.matMul(x!, y!, ta, tb),
          [
            { shape: a, values: values(size(a)) },
            { shape: b, values: values(size(b)) },
          ],
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("slices, parts, tiles, other orders, margins, tensors behind each other", () => {
  const cases = fc.constantFrom<Operation>(
    (_, [x]) => x!.slice(x!.shape.map((length) => (length > 1 ? 1 : 0))),
    (tf, [x]) => tf.concat(tf.split(x!, x!.shape[0], 0).toReversed(), 0),
    (tf, [x]) => tf.stack(tf.unstack(x!, -1), 0),
    (_, [x]) => x!.tile(x!.shape.map((_, axis) => axis + 1)),
    (_, [x]) => x!.transpose().mul(2),
    (_, [x]) => x!.transpose([...x!.shape.keys()].slice(1).concat(0)).reshape([-1]),
    (tf, [x]) =>
      tf.pad(
        x!,
        x!.shape.map((_, axis) => [axis, 1] as [number, number]),
        3,
      ),
    (tf, [x]) => tf.concat([x!, x!.mul(2), tf.onesLike(x!)], x!.shape.length - 1),
    (tf, [x]) => tf.where(x!.greater(0), x!, x!.mul(-2)),
    (tf, [x]) => tf.gather(x!, [0, 0], 0),
    (tf, [x]) => tf.reverse(x!, 0),
    (tf, [x]) => tf.cumsum(x!, 0),
  );
  const solid = shapes.filter((shape) => shape.length > 0).chain(numbersOf);
  fc.assert(
    fc.property(cases, solid, (operation, x) => {
      compare(operation, [x]);
    }),
    { numRuns: 300 },
  );
});

test("only what is wanted is worked out, and an input may be an output", () => {
  const { tf, compileGraph } = planned;
  let made = 0;
  const compiled = compileGraph<"same" | "twice">(
    ([x]) => ({
      same: () => x!,
      twice: () => {
        made++;
        return x!.mul(2);
      },
    }),
    { isPure: true },
  );
  const x = tf.tensor([1, 2, 3]);
  assert.deepEqual([...compiled.run([x], ["same"]).same.dataSync()], [1, 2, 3]);
  assert.deepEqual([...compiled.run([x.mul(2)], ["twice", "same"]).twice.dataSync()], [4, 8, 12]);
  assert.equal(made, 1);
  assert.deepEqual([...x.dataSync()], [1, 2, 3]);
});

/** Every kind of training. Twelve steps or more: fewer are run operation by operation. */
const TRAININGS = (L: typeof Library): Record<string, () => Promise<Library.TrainingRecord[]>> => {
  const iris = L.standardize(L.splitTrainTest(L.loadIris(), { testShare: 1 / 3, seed: 42 }));
  const spec = { inputs: 4, outputs: 3, hiddenLayers: 3, width: 6, activation: "tanh" } as const;
  const common = {
    optimizer: "sgd",
    learningRate: 0.1,
    epochs: 20,
    batchSize: 40,
    seed: 1,
    test: iris.test,
  } as const;
  const adding = L.makeAddingProblem({ examples: 60, timeSteps: 5, seed: 1 });
  const lookups = L.makeLookups({ places: 3, symbols: 3, examples: 64, seed: 1 });
  const plain = { ...common, test: undefined, batchSize: 16 };
  const ensemble =
    (changes: object, options: object = {}) =>
    (): Promise<Library.TrainingRecord[]> =>
      L.trainEnsemble({ ...spec, ...changes }, [1, 2, 3], iris.train, { ...common, ...options });
  return {
    "one network": async () => {
      const model = L.buildMlp({ ...spec, seed: 1 });
      const record = await L.recordTraining(model, iris.train, common);
      model.dispose();
      return [record];
    },
    ...Object.fromEntries(L.activationNames.map((activation) => [activation, ensemble({ activation })])),
    ...Object.fromEntries(
      L.optimizerNames.map((optimizer) => [
        optimizer,
        ensemble({}, { optimizer, learningRate: 0.01, clipNorm: 1 }),
      ]),
    ),
    "batch normalization and shortcuts": ensemble({ batchNormalization: true, residual: true }),
    ...Object.fromEntries(
      L.floatFormatNames.map((format) => [
        `precision ${format}`,
        ensemble({}, { precision: { format, lossScale: 8 } }),
      ]),
    ),
    ...Object.fromEntries(
      (["simpleRNN", "gru", "lstm"] as const).map((cell) => [
        cell,
        () =>
          L.trainRecurrentEnsemble({ inputs: 2, outputs: 1, units: 4, timeSteps: 5, cell }, [1, 2], adding, {
            ...plain,
            optimizer: "adam",
            clipNorm: 1,
          }),
      ]),
    ),
    ...Object.fromEntries(
      (["pre", "post", "none"] as const).map((normalization) => [
        `transformer, ${normalization}`,
        () =>
          L.trainTransformers(
            { vocabulary: 6, tokens: 4, outputs: 3, width: 8, blocks: 2, normalization },
            [1, 2],
            lookups,
            plain,
          ),
      ]),
    ),
  };
};

test(
  "every kind of training gives the same record, to float32's precision",
  { timeout: 300_000 },
  async (t) => {
    const others = TRAININGS(eager.library);
    for (const [name, train] of Object.entries(TRAININGS(planned.library))) {
      await t.test(name, async () => {
        const [records, expected] = [await train(), await others[name]!()];
        records.forEach((record, i) => {
          const other = expected[i]!;
          assert.deepEqual([record.engine.mode, other.engine.mode], ["graph", "eager"]);
          // Differences in the last digit grow step by step.
          record.loss.slice(0, 12).forEach((loss, step) => {
            assert.ok(
              Math.abs(loss - other.loss[step]!) < 1e-4 * Math.max(1, other.loss[step]!),
              `${name}: loss of step ${step}: ${loss}, not ${other.loss[step]!}`,
            );
          });
          const [first, second] = [record, other].map((one) =>
            planned.library.gradientByLayer(one, { at: 0 }),
          );
          first!.forEach((gradient, l) => {
            assert.ok(
              Math.abs(gradient / second![l]! - 1) < 1e-4,
              `${name}: gradient of layer ${l}: ${gradient}, not ${second![l]!}`,
            );
          });
        });
      });
    }
  },
);

test("countIs lets chance be between two counts in other arithmetic", () => {
  const { countIs } = planned.library;
  assert.equal(countIs(100, 91, 400), true);
  assert.equal(countIs(1, 0, 20), true);
  assert.equal(countIs(160, 91, 400), false);
  assert.equal(countIs(8, 0, 20), false);
});

test("medianIs lets chance be between two medians in other arithmetic", () => {
  const { medianIs } = planned.library;
  // Of 20 numbers, the median lies between the 6th and the 15th in 95 of 100 cases.
  const values = Array.from({ length: 20 }, (_, i) => i + 1);
  assert.equal(medianIs(values, 7, 0), true);
  assert.equal(medianIs(values, 14, 0), true);
  assert.equal(medianIs(values, 5, 0), false);
  assert.equal(medianIs(values, 16, 0), false);
  assert.equal(medianIs(values, 16, 2), true);
  assert.equal(medianIs(Array<number>(20).fill(0.5), 0.6, 0.05), false);
});

test("quick kernels: large tensors, maxima along one axis too", () => {
  const large = fc.tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 60, max: 90 }),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(
      large,
      fc.integer(),
      fc.constantFrom("sum", "mean", "max", "min"),
      fc.nat({ max: 2 }),
      (shape, seed, name, axis) => {
        const { tf } = planned;
        const values = Array.from({ length: size(shape) }, (_, i) => Math.sin(seed + 7.3 * i));
        const x = tf.tensor(values, shape);
        const nested = x.arraySync() as number[][][];
        const along = (list: readonly number[]): number =>
          name === "max"
            ? Math.max(...list)
            : name === "min"
              ? Math.min(...list)
              : list.reduce((sum, one) => sum + one, 0) / (name === "mean" ? list.length : 1);
        const [a, b, c] = shape;
        const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
        const expected =
          axis === 0
            ? range(b).flatMap((j) => range(c).map((k) => along(range(a).map((i) => nested[i]![j]![k]!))))
            : axis === 1
              ? range(a).flatMap((i) => range(c).map((k) => along(range(b).map((j) => nested[i]![j]![k]!))))
              : range(a).flatMap((i) => range(b).map((j) => along(nested[i]![j]!)));
        assertClose([...x[name](axis).dataSync()], expected);
        const row = tf.tensor(values.slice(0, c), [c]);
        assertClose(
          [...x.add(row).dataSync()],
          values.map((value, i) => Math.fround(value) + Math.fround(values[i % c]!)),
        );
      },
    ),
    { numRuns: 60 },
  );
});
