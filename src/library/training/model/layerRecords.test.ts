import * as tf from "@tensorflow/tfjs-node";
import assert from "node:assert/strict";
import test from "node:test";
import { toTensors } from "../../data/dataset.js";
import { meanAbs } from "../../measures/statistics.js";
import type { LayerRecord } from "../record.js";
import { recordTraining } from "../recordTraining.js";
import { kindOf } from "./layerKind.js";
import { type Layer, namedLayers, trainedArrays } from "./layerTree.js";
import { classifier, dataset, type LayerCase, layerCases, SERIES, sizeOf } from "./madeUpLayers.js";

const { layers } = tf;

/** Combinations beside the single layers. */
const MORE: Readonly<Record<string, LayerCase>> = {
  "a bidirectional layer of series": {
    shape: SERIES,
    stack: (inputShape) => [
      layers.bidirectional({
        layer: layers.gru({ units: 2, returnSequences: true }),
        mergeMode: "sum",
        inputShape,
      }),
      layers.flatten(),
    ],
  },
  "a nested model in TimeDistributed": {
    shape: SERIES,
    stack: (inputShape) => [
      layers.timeDistributed({
        layer: tf.sequential({
          layers: [
            layers.dense({ units: 3, activation: "tanh", inputShape: [2] }),
            layers.dense({ units: 2, activation: "relu" }),
          ],
        }),
        inputShape,
      }),
      layers.flatten(),
    ],
  },
  "PReLU after a convolution": {
    shape: [4, 4, 2],
    stack: (inputShape) => [
      layers.conv2d({ filters: 3, kernelSize: 2, inputShape }),
      layers.prelu({ alphaInitializer: tf.initializers.constant({ value: 0.3 }) }),
      layers.flatten(),
    ],
  },
  "a depthwise convolution after a convolution": {
    shape: [4, 4, 2],
    stack: (inputShape) => [
      layers.conv2d({ filters: 3, kernelSize: 2, activation: "relu", inputShape }),
      layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, activation: "tanh" }),
      layers.globalAveragePooling2d({}),
    ],
  },
  "a convolution with channels first": {
    shape: [2, 4, 4],
    stack: (inputShape) => [
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        dataFormat: "channelsFirst",
        activation: "relu",
        inputShape,
      }),
      layers.flatten(),
    ],
  },
  "two recurrent layers": {
    shape: SERIES,
    stack: (inputShape) => [
      layers.lstm({ units: 3, returnSequences: true, inputShape }),
      layers.simpleRNN({ units: 2, activation: "tanh" }),
    ],
  },
};

/** Classes whose training draws numbers: another run gives others. */
const RANDOM = /[dD]ropout|Noise/;

const options = { optimizer: "adam", learningRate: 0.01, epochs: 2, batchSize: 4 } as const;

for (const [name, layerCase] of Object.entries({ ...layerCases, ...MORE })) {
  const { shape } = layerCase;
  // Numbers of about 1, so that no probability is cut off in model.fit()'s loss; words as they are.
  const whole = dataset(sizeOf(shape));
  const data =
    name === "embedding" ? whole : { ...whole, features: whole.features.map((row) => row.map((x) => x / 8)) };
  const tensors = (): { x: tf.Tensor; y: tf.Tensor } => {
    const { x, y } = toTensors(data);
    return { x: x.reshape([data.labels.length, ...shape]), y };
  };

  test(`${name}: each layer with weights has its record, its own names and shapes, and a number or a reason for all`, async () => {
    const model = classifier(layerCase);
    const wanted = [...namedLayers(model)].map(([layer, layerName]) => ({
      name: layerName,
      arrays: trainedArrays(layer).map((array) => ({ name: array.name, shape: array.variable.shape })),
    }));
    const record = await recordTraining(model, data, options);
    assert.deepEqual(
      record.layers.map((layer) => ({
        name: layer.name,
        arrays: layer.parameters.map((array) => ({ name: array.name, shape: array.shape })),
      })),
      wanted.filter(({ arrays }) => arrays.length > 0),
    );
    const count = record.layers.reduce((sum, layer) => sum + layer.parameters.length, 0);
    assert.equal(count, model.trainableWeights.length);
    for (const layer of record.layers) {
      checkMeasurements(layer, record.steps.length);
    }
    model.dispose();
  });

  test(
    `${name}: the recorded gradient is that of automatic differentiation`,
    { skip: RANDOM.test(name) },
    async () => {
      const model = classifier(layerCase);
      const expected = gradientsOf(model, tensors());
      const record = await recordTraining(model, data, { ...options, epochs: 1, batchSize: 12 });
      assert.equal(record.parameters.length, expected.length);
      record.parameters.forEach((parameter, i) => {
        near(parameter.gradient[0]!, expected[i]!, 1e-4, `${parameter.layer}, ${parameter.name}`);
      });
      model.dispose();
    },
  );

  test(
    `${name}: the weights after training are those of model.fit()`,
    { skip: RANDOM.test(name) },
    async () => {
      const [recorded, fitted] = [classifier(layerCase), classifier(layerCase)];
      fitted.setWeights(recorded.getWeights());
      const [before, after] = [() => recorded.getWeights().map((weight) => weight.dataSync()), tensors()];
      const start = before();
      await recordTraining(recorded, data, options);
      fitted.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
      const quiet: object = { verbose: 0, yieldEvery: "never" };
      await fitted.fit(after.x, after.y, { ...quiet, epochs: 2, batchSize: 4, shuffle: false });
      const end = before();
      fitted.getWeights().forEach((weight, i) => {
        near(end[i]!, weight.dataSync(), 2e-3, `weight ${i}`, 0.01);
      });
      assert.ok(end.some((weights, i) => weights.some((value, w) => value !== start[i]![w])));
      recorded.dispose();
      fitted.dispose();
    },
  );

  test(
    `${name}: what passes is what the model computes, and dL/dz is that of automatic differentiation`,
    { skip: RANDOM.test(name) || name.includes("atchNorm") },
    async () => {
      const model = classifier(layerCase);
      const places = [...model.layers.entries()].filter(([, layer]) =>
        ["linear", "lookup"].includes(layer.weights.length > 0 ? kindOf(layer) : "other"),
      );
      const expected = places.map(([place, layer]) => ({
        name: layer.name,
        ...passingOf(model, place, tensors()),
      }));
      const record = await recordTraining(model, data, { ...options, epochs: 1, batchSize: 12 });
      for (const { name: layerName, z, delta, units, positions } of expected) {
        const layer = record.layers.find((one) => one.name === layerName)!;
        assert.deepEqual([layer.units, layer.positions], [units, positions], layerName);
        near([layer.preActivationGradient.meanAbs[0]!], [meanAbs(delta)], 1e-4, `dL/dz of ${layerName}`);
        near(
          [layer.preActivations.mean[0]!],
          [z.reduce((sum, one) => sum + one, 0) / z.length],
          1e-4,
          `z of ${layerName}`,
          1,
        );
      }
      model.dispose();
    },
  );
}

/** Each quantity is there, at each step and finite, or NaN and a reason is. */
function checkMeasurements(layer: LayerRecord, steps: number): void {
  const lists = {
    preActivations: layer.preActivations.std,
    activations: layer.activations.std,
    saturated: layer.saturated,
    dead: layer.dead,
    input: layer.input.rms,
    preActivationGradient: layer.preActivationGradient.rms,
  };
  for (const [quantity, list] of Object.entries(lists)) {
    const reason = layer.notMeasured[quantity as keyof typeof lists];
    assert.equal(list.length, steps);
    assert.ok(
      list.every(reason === undefined ? Number.isFinite : Number.isNaN),
      `${layer.name}: ${quantity}`,
    );
    assert.ok(reason === undefined || reason.length > 20);
  }
}

function lossOf(output: tf.Tensor, y: tf.Tensor): tf.Scalar {
  return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(y, output.clipByValue(1e-7, 1).log());
}

/** dL/dW of all trainable arrays, in the model's order. */
function gradientsOf(model: tf.LayersModel, { x, y }: { x: tf.Tensor; y: tf.Tensor }): Float32Array[] {
  const variables = [...namedLayers(model).keys()].flatMap((layer) =>
    trainedArrays(layer).map(({ variable }) => variable),
  );
  const { grads } = tf.variableGrads(
    () => lossOf(model.apply(x, { training: true }) as tf.Tensor, y),
    variables,
  );
  return variables.map((variable) => grads[variable.name]!.dataSync<"float32">());
}

/** z of a layer of a sequence, and dL/dz: by the layers that come after it. */
function passingOf(
  model: tf.Sequential,
  place: number,
  { x, y }: { x: tf.Tensor; y: tf.Tensor },
): { z: Float32Array; delta: Float32Array; units: number; positions: number } {
  const layer = model.layers[place]! as Layer & {
    activation?: { apply(z: tf.Tensor): tf.Tensor } | null;
    dataFormat?: string;
  };
  const { activation } = layer;
  const through = (list: readonly Layer[], from: tf.Tensor): tf.Tensor =>
    list.reduce((tensor, one) => one.apply(tensor) as tf.Tensor, from);
  const entering = through(model.layers.slice(0, place), x);
  if (activation) {
    layer.activation = (layers.activation({ activation: "linear" }) as typeof layer).activation!;
  }
  const z = layer.apply(entering) as tf.Tensor;
  if (activation) {
    layer.activation = activation;
  }
  const delta = tf.grad((tensor: tf.Tensor) =>
    lossOf(through(model.layers.slice(place + 1), activation?.apply(tensor) ?? tensor), y),
  )(z);
  const units = z.shape.at(layer.dataFormat === "channelsFirst" ? 1 : -1)!;
  return {
    z: z.dataSync<"float32">(),
    delta: delta.dataSync<"float32">(),
    units,
    positions: z.size / units / z.shape[0],
  };
}

/** Equal to a share of the largest of these numbers, or of `scale`. */
function near(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  scale = 1e-6,
): void {
  assert.equal(actual.length, expected.length, what);
  const largest = Math.max(scale, ...Array.from(expected, Math.abs));
  Array.from(expected).forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) <= tolerance * largest, `${what}: ${actual[i]}, not ${value}`);
  });
}
