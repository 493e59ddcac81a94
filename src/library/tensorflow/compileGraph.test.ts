import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import test from "node:test";
import { compileGraph } from "./compileGraph.js";

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** Runs a check and makes sure that no tensor and no file is left. */
function leavingNothing(check: () => void): void {
  const folders = (): number => readdirSync(tmpdir()).filter((name) => name.startsWith("vanishing-")).length;
  const before = [tf.memory().numTensors, folders()];
  tf.tidy(check);
  assert.deepEqual([tf.memory().numTensors, folders()], before);
}

test("a compiled function gives what it gives eagerly, to the last bit, for other inputs than it was traced with", () => {
  leavingNothing(() => {
    const work = (inputs: readonly tf.Tensor[]) => {
      const [x, w] = inputs as [tf.Tensor, tf.Tensor];
      const z = tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
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
