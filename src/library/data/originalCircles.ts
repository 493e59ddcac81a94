import { CIRCLES_NAMES } from "./circles.js";
import { readDataFile } from "./dataFileNode.js";
import { type Dataset, selectExamples, type Split } from "./dataset.js";

/**
 * The 1000 points of the original experiment: scikit-learn's `make_circles(n_samples=1000, factor=0.85, noise=0.1,
 * random_state=2021)`, in its order. `loadCirclesSplit` gives them as the original split them.
 *
 * @example
 * loadCircles().labels.length; // 1000
 */
export function loadCircles(): Dataset {
  return readCircles().dataset;
}

/**
 * The points of `loadCircles` as the original experiment split them: 670 to train on, in the order in which it trained on them,
 * and 330 to test with, by scikit-learn's `train_test_split(test_size=0.33, random_state=42)`.
 *
 * @example
 * loadCirclesSplit().train.labels.length; // 670
 */
export function loadCirclesSplit(): Split {
  const { dataset, places } = readCircles();
  const part = (name: string): Dataset => {
    const chosen = places.filter(({ part }) => part === name).sort((a, b) => a.order - b.order);
    return selectExamples(
      dataset,
      chosen.map(({ index }) => index),
    );
  };
  return { train: part("train"), test: part("test") };
}

/** Which part of the split a point is in, and its place there. */
interface Place {
  readonly index: number;
  readonly part: string | undefined;
  readonly order: number;
}

function readCircles(): { dataset: Dataset; places: Place[] } {
  const rows = readDataFile("circles.csv")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  return {
    dataset: {
      ...CIRCLES_NAMES,
      features: rows.map(([x1, x2]) => [Number(x1), Number(x2)]),
      labels: rows.map(([, , label]) => Number(label)),
    },
    places: rows.map(([, , , part, order], index) => ({ index, part, order: Number(order) })),
  };
}
