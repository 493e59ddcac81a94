/** The data of the programs, made by the rule that describes them. To add one, add an entry. */
import { type AnyDataset, loadDigits, loadIris, makeCircles, mean, std } from "vanishing-gradients";
import { Random } from "./random.js";

/** An input of an example, and its class (a whole number) or what is to be told of it. */
type Example = readonly [features: readonly number[], told: number | readonly number[]];

interface Rule {
  /** How many classes there are; not given where numbers are told. */
  readonly classes?: number;
  /** An example's shape, if it is no list of features. */
  readonly shape?: readonly number[];
  readonly make: (random: Random, examples: number) => readonly Example[];
}

const XOR: readonly Example[] = [
  [[1, 1], 0],
  [[1, 0], 1],
  [[0, 0], 0],
  [[0, 1], 1],
];
/** The classes of the letter codes, less the first, which the program skips; eight of them are 1. */
const LETTERS: readonly Example[] = [
  ...Array.from({ length: 10 }, (): Example => [[65, 66, 67], 0]),
  ...Array.from({ length: 7 }, (): Example => [[68, 69, 70], 1]),
  [[65, 66, 70], 0],
  [[65, 66, 70], 0],
  [[68, 69, 67], 1],
];

const letters = (random: Random, examples: number): Example[] => random.shuffled(LETTERS).slice(0, examples);
const grid = (count: number, first: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i * step);
const quartic = (count: number): [number, number][] => grid(count, -100, 200 / count).map((x) => [x, x ** 4]);
/** Numbers less their mean, over their standard deviation. */
function standardized(values: readonly number[]): number[] {
  const [middle, width] = [mean(values), std(values)];
  return values.map((value) => (value - middle) / width);
}
function digits(random: Random, examples: number, scale: number, label = (own: number) => own): Example[] {
  const { features, labels } = loadDigits({ examples, seed: random.below(1e6) });
  return features.map((row, i) => [scale === 1 ? row : row.map((x) => x * scale), label(labels[i]!)]);
}
const halves = (random: Random, examples: number, size: number): Example[] =>
  random.shuffled(
    random.times(examples, (i): Example => [Array.from({ length: size }, () => i % 2), i % 2 === 1 ? 0 : 1]),
  );

/** scikit-learn's make_multilabel_classification: counts of words, drawn as the labels that hold have them. */
function wordCounts(random: Random, examples: number, words: number, labels: number): [number[], number[]][] {
  const often = random.times(labels, () => random.uniform());
  const profiles = random.times(labels, () => random.times(words, () => random.uniform()));
  return random.times(examples, () => {
    let wanted = random.poisson(2);
    while (wanted > labels) {
      wanted = random.poisson(2);
    }
    const held = Array.from({ length: labels }, () => 0);
    for (let count = 0; count < wanted; count++) {
      held[random.weighted(often.map((weight, label) => (held[label] ? 0 : weight)))] = 1;
    }
    const weights = Array.from({ length: words }, (_, word) =>
      wanted === 0 ? 1 : held.reduce((sum, own, label) => sum + own * profiles[label]![word]!, 0),
    );
    const counts = Array.from({ length: words }, () => 0);
    const length = random.poisson(50);
    for (let drawn = 0; drawn < length; drawn++) {
      counts[random.weighted(weights)]! += 1;
    }
    return [counts, held];
  });
}

/** The next state of a board of 3 x 3, wrapped round: each cell neighbors all others. */
function nextBoard(board: readonly number[]): number[] {
  const alive = board.reduce((sum, cell) => sum + cell, 0);
  return board.map((cell) => (alive - cell === 3 || (cell === 1 && alive - cell === 2) ? 1 : 0));
}

const RULES = {
  xor: { classes: 2, make: () => XOR },
  repeatedXor: { classes: 2, make: () => [...XOR, XOR[0]!, XOR[2]!] },
  scaledSum: {
    make: (random, examples) =>
      random.times(examples, () => {
        const x = random.times(3, () => random.uniform(0, 10000));
        return [x, [2 * x[0]! + x[1]! + 0.5 * x[2]! + 2.2]];
      }),
  },
  blackOrWhite: {
    classes: 2,
    shape: [100, 100, 1],
    make: (random, examples) => halves(random, examples, 10000),
  },
  onesOrZeros: {
    classes: 2,
    shape: [8, 8, 8, 3],
    make: (random, examples) => halves(random, examples, 8 ** 3 * 3),
  },
  severalLabels: { make: (random, examples) => wordCounts(random, examples, 20, 3) },
  oneLabel: {
    classes: 2,
    make: (random, examples) =>
      wordCounts(random, examples, 4, 1).map(([counts, held]) => [counts, held[0]!]),
  },
  letterCodes: { classes: 2, make: letters },
  standardizedLetterCodes: {
    classes: 2,
    make: (random, examples) => {
      const rows = letters(random, examples);
      const columns = [0, 1, 2].map((j) => standardized(rows.map(([row]) => row[j]!)));
      return rows.map(([, told], i) => [columns.map((column) => column[i]!), told]);
    },
  },
  iris: {
    classes: 3,
    make: (random, examples) => {
      const { features, labels } = loadIris();
      return random.shuffled(features.map((row, i): Example => [row, labels[i]!])).slice(0, examples);
    },
  },
  digits: { classes: 10, make: (random, examples) => digits(random, examples, 1) },
  rawDigits: { classes: 10, make: (random, examples) => digits(random, examples, 255) },
  /** Labels were divided by 255 by mistake: as whole numbers, all are 0. */
  digitsWithSpoiltLabels: {
    classes: 10,
    shape: [28, 28, 1],
    make: (random, examples) => digits(random, examples, 1, (label) => Math.trunc(label / 255)),
  },
  rawImages: {
    classes: 10,
    shape: [28, 28, 1],
    make: (random, examples) => digits(random, examples, 255),
  },
  noise: {
    make: (random, examples) => random.times(examples, () => [[random.uniform()], [random.uniform()]]),
  },
  parabola: {
    make: (random, examples) =>
      random
        .shuffled(grid(201, -10, 0.1))
        .slice(0, examples)
        .map((x) => [[x], [x * x + 3]]),
  },
  noisyParabola: {
    make: (random, examples) => grid(examples, 0, 0.1).map((x) => [[x], [5 * x * x + random.normal() ** 3]]),
  },
  line: {
    make: (random, examples) =>
      random
        .shuffled(grid(100, 1, 1 / 99))
        .slice(0, examples)
        .map((x) => [[x], [5 * x]]),
  },
  quartic: { make: (_, examples) => quartic(examples).map(([x, y]) => [[x], [y]]) },
  standardizedQuartic: {
    make: (_, examples) => {
      const points = quartic(examples);
      const [x, y] = [0, 1].map((axis) => standardized(points.map((point) => point[axis]!)));
      return points.map((__, i) => [[x![i]!], [y![i]!]]);
    },
  },
  /** The class of a number: how many digits it has, and with which it begins. */
  numberLengths: {
    classes: 69,
    make: (random, examples) =>
      random.times(examples, () => {
        const value = Math.floor(random.logUniform(1, 4e7));
        const text = String(value);
        return [[value], Math.min(68, 9 * (text.length - 1) + Number(text[0]) - 1)];
      }),
  },
  gameOfLife: {
    shape: [5, 5, 1],
    make: (random, examples) =>
      random.times(examples, () => {
        const board = random.times(9, () => random.below(2));
        const at = (row: number, column: number): number => board[3 * ((row + 2) % 3) + ((column + 2) % 3)]!;
        const wrapped = Array.from({ length: 25 }, (_, i) => at(Math.floor(i / 5), i % 5));
        return [wrapped, nextBoard(board)];
      }),
  },
  /** A class for each step: 0 where a series is filled up, 1 or 2 before. Its inputs are scrambled: see the facts. */
  paddedSteps: {
    shape: [20, 5],
    make: (random, examples) =>
      random.times(examples, () => {
        const length = 5 + random.below(15);
        const told = Array.from({ length: 20 }, (_, step) => (step < length ? 1 + random.below(2) : 0));
        // A row for each feature, though the network takes a row for each step.
        const rows = random.times(5, () =>
          told.map((own) => (own === 0 ? 0 : own === 1 ? 0.95 * random.normal() : 2 + 0.9 * random.normal())),
        );
        return [rows.flat(), told];
      }),
  },
  oneClass: {
    classes: 2,
    make: (random, examples) =>
      random.times(examples, () => [[random.uniform(0, 0.84), 0.04 + 0.64 * random.normal()], 1]),
  },
  /** scikit-learn's make_blobs with random_state 2: three clouds, of which two overlap. */
  blobs: {
    classes: 3,
    make: (random, examples) => {
      const centers = [
        [-1.28, -9.481],
        [0.993, -1.294],
        [-1.593, -3.393],
      ] as const;
      return random.times(examples, (i) => {
        const [x, y] = centers[i % 3]!;
        return [[x + 2 * random.normal(), y + 2 * random.normal()], i % 3];
      });
    },
  },
  circles: {
    classes: 2,
    make: (random, examples) => {
      const { features, labels } = makeCircles({
        examples,
        noise: 0.1,
        factor: 0.8,
        seed: random.below(1e6),
      });
      return random.shuffled(features.map((row, i): Example => [row, labels[i]!]));
    },
  },
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** A dataset made by a rule, and the shape of an example. */
export function makeData(
  name: RuleName,
  examples: number,
  seed: number,
): { readonly dataset: AnyDataset; readonly shape: readonly number[] } {
  const { classes, shape, make }: Rule = RULES[name];
  const made = make(new Random(seed), examples);
  const features = made.map(([row]) => row);
  const width = features[0]!.length;
  const common = { name, features, featureNames: grid(width, 0, 1).map((j) => `x${j}`) };
  const told = made.map(([, value]) => value);
  const dataset: AnyDataset =
    classes === undefined
      ? {
          ...common,
          targets: told as number[][],
          targetNames: (told[0] as number[]).map((_, j) => `y${j}`),
        }
      : { ...common, labels: told as number[], classNames: grid(classes, 0, 1).map(String) };
  return { dataset, shape: shape ?? [width] };
}
