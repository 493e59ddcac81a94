/** From facts to a program that can be run. */
import * as tf from "@tensorflow/tfjs-node";
import {
  type AnyDataset,
  type LossName,
  type OptimizerOptions,
  recordGradients,
  type TrainingOptions,
  type TrainingRecord,
} from "vanishing-gradients";
import { makeData } from "./data.js";
import type { InitializerFacts, LayerFacts, OptimizerFacts, ProgramFacts } from "./facts.js";

/** What `recordTraining` takes. */
export interface Program {
  readonly model: tf.LayersModel;
  readonly dataset: AnyDataset;
  readonly options: TrainingOptions;
}

/** e^z, which tf.layers has no name for. */
class Exponential extends tf.layers.Layer {
  static readonly className = "Exponential";

  override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (Array.isArray(inputs) ? inputs[0]! : inputs).exp();
  }
}
tf.serialization.registerClass(Exponential);

const LOSSES: Readonly<Record<string, LossName>> = {
  mae: "meanAbsoluteError",
  mse: "meanSquaredError",
  binaryCrossEntropy: "binaryCrossentropy",
  categoricalCrossEntropy: "categoricalCrossentropy",
  sparseCategoricalCrossEntropy: "categoricalCrossentropy",
};

type Initializer = ReturnType<typeof tf.initializers.glorotUniform>;
type BidirectionalArgs = Parameters<typeof tf.layers.bidirectional>[0];
type DenseActivation = NonNullable<Parameters<typeof tf.layers.dense>[0]["activation"]>;

/** Keras' short names, and what they stand for; Glorot's start if none is given. */
function initializer(facts: InitializerFacts | undefined, seed: number): Initializer {
  if (facts === undefined) {
    return tf.initializers.glorotUniform({ seed });
  }
  const { name, ...settings } = typeof facts === "string" ? { name: facts } : facts;
  const range = { minval: -0.05, maxval: 0.05, seed };
  switch (name) {
    case "uniform":
      return tf.initializers.randomUniform(range);
    case "normal":
      return tf.initializers.randomNormal({ mean: 0, stddev: 0.05, seed });
    case "randomNormal":
      return tf.initializers.randomNormal({ mean: 0, stddev: 1, ...settings, seed });
    case "heUniform":
      return tf.initializers.heUniform({ seed });
    case "leCunNormal":
      return tf.initializers.leCunNormal({ seed });
    case "constant":
      return tf.initializers.constant({ value: 0, ...settings });
    case "varianceScaling":
      // Of a bias: so many numbers come in as go out.
      return tf.initializers.randomNormal({ mean: 0, stddev: 0.3, seed });
    default:
      throw new Error(`no initializer "${name}"`);
  }
}

/** The layers that facts stand for: one, and another where the activation function has no name in tf.layers. */
function layersOf(facts: LayerFacts, seed: () => number): tf.layers.Layer[] {
  const { activation = "linear" } = facts;
  const isNamed = activation !== "exponential";
  const weights = {
    kernelInitializer: initializer(facts.initializer, seed()),
    biasInitializer:
      facts.biasInitializer === undefined
        ? tf.initializers.zeros()
        : initializer(facts.biasInitializer, seed()),
    activation: (isNamed ? activation : "linear") as DenseActivation,
  };
  const convolution = {
    ...weights,
    filters: facts.filters ?? 1,
    kernelSize: [...(facts.kernel ?? [])] as [number, number, number],
    padding: facts.padding ?? "valid",
    strides: facts.strides ?? 1,
  };
  const makers: Readonly<Record<string, () => tf.layers.Layer>> = {
    dense: () => tf.layers.dense({ ...weights, units: facts.units ?? 1 }),
    dropout: () => tf.layers.dropout({ rate: facts.rate ?? 0, seed: seed() }),
    flatten: () => tf.layers.flatten(),
    conv2d: () =>
      tf.layers.conv2d({ ...convolution, kernelSize: [...(facts.kernel ?? [])] as [number, number] }),
    conv3d: () => tf.layers.conv3d(convolution),
    maxPool2d: () => tf.layers.maxPooling2d({ poolSize: [...(facts.size ?? [])] as [number, number] }),
    // tf.layers has no global one; these cubes are 4 wide by then.
    globalAveragePooling3d: () => tf.layers.averagePooling3d({ poolSize: [4, 4, 4] }),
    masking: () => tf.layers.masking({ maskValue: facts.value ?? 0 }),
    lstm: () =>
      tf.layers.lstm({
        units: facts.units ?? 1,
        returnSequences: facts.returnSequences ?? false,
        kernelInitializer: initializer(undefined, seed()),
        recurrentInitializer: tf.initializers.orthogonal({ seed: seed() }),
      }),
    bidirectional: () =>
      // tfjs' types ask for a class that it does not export.
      tf.layers.bidirectional({
        layer: inner(facts, seed),
        mergeMode: "concat",
      } as unknown as BidirectionalArgs),
    timeDistributed: () => tf.layers.timeDistributed({ layer: inner(facts, seed) }),
  };
  const make = makers[facts.type];
  if (make === undefined) {
    throw new Error(`no layer "${facts.type}"`);
  }
  const next =
    facts.type === "globalAveragePooling3d" ? [tf.layers.flatten()] : isNamed ? [] : [new Exponential({})];
  return [make(), ...next];
}

function inner({ of }: LayerFacts, seed: () => number): tf.layers.Layer {
  return layersOf(of!, seed)[0]!;
}

function optimizerOptions(facts: OptimizerFacts): OptimizerOptions & Pick<TrainingOptions, "schedule"> {
  const { name, learningRate, momentum = 0, nesterov, decay, beta1, beta2, rho } = facts;
  const schedule = decay === undefined ? {} : { schedule: (step: number) => 1 / (1 + decay * step) };
  switch (name) {
    case "sgd":
      return momentum > 0
        ? { optimizer: nesterov ? "nesterov" : "momentum", learningRate, momentum, ...schedule }
        : { optimizer: "sgd", learningRate, ...schedule };
    case "adam":
      return { optimizer: "adam", learningRate, beta1: beta1 ?? 0.9, beta2: beta2 ?? 0.999 };
    case "rmsprop":
      return { optimizer: "rmsprop", learningRate, rho: rho ?? 0.9 };
    case "adagrad":
      return { optimizer: "adagrad", learningRate };
  }
}

/** How many weights a record holds, of all its steps; and how many inputs it is probed with. */
const MOST_NUMBERS = 3e7;
const MOST_INPUTS = 1e6;

/** A program with the weights, the data and the order of a seed. */
export function makeProgram(facts: ProgramFacts, seed: number): Program {
  const { dataset, shape } = makeData(facts.rule, facts.examples, seed);
  let drawn = 1000 * seed;
  const next = (): number => (drawn += 1);
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: [...shape] }));
  for (const layer of facts.network) {
    for (let i = 0; i < (layer.times ?? 1); i++) {
      layersOf(layer, next).forEach((made) => {
        model.add(made);
      });
    }
  }
  if (facts.rule === "gameOfLife") {
    model.add(tf.layers.flatten());
  }
  const batchSize = facts.batchSize === "all" ? dataset.features.length : facts.batchSize;
  const steps = Math.ceil(dataset.features.length / batchSize) * facts.epochs;
  return {
    model,
    dataset,
    options: {
      ...optimizerOptions(facts.optimizer),
      loss: LOSSES[facts.loss]!,
      epochs: facts.epochs,
      batchSize,
      seed,
      recordEvery: Math.max(
        1,
        Math.floor(steps / 50),
        Math.ceil((steps * model.countParams()) / MOST_NUMBERS),
      ),
      probeExamples: Math.max(1, Math.min(1000, Math.floor(MOST_INPUTS / dataset.features[0]!.length))),
    },
  };
}

/** Whether a model says something at each step of a series. */
export const isByStep = (model: tf.LayersModel): boolean => model.outputs[0]!.shape.length === 3;

/** Trains a model that names a class at each step, by `model.fit`. */
export async function fitByStep({ model, dataset, options }: Program): Promise<TrainingRecord> {
  if (!("targets" in dataset)) {
    throw new Error("a class for each step is wanted");
  }
  const { learningRate, momentum = 0, optimizer, epochs, batchSize = 32 } = options;
  const [[, steps, features], [, , classes]] = [model.inputs, model.outputs].map(([end]) => end!.shape) as [
    number[],
    number[],
  ];
  const x = tf.tensor3d(dataset.features.flat(), [dataset.features.length, steps!, features!]);
  const y = tf.oneHot(
    tf.tensor2d(
      dataset.targets.map((row) => [...row]),
      undefined,
      "int32",
    ),
    classes!,
  );
  const recorder = recordGradients();
  model.compile({
    optimizer: tf.train.momentum(learningRate, momentum, optimizer === "nesterov"),
    loss: options.loss as string,
  });
  try {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is not exported
    const silent = { verbose: 0 } as tf.ModelFitArgs;
    await model.fit(x, y, { ...silent, epochs, batchSize, callbacks: recorder });
    return recorder.record;
  } finally {
    tf.dispose([x, y]);
  }
}
