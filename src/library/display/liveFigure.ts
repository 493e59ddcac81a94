import type { Figure } from "../figures/plotlyFigure.js";
import { keysOf, requireKnownKeys, requirePositive } from "../ground/validation.js";
import type { Progress } from "../training/progress.js";
import type { TrainingRecord } from "../training/record.js";
import { nextDrawing } from "./drawingPause.js";
import { displayBundle, inNotebook } from "./notebook.js";
import { drawsPictures } from "./pngNode.js";
import { figureBundle, pictureBundle, pictureSize, showFigure } from "./showFigure.js";

/** How a figure grows. */
export interface LiveFigureOptions {
  /** Seconds between two drawings at least; 0.5 if not given. */
  readonly interval?: number;
}

const KEYS = keysOf<LiveFigureOptions>({ interval: true });

/**
 * A figure that grows while a network trains, as `onProgress`: it is drawn from what has been recorded so far, every half a second
 * or less often, so that drawing takes no more than a fifth of the time. Until the end it is a picture, as front ends do not draw an
 * interactive figure anew in its place; what is there at the end is what `showFigure` shows, and is stored in the notebook. Outside of a notebook, only the text of the last one is printed.
 *
 * @param draw makes the figure of the records: one of a single network, one for each of an ensemble's.
 * @example
 * const onProgress = liveFigure((record) => gradientByLayerFigure(record, { at: -1 }));
 * await recordTraining(model, iris.train, { ...options, onProgress });
 * @throws RangeError for an interval that is no number above 0. While it trains, whatever draw throws.
 */
export function liveFigure(
  draw: (...records: TrainingRecord[]) => Figure,
  options: LiveFigureOptions = {},
): (progress: Progress) => void {
  const owner = "liveFigure";
  requireKnownKeys(owner, "options", options, KEYS);
  const interval = 1000 * requirePositive(owner, "interval", options.interval ?? 0.5);
  const displayId = crypto.randomUUID();
  let update = false;
  let due = Date.now();
  return ({ step, steps, stopped, records }) => {
    if (!records) {
      throw new Error(`${owner}(): several trainings that are one have no record to draw from`);
    }
    const isLast = step === steps || stopped !== undefined;
    const now = Date.now();
    if (!isLast && (now < due || !inNotebook())) {
      return;
    }
    const figure = draw(...records());
    if (!inNotebook()) {
      showFigure(figure);
      return;
    }
    const data = isLast || !drawsPictures() ? figureBundle(figure) : pictureBundle(figure);
    displayBundle(data, { displayId, update, metadata: pictureSize(figure) });
    update = true;
    due = nextDrawing(now, Date.now(), interval);
  };
}
