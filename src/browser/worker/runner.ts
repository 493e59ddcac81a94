import { inspect } from "node-inspect-extracted";
import { runtime } from "../../kernel/compiler/runtime.js";
import { interrupt } from "../../library/ground/host.js";
import type { Compiled } from "../protocol.js";
import { bind, declare, load, scope } from "./scope.js";

/** What cells may use that Node has, or the kernel. It is no global: the library is to know that it runs in a browser. */
const ofNode = {
  process: { env: {} },
  prompt: () => Promise.reject(new Error("A page can't ask. Write the answer into the cell.")),
};

/** How long a training may take to end by itself, in milliseconds. Then loops that wait for something are ended. */
const TIME_TO_STOP = 2500;

/** Why a cell ended before its end. */
export class Stopped extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("the cell was stopped before its end");
    delete this.stack;
  }
}

/** A cell that runs, or has run. */
interface Run {
  stopAt?: number;
  readonly stop: (error: unknown) => void;
  /** Loops in its code call `check` while this is not 0. */
  readonly flag: [number];
}

let current: Run | undefined;
/** The run that was stopped, until the next one starts: loops of functions that other cells declare end with it. */
let ending: Run | undefined;
/** Functions of all cells may be called later. */
const runs: Run[] = [];

/**
 * Runs a compiled cell.
 *
 * @param name of its code in stack traces
 * @param onDeclared is told the last of its statements that declared something, and says which names get their old values
 * @returns its value as text, if it has one
 */
export async function execute(
  { javascript, names }: Compiled,
  name: string,
  onDeclared: (done: number) => readonly string[],
): Promise<string | undefined> {
  let stop!: (error: unknown) => void;
  const stopped = new Promise<never>((_, reject) => (stop = reject));
  stopped.catch(() => undefined);
  const run: Run = { stop, flag: [0] };
  current = run;
  ending = undefined;
  // A loop of a cell that was stopped may wait for something still: it ends when that comes.
  for (const { stopAt, flag } of runs) {
    flag[0] = stopAt === undefined ? 0 : 1;
  }
  runs.push(run);
  const restore = declare(names);
  const cell = {
    value: undefined as unknown,
    done: -1,
    meta: { url: name },
    check: () => {
      check(run);
    },
    load,
    bind,
  };
  const given = { [runtime.cell]: cell, [runtime.scope]: scope, [runtime.stop]: run.flag, ...ofNode };
  const head = `"use strict"; (async function ({ ${Object.keys(given).join(", ")} }) {`;
  let isWhole = false;
  try {
    // The first line is the head: maps count from the next.
    const start = (0, eval)(`${head}\n${javascript}\n})\n//# sourceURL=${name}`) as (
      values: object,
    ) => Promise<void>;
    await Promise.race([start(given), stopped]);
    isWhole = true;
  } finally {
    current = undefined;
    onDeclared(isWhole ? Infinity : cell.done).forEach(restore);
  }
  if (run.stopAt !== undefined) {
    throw new Stopped();
  }
  const { value } = cell;
  return value === undefined ? undefined : typeof value === "string" ? value : inspect(value);
}

/** Stops what runs: trainings end at their next step, loops that wait for something a moment later. */
export function stopRunning(): void {
  const run = current;
  if (!run) {
    return;
  }
  const delay = interrupt() && run.stopAt === undefined ? TIME_TO_STOP : 0;
  run.stopAt = Date.now() + delay;
  ending = run;
  for (const { flag } of runs) {
    flag[0] = 1;
  }
  setTimeout(() => {
    run.stop(new Stopped());
  }, delay);
}

/** @throws Stopped if it is called by a loop that is to end. */
function check(run: Run): void {
  const stopAt = run.stopAt ?? ending?.stopAt;
  if (stopAt !== undefined && Date.now() >= stopAt) {
    throw new Stopped();
  }
}
