import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { compileGraph } from "./compileGraph.js";

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

// Graphs are written where no other process writes.
const folder = mkdtempSync(join(tmpdir(), "graphs-"));
process.env["TMPDIR"] = folder;
after(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a check and makes sure that no tensor and no file is left. */
function leavingNothing(check: () => void): void {
  const before = tf.memory().numTensors;
  tf.tidy(check);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(readdirSync(folder), []);
}

test("a compiled function gives what it gives eagerly, to the last bit, for other inputs than it was traced with", () => {
  leavingNothing(() => {
    const work = (inputs: readonly tf.Tensor[]) => {
      const [x, w] = inputs as [tf.Tensor, tf.Tensor];
      const z = tf.matMul(x, w);
      const loss = (own: tf.Tensor): tf.Scalar =>
        tf
          .matMul(x as tf.Tensor2D, own as tf.Tensor2D)
          .tanh()
          .sum();
      return { z: () => z, a: () => z.sigmoid(), gradient: () => tf.grad(loss)(w), same: () => w };
    };
    const compiled = compileGraph(work);
    for (const seed of [1, 2, 3]) {
      const inputs = [
        tf.randomNormal([5, 4], 0, 1, "float32", seed),
        tf.randomNormal([4, 3], 0, 1, "float32", seed + 9),
      ];
      const outputs = compiled.run(inputs, ["a", "gradient", "same"]);
      const expected = work(inputs);
      assert.deepEqual(numbers(outputs.a), numbers(expected.a()));
      assert.deepEqual(numbers(outputs.gradient), numbers(expected.gradient()));
      assert.deepEqual(numbers(outputs.same), numbers(inputs[1]!));
    }
    assert.deepEqual(compiled.engine, { mode: "graph" });
    compiled.dispose();
  });
});

test("each combination of shapes has a graph of its own", () => {
  leavingNothing(() => {
    let runs = 0;
    const compiled = compileGraph(([x]) => {
      runs += 1;
      return { mean: () => x!.mean() };
    });
    for (const size of [2, 3, 2, 3, 2, 3]) {
      assert.deepEqual(numbers(compiled.run([tf.range(0, size)], ["mean"]).mean), [(size - 1) / 2]);
    }
    // Twice for each: with other inputs, to see whether it does the same.
    assert.equal(runs, 4);
    compiled.dispose();
  });
});

test("the same tensor can be given twice", () => {
  leavingNothing(() => {
    const compiled = compileGraph(([a, b]) => ({ difference: () => a!.sub(b!) }));
    const one = tf.scalar(1);
    assert.deepEqual(numbers(compiled.run([one, one], ["difference"]).difference), [0]);
    assert.deepEqual(numbers(compiled.run([tf.scalar(5), one], ["difference"]).difference), [4]);
    compiled.dispose();
  });
});

const notTraceable: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "draws at random": (x) => x.add(tf.randomUniform(x.shape)),
  "reads numbers and works with them": (x) => x.mul(x.dataSync()[0]! + 1),
  "decides by numbers": (x) => (x.dataSync()[0]! > 0.9 ? x.add(1) : x.sub(1)),
};
for (const [what, work] of Object.entries(notTraceable)) {
  test(`a function that ${what} runs eagerly, and says why`, () => {
    leavingNothing(() => {
      const compiled = compileGraph(([x]) => ({ y: () => work(x!) }));
      compiled.run([tf.ones([2])], ["y"]);
      assert.equal(compiled.engine.mode, "eager");
      assert.match(compiled.engine.reason ?? "", /at random or worked out in JavaScript/);
      const low = compiled.run([tf.fill([2], 0.5)], ["y"]).y;
      if (what === "decides by numbers") {
        assert.deepEqual(numbers(low), [-0.5, -0.5]);
      }
      compiled.dispose();
    });
  });
}

test("what is drawn is drawn anew at each run, and is the same for the same seed, as a graph and eagerly", () => {
  leavingNothing(() => {
    const drawn = (isGraph: boolean, seed: number): number[][] => {
      const compiled = compileGraph(([x], { draw }) => ({ y: () => x!.add(draw("uniform", [3])) }), {
        seed,
        isWorthwhile: () => isGraph,
        isPure: true,
      });
      const x = tf.zeros([3]);
      // The first draw of a graph goes into its trace.
      const runs = [1, 2, 3, 4].map(() => numbers(compiled.run([x], ["y"]).y));
      assert.equal(compiled.engine.mode, isGraph ? "graph" : "eager");
      compiled.dispose();
      return runs;
    };
    for (const isGraph of [true, false]) {
      const [first, again, other] = [drawn(isGraph, 1), drawn(isGraph, 1), drawn(isGraph, 2)];
      assert.deepEqual(first, again);
      assert.notDeepEqual(first, other);
      assert.equal(new Set(first.map(String)).size, 4);
      assert.ok(first.flat().every((value) => value >= 0 && value < 1));
    }
  });
});

test("an error in the function reaches the caller", () => {
  leavingNothing(() => {
    const compiled = compileGraph(([x]) => ({ y: () => x!.reshape([7]) }));
    assert.throws(() => compiled.run([tf.ones([2])], ["y"]), /reshape|Size/);
    compiled.dispose();
  });
});

test("divisions, roots and what is made of them are rounded as IEEE 754 says, whatever the processor", () => {
  const x = tf.randomUniform([40, 50], 0.1, 10, "float32", 1);
  const y = tf.randomUniform([40, 50], 0.1, 10, "float32", 2);
  const works: Record<string, [(x: tf.Tensor, y: tf.Tensor) => tf.Tensor, (x: number, y: number) => number]> =
    {
      "1 / x": [(x) => tf.scalar(1).div(x), (x) => 1 / x],
      "ones / x": [(x) => tf.ones([40, 50]).div(x), (x) => 1 / x],
      "1 / xy": [(x, y) => tf.scalar(1).div(x.mul(y)), (x, y) => 1 / Math.fround(x * y)],
      reciprocal: [(x) => x.reciprocal(), (x) => 1 / x],
      "x / sqrt(y)": [(x, y) => x.div(y.sqrt()), (x, y) => x / Math.fround(Math.sqrt(y))],
      rsqrt: [(x) => x.rsqrt(), (x) => 1 / Math.fround(Math.sqrt(x))],
    };
  const [xs, ys] = [numbers(x), numbers(y)];
  for (const [name, [work, exact]] of Object.entries(works)) {
    const compiled = compileGraph(([x, y]) => ({ result: () => work(x!, y!) }), { isPure: true });
    const { result } = compiled.run([x, y], ["result"]);
    const expected = xs.map((value, i) => Math.fround(exact(value, ys[i]!)));
    assert.deepEqual(numbers(result), expected, name);
    compiled.dispose();
  }
});

test("softmax and batch normalization by given moments are what they are eagerly", () => {
  const x = tf.randomNormal([8, 5], 0, 3, "float32", 1);
  const [mean, variance, scale, offset] = [1, 2, 3, 4].map((seed) =>
    tf.randomUniform([5], 0.5, 2, "float32", seed),
  );
  const work = (x: tf.Tensor): Record<"softmax" | "normalized", () => tf.Tensor> => ({
    softmax: () => tf.softmax(x),
    normalized: () =>
      tf.batchNorm(
        x as tf.Tensor2D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-3,
      ),
  });
  const compiled = compileGraph(([x]) => work(x!), { isPure: true });
  const graph = compiled.run([x], ["softmax", "normalized"]);
  for (const name of ["softmax", "normalized"] as const) {
    const eager = numbers(work(x)[name]());
    numbers(graph[name]).forEach((value, i) => {
      assert.ok(
        Math.abs(value - eager[i]!) <= 1e-6 * (1 + Math.abs(eager[i]!)),
        `${name}: ${value}, ${eager[i]}`,
      );
    });
  }
  compiled.dispose();
});
