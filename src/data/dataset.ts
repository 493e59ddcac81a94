import * as tf from "@tensorflow/tfjs-node";

/** Examples with known classes, in plain numbers. */
export interface Dataset {
  readonly name: string;
  /** The inputs, [examples][features]. */
  readonly features: readonly (readonly number[])[];
  /** The class of each example: an index into classNames. */
  readonly labels: readonly number[];
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
}

/** A dataset cut in two: one part to train on, one to test with. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** The same dataset with only the examples whose indices are given, in that order. */
export function selectExamples(dataset: Dataset, indices: readonly number[]): Dataset {
  const pick = <T>(values: readonly T[]): T[] =>
    indices.map((index) => {
      const value = values[index];
      if (value === undefined) {
        throw new RangeError(`selectExamples(): index ${index} is not one of the ${values.length} examples`);
      }
      return value;
    });
  return { ...dataset, features: pick(dataset.features), labels: pick(dataset.labels) };
}

/**
 * The tensors that `model.fit` takes. The caller disposes of them.
 *
 * `x` is [examples, features]. With two classes `y` is [examples, 1] of 0 and 1, for one sigmoid output and
 * binary cross-entropy; with more it is one-hot, [examples, classes], for softmax and categorical cross-entropy.
 */
export function toTensors(dataset: Dataset): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const { features, labels, classNames } = dataset;
  const x = tf.tensor2d(features.flat(), [features.length, dataset.featureNames.length]);
  const y = tf.tidy(() =>
    classNames.length === 2
      ? tf.tensor2d([...labels], [labels.length, 1])
      : tf.oneHot(tf.tensor1d([...labels], "int32"), classNames.length).toFloat(),
  );
  return { x, y: y as tf.Tensor2D };
}
