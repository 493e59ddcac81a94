/** Of the time that a training takes, drawing takes no more than this share. */
const SHARE = 0.2;

/** When the next drawing is due, in milliseconds: `interval` after the last one's end, or later if that one took long. */
export const nextDrawing = (start: number, end: number, interval: number): number =>
  end + Math.max(interval, (end - start) * (1 / SHARE - 1));
