/**
 * Networks drawn at random, healthy ones and such with a mistake: on them it is measured how often `diagnose` is right. A
 * recipe is what is drawn: data, kind of layers, width, depth, functions, normalization, optimizer.
 */
import * as tf from "@tensorflow/tfjs-node";
import {
  type AnyDataset,
  type Disease,
  loadDigits,
  loadIris,
  makeCircles,
  makeWaves,
  standardize,
  type TrainingOptions,
} from "vanishing-gradients";
import type { Program } from "./program.js";
import { Random } from "./random.js";

/** What a network is made of, before it is built: mistakes change it. */
interface Recipe {
  dataset: AnyDataset;
  readonly shape: readonly number[];
  kind: "dense" | "convolution" | "rnn" | "gru" | "lstm";
  depth: number;
  width: number;
  activation: string;
  isNormalized: boolean;
  /** Times the start that fits the function. */
  scale: number;
  /** Where biases of hidden layers start. */
  bias: number;
  /** All weights of a layer start at one number. */
  constant?: number;
  /** Recurrent weights start as this times an orthogonal matrix. */
  memory: number;
  penalty: number;
  end: { units: number; activation: string };
  options: TrainingOptions;
}

/** A healthy network's start: He's for functions like ReLU, LeCun's for SELU, Glorot's for others. */
function varianceOf(activation: string): number {
  return ["relu", "elu", "swish", "gelu"].includes(activation) ? 2 : 1;
}

function classesOf(dataset: AnyDataset): number {
  return "labels" in dataset ? dataset.classNames.length : 0;
}

/** A series whose class is told by the sign of its first number. */
function makeMemory(random: Random, examples: number, steps: number): AnyDataset {
  const rows = random.times(examples, () => random.times(steps, () => 0.5 * random.normal()));
  rows.forEach((row, i) => {
    row[0] = i % 2 === 0 ? 1 : -1;
  });
  return {
    name: "memory",
    features: rows,
    featureNames: Array.from({ length: steps }, (_, t) => `step ${t}`),
    labels: rows.map((row) => (row[0]! > 0 ? 1 : 0)),
    classNames: ["-", "+"],
  };
}

/** Data, the shape of an example, and the kind of layers. */
function drawData(random: Random): Pick<Recipe, "dataset" | "shape" | "kind"> {
  const seed = random.below(1e6);
  const kind = random.weighted([3, 3, 2, 2, 1, 1]);
  switch (kind) {
    case 0:
      return { dataset: standardize(loadIris()), shape: [4], kind: "dense" };
    case 1: {
      const noise = random.uniform(0.02, 0.1);
      const dataset = makeCircles({ examples: 300, factor: random.uniform(0.3, 0.5), noise, seed });
      return { dataset, shape: [2], kind: "dense" };
    }
    case 2: {
      const { features, targets, ...rest } = makeWaves({ examples: 300, noise: 0.1, seed });
      // Between -pi and pi, a standard deviation of 1.8.
      const scaled = features.map(([x]) => [x! / 1.8]);
      return {
        dataset: { ...rest, features: scaled, targets: targets.map(([y]) => [y! * 1.4]) },
        shape: [1],
        kind: "dense",
      };
    }
    case 3:
      return { dataset: loadDigits({ examples: 400, seed }), shape: [784], kind: "dense" };
    case 4:
      return { dataset: loadDigits({ examples: 300, seed }), shape: [28, 28, 1], kind: "convolution" };
    default: {
      const steps = 8 + random.below(5);
      return {
        dataset: makeMemory(random, 300, steps),
        shape: [steps, 1],
        kind: random.pick(["gru", "lstm"]),
      };
    }
  }
}

const RATES = {
  sgd: 0.1,
  momentum: 0.02,
  nesterov: 0.02,
  adam: 0.005,
  rmsprop: 0.003,
  adamw: 0.005,
} as const;

/** A network in which nothing is wrong. */
function drawHealthy(random: Random): Recipe {
  const data = drawData(random);
  const isRecurrent = ["rnn", "gru", "lstm"].includes(data.kind);
  const classes = classesOf(data.dataset);
  const optimizer = random.pick(
    isRecurrent
      ? (["adam", "rmsprop"] as const)
      : (["sgd", "momentum", "nesterov", "adam", "rmsprop", "adamw"] as const),
  );
  const depth = isRecurrent ? 1 : 1 + random.below(data.kind === "convolution" ? 2 : 4);
  const functions = ["relu", "tanh", "elu", "selu", "swish", ...(depth <= 2 ? ["sigmoid"] : [])];
  const isSlow = optimizer === "sgd" || optimizer === "momentum" || optimizer === "nesterov";
  const epochs =
    data.kind === "convolution" ? 12 : isRecurrent ? 25 : data.shape[0] === 784 ? 20 : isSlow ? 100 : 50;
  return {
    ...data,
    depth,
    width: isRecurrent ? 8 + random.below(9) : 8 + random.below(25),
    activation: isRecurrent ? "tanh" : random.pick(functions),
    isNormalized: !isRecurrent && data.kind !== "convolution" && random.chance(0.2),
    scale: 1,
    bias: 0,
    memory: 1,
    penalty: random.chance(0.2) ? 1e-4 : 0,
    end:
      classes === 0
        ? { units: 1, activation: "linear" }
        : classes === 2
          ? { units: 1, activation: "sigmoid" }
          : { units: classes, activation: "softmax" },
    options: {
      optimizer,
      learningRate: RATES[optimizer] * random.logUniform(0.5, 2),
      epochs,
      batchSize: random.pick([16, 32]),
      seed: 1 + random.below(1e6),
      recordEvery: 20,
    },
  };
}

type Mistake = (recipe: Recipe, random: Random) => Recipe | undefined;

const onOptions =
  (change: (options: TrainingOptions, random: Random) => Partial<TrainingOptions>): Mistake =>
  (recipe, random) => ({ ...recipe, options: { ...recipe.options, ...change(recipe.options, random) } });

/** A change of recipes that fit; others can't have the mistake. */
const onRecipes =
  (fits: (recipe: Recipe) => boolean, change: (recipe: Recipe, random: Random) => Partial<Recipe>): Mistake =>
  (recipe, random) =>
    fits(recipe) ? { ...recipe, ...change(recipe, random) } : undefined;

/** Plain gradient descent in place of the recipe's optimizer. */
const withSgd = (
  { options }: Recipe,
  learningRate: number,
  epochs = options.epochs,
): Pick<Recipe, "options"> => ({ options: { ...options, optimizer: "sgd", learningRate, epochs } });

const scaled = (dataset: AnyDataset, factor: number, shift: number): AnyDataset => ({
  ...dataset,
  features: dataset.features.map((row) => row.map((x) => factor * x + shift)),
});
const isDense = ({ kind }: Recipe): boolean => kind === "dense";
/** Nothing puts the sizes of weights and inputs right. */
const isPlain = (recipe: Recipe): boolean => isDense(recipe) && !recipe.isNormalized;
const hasClasses = ({ dataset }: Recipe): boolean => "labels" in dataset;
const stepsOf = ({ dataset, options }: Recipe): number =>
  Math.ceil(dataset.features.length / options.batchSize!);

/** How to make each mistake; undefined where a recipe can't have it. */
export const mistakes: Partial<Record<Disease, Mistake>> = {
  "output cannot say the targets": (recipe, random) => {
    const { dataset } = recipe;
    return "targets" in dataset
      ? { ...recipe, end: { units: 1, activation: random.pick(["sigmoid", "relu", "softplus"]) } }
      : undefined;
  },
  "loss does not fit the output": (recipe, random) =>
    hasClasses(recipe) && recipe.end.units > 1
      ? random.chance(0.5)
        ? {
            ...recipe,
            end: { ...recipe.end, activation: "relu" },
            options: { ...recipe.options, loss: "categoricalCrossentropy" },
          }
        : {
            ...recipe,
            end: { ...recipe.end, activation: "softmax" },
            options: { ...recipe.options, loss: "categoricalCrossentropyFromLogits", epochs: 4 },
          }
      : undefined,
  "loss does not fit the targets": (recipe) =>
    hasClasses(recipe) && recipe.end.units > 1
      ? {
          ...recipe,
          options: { ...recipe.options, loss: "meanAbsoluteError", optimizer: "sgd", learningRate: 0.05 },
        }
      : undefined,
  "no activation function": (recipe) =>
    recipe.dataset.name === "Circles" || "targets" in recipe.dataset
      ? { ...recipe, activation: "linear", depth: 1 + (recipe.depth % 3) }
      : undefined,
  "input not standardized": onRecipes(isPlain, ({ dataset }, random) => ({
    dataset: random.chance(0.5)
      ? scaled(dataset, random.logUniform(30, 1000), 0)
      : scaled(dataset, 1, random.logUniform(30, 300)),
  })),
  "targets not scaled": (recipe, random) => {
    const { dataset } = recipe;
    const factor = random.logUniform(100, 10000);
    return "targets" in dataset
      ? {
          ...recipe,
          dataset: { ...dataset, targets: dataset.targets.map((row) => row.map((y) => factor * y)) },
        }
      : undefined;
  },
  "constant targets": (recipe) => {
    const { dataset } = recipe;
    return "targets" in dataset
      ? { ...recipe, dataset: { ...dataset, targets: dataset.targets.map(() => [0.7]) } }
      : { ...recipe, dataset: { ...dataset, labels: dataset.labels.map(() => 0) } };
  },
  "targets unrelated to the inputs": (recipe, random) => {
    const { dataset } = recipe;
    return "targets" in dataset
      ? { ...recipe, dataset: { ...dataset, targets: random.shuffled(dataset.targets) } }
      : { ...recipe, dataset: { ...dataset, labels: random.shuffled(dataset.labels) } };
  },
  "class imbalance": (recipe, random) =>
    recipe.end.units === 1 && hasClasses(recipe)
      ? {
          ...recipe,
          dataset: {
            ...recipe.dataset,
            features: recipe.dataset.features.map((row) => row.map(() => random.normal())),
            labels: recipe.dataset.features.map(() => Number(random.chance(0.03))),
          } as AnyDataset,
          options: { ...recipe.options, epochs: 10 },
        }
      : undefined,
  "symmetric units": onRecipes(isDense, (_, random) => ({ constant: random.pick([0, 0.05, 0.2]) })),
  "start too large": onRecipes(
    (recipe) => isPlain(recipe) && recipe.depth > 1,
    (recipe, random) => ({ scale: random.logUniform(5, 30), ...withSgd(recipe, 0.001, 20) }),
  ),
  "start too small": onRecipes(isPlain, (recipe, random) => ({
    depth: 3 + random.below(3),
    scale: random.logUniform(0.01, 0.15),
    ...withSgd(recipe, 0.1, 20),
  })),
  "saturated units": onRecipes(isPlain, (recipe, random) => ({
    activation: random.pick(["sigmoid", "tanh"]),
    bias: random.uniform(5, 12),
    ...withSgd(recipe, 0.01, 20),
  })),
  "exploding gradient": onRecipes(isDense, (_, random) => ({
    depth: 10 + random.below(8),
    activation: random.pick(["relu", "elu"]),
    isNormalized: false,
    scale: 2.1,
  })),
  "vanishing gradient": onRecipes(isDense, ({ options }, random) => ({
    depth: 6 + random.below(6),
    activation: "sigmoid",
    isNormalized: false,
    options: { ...options, epochs: 20 },
  })),
  "vanishing through time": (recipe, random) =>
    ["gru", "lstm"].includes(recipe.kind)
      ? {
          ...recipe,
          kind: "rnn",
          memory: random.uniform(0.2, 0.5),
          dataset: makeMemory(random, 300, 40),
          shape: [40, 1],
          options: { ...recipe.options, epochs: 8 },
        }
      : undefined,
  "dead units": onRecipes(isPlain, (_, random) => ({
    activation: random.pick(["relu", "relu6"]),
    bias: -random.uniform(8, 20),
  })),
  "gradient clipped too much": onOptions((_, random) => ({
    clipNorm: random.logUniform(1e-5, 1e-3),
    optimizer: "sgd",
    learningRate: 0.1,
  })),
  "weight decay too strong": onRecipes(isPlain, (recipe, random) => ({
    penalty: random.logUniform(0.3, 2),
    ...withSgd(recipe, 0.1),
  })),
  "momentum too high": onOptions((_, random) => ({
    optimizer: "momentum",
    momentum: random.pick([0.99, 0.995, 0.999]),
    learningRate: 0.1,
    epochs: 10,
  })),
  "learning rate too large": onOptions((options, random) => ({
    optimizer: "sgd",
    learningRate: RATES.sgd * random.logUniform(50, 1000),
    epochs: Math.min(options.epochs, 20),
  })),
  "learning rate too small": onOptions(({ learningRate }, random) => ({
    learningRate: learningRate / random.logUniform(1e3, 1e5),
  })),
  "too few epochs": (recipe, random) => {
    const epochs = Math.ceil((25 + random.below(40)) / stepsOf(recipe));
    return {
      ...recipe,
      options: { ...recipe.options, epochs, recordEvery: 2, optimizer: "sgd", learningRate: 0.05 },
    };
  },
  "too few steps": (recipe) =>
    stepsOf(recipe) < 19
      ? {
          ...recipe,
          options: { ...recipe.options, epochs: 1, recordEvery: 1, optimizer: "adam", learningRate: 1e-3 },
        }
      : undefined,
};

/** What else is right to say of a network with a mistake: what follows from it, or the same in other words. */
export const alsoRight: Partial<Record<Disease, readonly Disease[]>> = {
  "output cannot say the targets": ["loss does not fit the output"],
  "loss does not fit the output": ["numbers run away"],
  "input not standardized": [
    "saturated units",
    "vanishing gradient",
    "exploding gradient",
    "dead units",
    "numbers run away",
    "learning rate too large",
  ],
  "targets not scaled": ["exploding gradient", "numbers run away", "learning rate too large", "dead units"],
  "class imbalance": ["targets unrelated to the inputs"],
  "symmetric units": ["vanishing gradient", "start too small", "dead units"],
  "start too large": [
    "saturated units",
    "exploding gradient",
    "vanishing gradient",
    "numbers run away",
    "learning rate too large",
  ],
  "start too small": ["vanishing gradient"],
  "exploding gradient": ["start too large", "numbers run away", "learning rate too large"],
  "saturated units": ["vanishing gradient"],
  "dead units": ["vanishing gradient"],
  "momentum too high": ["numbers run away", "learning rate too large", "dead units"],
  "learning rate too large": ["numbers run away", "dead units"],
  "gradient clipped too much": ["learning rate too small", "too few epochs"],
  "too few epochs": ["learning rate too small"],
  "too few steps": ["learning rate too small"],
  "learning rate too small": ["too few epochs"],
};

/** Mistakes in data and layers; and in how a network is trained: one of each can be made at once. */
const IN_THE_NETWORK: readonly Disease[] = [
  "output cannot say the targets",
  "no activation function",
  "input not standardized",
  "targets not scaled",
  "constant targets",
  "targets unrelated to the inputs",
  "symmetric units",
  "dead units",
];
const IN_THE_TRAINING: readonly Disease[] = [
  "gradient clipped too much",
  "momentum too high",
  "learning rate too large",
  "learning rate too small",
  "too few epochs",
];

/** All pairs of mistakes that a network can have at once. */
export const mistakePairs: readonly (readonly [Disease, Disease])[] = IN_THE_NETWORK.flatMap((one) =>
  IN_THE_TRAINING.map((other) => [one, other] as const),
);

/** A network that was drawn, and what is wrong with it. */
export interface Drawn {
  readonly program: Program;
  readonly mistakes: readonly Disease[];
  /** In words, for tables. */
  readonly told: string;
}

/** Draws networks until one can have all of these mistakes. */
export function draw(seed: number, wanted: readonly Disease[]): Drawn {
  const random = new Random(seed);
  for (;;) {
    const recipe = wanted.reduce<Recipe | undefined>(
      (before, disease) => before && mistakes[disease]!(before, random),
      drawHealthy(random),
    );
    if (recipe !== undefined) {
      const { kind, depth, width, activation, options, dataset } = recipe;
      const told = `${dataset.name}, ${kind} ${depth} x ${width} ${activation}, ${options.optimizer} ${options.learningRate}`;
      return { program: build(recipe, seed), mistakes: wanted, told };
    }
  }
}

function build(recipe: Recipe, seed: number): Program {
  const { shape, depth, width, activation, end, kind } = recipe;
  let drawn = 1000 * (seed % 1e6);
  const weights = (scale: number, own: string): object => ({
    kernelInitializer:
      recipe.constant === undefined
        ? tf.initializers.varianceScaling({
            scale: scale ** 2 * varianceOf(own),
            mode: varianceOf(own) === 2 ? "fanIn" : "fanAvg",
            distribution: "normal",
            seed: (drawn += 1),
          })
        : tf.initializers.constant({ value: recipe.constant }),
    ...(recipe.penalty > 0 && { kernelRegularizer: tf.regularizers.l2({ l2: recipe.penalty }) }),
  });
  const hidden = {
    ...weights(recipe.scale, activation),
    biasInitializer: tf.initializers.constant({ value: recipe.bias }),
  };
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: [...shape] }));
  for (let i = 0; i < depth; i++) {
    const own = { ...hidden, ...weights(recipe.scale, activation), activation } as object;
    const recurrent = {
      units: width,
      kernelInitializer: tf.initializers.glorotUniform({ seed: (drawn += 1) }),
      recurrentInitializer: tf.initializers.orthogonal({ gain: recipe.memory, seed: (drawn += 1) }),
    };
    model.add(
      kind === "dense"
        ? tf.layers.dense({ ...own, units: width })
        : kind === "convolution"
          ? tf.layers.conv2d({ ...own, filters: 6, kernelSize: 3, strides: 2 })
          : kind === "rnn"
            ? tf.layers.simpleRNN(recurrent)
            : kind === "gru"
              ? tf.layers.gru(recurrent)
              : tf.layers.lstm(recurrent),
    );
    if (recipe.isNormalized) {
      model.add(tf.layers.batchNormalization());
    }
  }
  if (kind === "convolution") {
    model.add(tf.layers.flatten());
  }
  model.add(
    tf.layers.dense({ ...weights(1, end.activation), ...end } as Parameters<typeof tf.layers.dense>[0]),
  );
  return { model, dataset: recipe.dataset, options: recipe.options };
}
