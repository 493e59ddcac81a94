import type { Data } from "plotly.js-dist";
import type { Dataset } from "../data/dataset.js";
import { fail } from "../validation.js";
import type { Figure } from "./figure.js";
import { axis, layoutOf, nthStyle } from "./theme.js";

/** Which two features to show, by index or by name: the first two if not given. */
export interface DataFigureOptions {
  readonly x?: number | string;
  readonly y?: number | string;
}

/** The examples as points over two of their features; colour and shape tell the class. */
export function dataFigure(dataset: Dataset, options: DataFigureOptions = {}): Figure {
  const { name, features, labels, featureNames, classNames } = dataset;
  const x = featureIndex(dataset, "x", options.x ?? 0);
  const y = featureIndex(dataset, "y", options.y ?? 1);
  const data = classNames.map((className, label): Data => {
    const rows = features.filter((_, i) => labels[i] === label);
    const { color, symbol } = nthStyle(label);
    return {
      type: "scatter",
      mode: "markers",
      name: className,
      x: rows.map((row) => row[x]!),
      y: rows.map((row) => row[y]!),
      marker: { color, symbol, size: 8, opacity: 0.8 },
    } as Data;
  });
  const counts = classNames.map(
    (className, label) => `${labels.filter((other) => other === label).length} of ${className}`,
  );
  const [xName, yName] = [featureNames[x]!, featureNames[y]!];
  return {
    data,
    layout: layoutOf(`${name}: ${labels.length} examples of ${classNames.length} classes`, {
      xaxis: axis(xName),
      yaxis: axis(yName),
    }),
    alt: `Scatter plot of the dataset ${name}, ${yName} over ${xName}: ${counts.join(", ")}.`,
  };
}

function featureIndex({ featureNames }: Dataset, option: string, feature: number | string): number {
  const index = typeof feature === "string" ? featureNames.indexOf(feature) : feature;
  if (featureNames[index] === undefined) {
    const names = featureNames.map((name, i) => `${i} ("${name}")`).join(", ");
    fail("dataFigure", option, feature, `the index or the name of a feature: ${names}`);
  }
  return index;
}
