import * as tf from "@tensorflow/tfjs-node";
import type { Dataset } from "../../data/dataset.js";

type Layer = tf.layers.Layer;
type Start = (shape: number[]) => Layer[];

/** A network up to its last layer, and the shape of what enters it. */
export interface LayerCase {
  readonly shape: number[];
  readonly stack: Start;
}

/** What the network gets: a row of numbers, read as a series, an image, a volume or words. */
export const VECTOR = [8];
export const SERIES = [4, 2];
const IMAGE = [4, 4, 2];
const VOLUME = [4, 4, 4, 1];

export const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
const { layers } = tf;
const flat = (): Layer => layers.flatten();
const cell = { kernelInitializer: seeded(3), recurrentInitializer: seeded(4) };
const kernel = { kernelInitializer: seeded(5) };
const depthwise = { kernelSize: 2, depthwiseInitializer: seeded(6) };

/** For each layer of tfjs-layers, the shape of the examples and the layers up to the classifier's last. */
export const layerCases: Readonly<Record<string, LayerCase>> = {
  activation: {
    shape: VECTOR,
    stack: (inputShape) => [
      layers.dense({ units: 4, inputShape, ...kernel }),
      layers.activation({ activation: "tanh" }),
    ],
  },
  alphaDropout: { shape: VECTOR, stack: (inputShape) => [layers.alphaDropout({ rate: 0.3, inputShape })] },
  averagePooling1d: {
    shape: SERIES,
    stack: (inputShape) => [layers.averagePooling1d({ inputShape }), flat()],
  },
  averagePooling2d: {
    shape: IMAGE,
    stack: (inputShape) => [layers.averagePooling2d({ inputShape }), flat()],
  },
  averagePooling3d: {
    shape: VOLUME,
    stack: (inputShape) => [
      layers.averagePooling3d({ inputShape, poolSize: 2, strides: 2, padding: "valid" }),
      flat(),
    ],
  },
  batchNormalization: { shape: VECTOR, stack: (inputShape) => [layers.batchNormalization({ inputShape })] },
  bidirectional: {
    shape: SERIES,
    stack: (inputShape) => [
      layers.bidirectional({
        layer: layers.lstm({ units: 2, ...cell }),
        mergeMode: "concat",
        inputShape,
      }),
    ],
  },
  conv1d: {
    shape: SERIES,
    stack: (inputShape) => [
      layers.conv1d({ filters: 3, kernelSize: 2, activation: "relu", inputShape, ...kernel }),
      flat(),
    ],
  },
  conv2d: {
    shape: IMAGE,
    stack: (inputShape) => [
      layers.conv2d({ filters: 3, kernelSize: 2, activation: "relu", inputShape, ...kernel }),
      flat(),
    ],
  },
  conv2dTranspose: {
    shape: IMAGE,
    stack: (inputShape) => [
      layers.conv2dTranspose({ filters: 3, kernelSize: 2, activation: "tanh", inputShape, ...kernel }),
      flat(),
    ],
  },
  conv3d: {
    shape: VOLUME,
    stack: (inputShape) => [
      layers.conv3d({ filters: 2, kernelSize: 2, activation: "tanh", inputShape, ...kernel }),
      flat(),
    ],
  },
  convLstm2d: {
    shape: [2, 4, 4, 1],
    stack: (inputShape) => [layers.convLstm2d({ filters: 2, kernelSize: 2, inputShape, ...cell }), flat()],
  },
  cropping2D: {
    shape: IMAGE,
    stack: (inputShape) => [layers.cropping2D({ cropping: 1, inputShape }), flat()],
  },
  dense: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, activation: "sigmoid", inputShape, ...kernel })],
  },
  depthwiseConv2d: {
    shape: IMAGE,
    stack: (inputShape) => [layers.depthwiseConv2d({ inputShape, ...depthwise }), flat()],
  },
  dropout: { shape: VECTOR, stack: (inputShape) => [layers.dropout({ rate: 0.3, inputShape })] },
  elu: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, inputShape, ...kernel }), layers.elu()],
  },
  embedding: {
    shape: VECTOR,
    stack: (inputShape) => [
      layers.embedding({
        inputDim: 9,
        outputDim: 2,
        inputLength: inputShape[0]!,
        embeddingsInitializer: seeded(7),
      }),
      flat(),
    ],
  },
  flatten: { shape: IMAGE, stack: (inputShape) => [layers.flatten({ inputShape })] },
  gaussianDropout: {
    shape: VECTOR,
    stack: (inputShape) => [layers.gaussianDropout({ rate: 0.3, inputShape })],
  },
  gaussianNoise: {
    shape: VECTOR,
    stack: (inputShape) => [layers.gaussianNoise({ stddev: 0.3, inputShape })],
  },
  globalAveragePooling1d: {
    shape: SERIES,
    stack: (inputShape) => [layers.globalAveragePooling1d({ inputShape })],
  },
  globalAveragePooling2d: {
    shape: IMAGE,
    stack: (inputShape) => [layers.globalAveragePooling2d({ inputShape })],
  },
  globalMaxPooling1d: { shape: SERIES, stack: (inputShape) => [layers.globalMaxPooling1d({ inputShape })] },
  globalMaxPooling2d: { shape: IMAGE, stack: (inputShape) => [layers.globalMaxPooling2d({ inputShape })] },
  gru: { shape: SERIES, stack: (inputShape) => [layers.gru({ units: 3, inputShape, ...cell })] },
  layerNormalization: { shape: VECTOR, stack: (inputShape) => [layers.layerNormalization({ inputShape })] },
  leakyReLU: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, inputShape, ...kernel }), layers.leakyReLU()],
  },
  lstm: { shape: SERIES, stack: (inputShape) => [layers.lstm({ units: 3, inputShape, ...cell })] },
  masking: { shape: SERIES, stack: (inputShape) => [layers.masking({ maskValue: 0, inputShape }), flat()] },
  maxPooling1d: { shape: SERIES, stack: (inputShape) => [layers.maxPooling1d({ inputShape }), flat()] },
  maxPooling2d: { shape: IMAGE, stack: (inputShape) => [layers.maxPooling2d({ inputShape }), flat()] },
  maxPooling3d: {
    shape: VOLUME,
    stack: (inputShape) => [
      layers.maxPooling3d({ inputShape, poolSize: 2, strides: 2, padding: "valid" }),
      flat(),
    ],
  },
  permute: { shape: SERIES, stack: (inputShape) => [layers.permute({ dims: [2, 1], inputShape }), flat()] },
  prelu: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, inputShape, ...kernel }), layers.prelu()],
  },
  reLU: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, inputShape, ...kernel }), layers.reLU()],
  },
  repeatVector: { shape: VECTOR, stack: (inputShape) => [layers.repeatVector({ n: 2, inputShape }), flat()] },
  rescaling: { shape: VECTOR, stack: (inputShape) => [layers.rescaling({ scale: 0.5, inputShape })] },
  reshape: {
    shape: VECTOR,
    stack: (inputShape) => [layers.reshape({ targetShape: [2, 4], inputShape }), flat()],
  },
  rnn: {
    shape: SERIES,
    stack: (inputShape) => [
      layers.rnn({
        cell: layers.stackedRNNCells({
          cells: [layers.gruCell({ units: 2, ...cell }), layers.simpleRNNCell({ units: 2, ...cell })],
        }),
        inputShape,
      }),
    ],
  },
  separableConv2d: {
    shape: IMAGE,
    stack: (inputShape) => [
      layers.separableConv2d({
        filters: 2,
        kernelSize: 2,
        depthwiseInitializer: seeded(6),
        pointwiseInitializer: seeded(7),
        inputShape,
      }),
      flat(),
    ],
  },
  simpleRNN: { shape: SERIES, stack: (inputShape) => [layers.simpleRNN({ units: 3, inputShape, ...cell })] },
  softmax: {
    shape: VECTOR,
    stack: (inputShape) => [layers.dense({ units: 4, inputShape, ...kernel }), layers.softmax()],
  },
  spatialDropout1d: {
    shape: SERIES,
    stack: (inputShape) => [layers.spatialDropout1d({ rate: 0.3, inputShape }), flat()],
  },
  timeDistributed: {
    shape: SERIES,
    stack: (inputShape) => [
      layers.timeDistributed({ layer: layers.dense({ units: 3, ...kernel }), inputShape }),
      flat(),
    ],
  },
  upSampling2d: {
    shape: IMAGE,
    stack: (inputShape) => [layers.upSampling2d({ size: [2, 2], inputShape }), flat()],
  },
  zeroPadding2d: { shape: IMAGE, stack: (inputShape) => [layers.zeroPadding2d({ inputShape }), flat()] },
};

/** How many numbers a shape has. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/** Made up examples of three classes: small whole numbers, so that they can be words, too. */
export const dataset = (size: number): Dataset => ({
  name: "made up",
  features: Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: size }, (_, j) => Math.abs(Math.round(8 * Math.sin(1 + 3 * i + 7 * j)))),
  ),
  featureNames: Array.from({ length: size }, (_, j) => `x${j}`),
  labels: Array.from({ length: 12 }, (_, i) => i % 3),
  classNames: ["a", "b", "c"],
});

/** A case as a classifier. Kernels are the same each time, whatever a layer starts from. */
export function classifier({ shape, stack }: LayerCase): tf.Sequential {
  const model = tf.sequential({
    layers: [
      ...stack(shape),
      layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(9) }),
    ],
  });
  tf.tidy(() => {
    model.trainableWeights.forEach((weight, i) => {
      if (weight.shape.length > 1) {
        weight.write(seeded(20 + i).apply(weight.shape));
      }
    });
  });
  return model;
}
