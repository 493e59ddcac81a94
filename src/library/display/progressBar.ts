import { short } from "../ground/format.js";
import { displayBundle, inNotebook } from "./notebook.js";
import { onTerminal, rewriteLine } from "./terminalNode.js";
import type { Progress } from "../training/progress.js";

/** How often a bar is drawn anew, in milliseconds: on a screen, and in a log, where each time is a line. */
const SCREEN_INTERVAL = 200;
const LOG_INTERVAL = 5000;

const CELLS = 24;

/**
 * A progress bar for a training: `recordTraining(model, data, { ..., onProgress: progressBar("sigmoid") })`.
 * In a notebook and on a terminal it is one line that changes; in a log there is a line every few seconds. The last
 * line holds no time, so that a notebook that is run again stores the same.
 */
export function progressBar(label: string): (progress: Progress) => void {
  const write = inNotebook() ? notebookLine() : onTerminal() ? terminalLine : logLine;
  const interval = inNotebook() || onTerminal() ? SCREEN_INTERVAL : LOG_INTERVAL;
  const start = Date.now();
  let last = start - interval;
  return (progress) => {
    const now = Date.now();
    const ended = progress.step === progress.steps || progress.stopped !== undefined;
    if (ended || now - last >= interval) {
      last = now;
      write(lineOf(label, progress, ended ? undefined : (now - start) / 1000), ended);
    }
  };
}

function lineOf(label: string, progress: Progress, elapsed: number | undefined): string {
  const { step, steps, epoch, epochs, loss, stopped } = progress;
  const filled = Math.round((CELLS * step) / steps);
  const bar = "█".repeat(filled) + "░".repeat(CELLS - filled);
  const left = elapsed === undefined ? 0 : (elapsed * (steps - step)) / step;
  const rest = elapsed === undefined || elapsed < 1 ? "" : `, ${left.toFixed(0)} s left`;
  const end = stopped === undefined ? "" : ` Stopped: ${stopped}.`;
  return `${label} ${bar} epoch ${epoch} of ${epochs}, loss of the batch ${short(loss)}${rest}${end}`;
}

function notebookLine(): (line: string) => void {
  const displayId = crypto.randomUUID();
  let update = false;
  return (line) => {
    displayBundle({ "text/plain": line }, { displayId, update });
    update = true;
  };
}

function terminalLine(line: string, ended: boolean): void {
  rewriteLine(`${line}${ended ? "\n" : ""}`);
}

function logLine(line: string): void {
  console.log(line);
}
