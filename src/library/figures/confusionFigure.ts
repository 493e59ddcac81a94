import { percent } from "../ground/format.js";
import { fail } from "../ground/validation.js";
import type { Figure } from "./plotlyFigure.js";
import { axis, makeFigure } from "./theme.js";

/** One answer: what is so, and what was said. */
export interface Answer {
  readonly actual: string;
  readonly said: string;
}

/** Pixels for each row, and for what stands around them. */
const ROW = 19;
const AROUND = 315;
/** Pixels that names take, at most. */
const NAMES = { below: 150, left: 180 };

/**
 * A confusion matrix: a row for what is so, a column for what was said, and in each cell how often. What is said rightly stands on the
 * diagonal. Rows and columns are in the order in which names first appear as `actual`, then as `said`.
 *
 * @throws RangeError for no answer.
 */
export function confusionFigure(answers: readonly Answer[]): Figure {
  if (answers.length === 0) {
    fail("confusionFigure", "answers", [], "a list of at least one");
  }
  const rows = [...new Set(answers.map(({ actual }) => actual))];
  const saidOnly = [...new Set(answers.map(({ said }) => said))].filter((name) => !rows.includes(name));
  const saidNames = [...rows, ...saidOnly];
  const counts = rows.map((row) => {
    const own = answers.filter(({ actual }) => actual === row);
    return saidNames.map((name) => own.filter(({ said }) => said === name).length);
  });
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const right = rows.reduce((sum, _, i) => sum + counts[i]![i]!, 0);
  // One beside the other: the worst one, or the first of several that are as bad.
  const worst = rows
    .map((row, i) => ({ row, share: counts[i]![i]! / totals[i]! }))
    .sort((a, b) => a.share - b.share)[0]!;
  const cells = {
    type: "heatmap",
    x: saidNames,
    y: rows,
    z: counts.map((row, i) => row.map((count) => count / totals[i]!)),
    // A cell without an answer stays white.
    text: counts.map((row) => row.map((count) => (count > 0 ? String(count) : ""))),
    texttemplate: "%{text}",
    zmin: 0,
    zmax: 1,
    colorscale: [
      [0, "#ffffff"],
      [0.02, "#dcebf5"],
      [1, "#2b7bba"],
    ],
    showscale: false,
    xgap: 1,
    ygap: 1,
    hovertemplate: "%{y}: %{text} of them are said to be<br>%{x}<extra></extra>",
  };
  return makeFigure({
    title: `What is so (rows) and what was said (columns): ${right} of ${answers.length} agree`,
    data: [cells as object],
    layout: {
      height: Math.max(420, AROUND + ROW * rows.length),
      // The titles stand beyond the longest names.
      xaxis: axis("", {
        title: { text: "what was said", standoff: NAMES.below },
        tickangle: -60,
        tickfont: { size: 11 },
      }),
      yaxis: axis("", {
        title: { text: "what is so", standoff: NAMES.left },
        autorange: "reversed",
        tickfont: { size: 11 },
      }),
      margin: { l: 240, r: 15, t: 50, b: 215 },
    },
    alt: `Least often: ${worst.row}, ${percent(worst.share)}.`,
  });
}
