import { fail, keysOf, requireInteger, requireKnownKeys, requireNumber } from "../ground/validation.js";

/**
 * What the learning rate is multiplied by at a step (counted from 0) of so many steps in all. Write one of your own, or take
 * one of `warmUp`, `cosine`, `inSteps`.
 */
export type Schedule = (step: number, steps: number) => number;

/** The learning rate grows evenly to its full size over so many steps, and stays there. */
export function warmUp(steps: number): Schedule {
  const over = requireInteger("warmUp", "steps", steps, { min: 1 });
  return (step) => Math.min(1, (step + 1) / over);
}

/** How `cosine` goes. */
export interface CosineOptions {
  /** Steps of growth before; 0 if not given. */
  readonly warmUp?: number;
  /** The share of the learning rate that is left in the end; 0 if not given. */
  readonly least?: number;
}

const KEYS = keysOf<CosineOptions>({ warmUp: true, least: true });

/** The learning rate falls along half a cosine to the last step (Loshchilov and Hutter 2017), after a warm-up if wanted. */
export function cosine(options: CosineOptions = {}): Schedule {
  requireKnownKeys("cosine", "options", options, KEYS);
  const over = requireInteger("cosine", "warmUp", options.warmUp ?? 0, { min: 0 });
  const least = requireNumber("cosine", "least", options.least ?? 0, { min: 0, max: 1 });
  return (step, steps) => {
    if (step < over) {
      return (step + 1) / over;
    }
    const share = Math.min(1, (step - over) / Math.max(1, steps - 1 - over));
    return least + ((1 - least) * (1 + Math.cos(Math.PI * share))) / 2;
  };
}

/** The learning rate is multiplied by `factor` each so many steps. */
export function inSteps(every: number, factor: number): Schedule {
  requireInteger("inSteps", "every", every, { min: 1 });
  requireNumber("inSteps", "factor", factor, { min: 0 });
  return (step) => factor ** Math.floor(step / every);
}

/** What a schedule says of a step, checked. */
export function factorAt(owner: string, schedule: Schedule, step: number, steps: number): number {
  const factor: unknown = schedule(step, steps);
  if (typeof factor !== "number" || !Number.isFinite(factor) || factor < 0) {
    return fail(owner, `schedule(${step}, ${steps})`, factor, "a number of at least 0");
  }
  return factor;
}
