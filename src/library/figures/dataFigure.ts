import type { Data } from "plotly.js-dist";
import { max, min } from "simple-statistics";
import { type Dataset, requireWhole } from "../data/dataset.js";
import { fail, keysOf, requireKnownKeys } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { short } from "../ground/format.js";
import { classStyle } from "./palette.js";
import { axis, makeFigure } from "./theme.js";

/** Which two features to show, by index (from 0) or by name: the first two if not given. */
export interface DataFigureOptions {
  readonly x?: number | string;
  readonly y?: number | string;
}

const OPTIONS = keysOf<DataFigureOptions>({ x: true, y: true });

/**
 * The examples as points over two of their features; color and shape tell the class.
 *
 * @throws RangeError for a feature that the dataset has not, or a dataset that is not whole.
 */
export function dataFigure(dataset: Dataset, options: DataFigureOptions = {}): Figure {
  const owner = "dataFigure";
  requireKnownKeys(owner, "options", options, OPTIONS);
  requireWhole(owner, dataset);
  const { name, features, labels, featureNames, classNames } = dataset;
  const x = featureIndex(dataset, "x", options.x ?? 0);
  const y = featureIndex(dataset, "y", options.y ?? 1);
  const classes = classNames.map((className, label) => {
    const rows = features.filter((_, i) => labels[i] === label);
    return { className, x: rows.map((row) => row[x]!), y: rows.map((row) => row[y]!) };
  });
  const data = classes.map(
    ({ className, ...values }, label) =>
      ({
        type: "scatter",
        mode: "markers",
        name: className,
        ...values,
        marker: { ...classStyle(label), size: 8, opacity: 0.8 },
        hovertemplate: `${className}: %{x}, %{y}<extra></extra>`,
      }) as Data,
  );
  const [xName, yName] = [featureNames[x]!, featureNames[y]!];
  const counts = classes.map(
    (one) => `${one.x.length} of ${one.className} with ${xName} ${range(one.x)} and ${yName} ${range(one.y)}`,
  );
  return makeFigure({
    title: `${name}: ${labels.length} examples of ${classNames.length} classes`,
    data,
    layout: { xaxis: axis(xName), yaxis: axis(yName, isOneScale(features, x, y)), showlegend: true },
    alt: `Points, ${yName} over ${xName}: ${counts.join("; ")}.`,
  });
}

/** Two features of about the same range have one scale: circles are circles. */
function isOneScale(rows: Dataset["features"], x: number, y: number): { scaleanchor?: "x" } {
  const [spanX, spanY] = [x, y].map((feature) => {
    const values = rows.map((row) => row[feature]!);
    return max(values) - min(values);
  });
  const ratio = spanX! / spanY!;
  return ratio > 0.8 && ratio < 1.25 ? { scaleanchor: "x" } : {};
}

function range(values: number[]): string {
  return values.length === 0 ? "none" : `${short(min(values))} to ${short(max(values))}`;
}

function featureIndex({ featureNames }: Dataset, option: string, feature: number | string): number {
  const index = typeof feature === "string" ? featureNames.indexOf(feature) : feature;
  if (featureNames[index] === undefined) {
    const names = featureNames.map((name, i) => `${i} ("${name}")`).join(", ");
    fail("dataFigure", option, feature, `the index or the name of a feature: ${names}`);
  }
  return index;
}
