import { lower, type NumbersOf } from "./lower.js";
import { makeNumbers, type Numbers, type Operation, sizeOf, type Value } from "./value.js";

/** Does an operation by other means: from the numbers of its inputs, those of its outputs. */
export type Fallback = (operation: Operation, inputs: readonly Numbers[]) => readonly Numbers[];

/** Arrays that no value needs now, by type and length. */
export class Pool {
  readonly #free = new Map<string, Numbers[]>();

  take({ dtype, shape }: Value): Numbers {
    const size = sizeOf(shape);
    return this.#free.get(`${dtype} ${size}`)?.pop() ?? makeNumbers(dtype, size);
  }

  give({ dtype, shape }: Value, numbers: Numbers): void {
    const key = `${dtype} ${sizeOf(shape)}`;
    const free = this.#free.get(key);
    if (free) {
      free.push(numbers);
    } else {
      this.#free.set(key, [numbers]);
    }
  }
}

/** What a plan is made of: all operations, in order, and the numbers that are there before it runs. */
export interface PlanSource {
  readonly operations: readonly Operation[];
  /** Inputs and constants. They keep their place. */
  readonly given: ReadonlyMap<number, Numbers>;
  readonly fallback: Fallback;
}

/**
 * Operations, one after the other, between arrays that are there: no tensor is made on the way. Only what the wanted values need
 * is worked out, and an array serves again when nothing needs its numbers any more.
 */
export class Plan {
  readonly #work: readonly (() => void)[];
  readonly results: readonly Numbers[];
  /** Names of the operations that are done by other means. */
  readonly others: readonly string[];

  constructor({ operations, given, fallback }: PlanSource, wanted: readonly Value[], pool: Pool) {
    const needed = needs(operations, wanted);
    const lastUse = new Map<number, number>();
    needed.forEach(({ inputs }, place) => {
      inputs.forEach(([, { id }]) => lastUse.set(id, place));
    });
    wanted.forEach(({ id }) => lastUse.set(id, Infinity));
    const places = new Map(given);
    const taken: [Value, Numbers][] = [];
    const work: (() => void)[] = [];
    const others: string[] = [];
    const numbersOf: NumbersOf = ({ id }) => places.get(id)!;
    needed.forEach((operation, place) => {
      const made = new Map<number, Value>();
      for (const output of operation.outputs) {
        if (!places.has(output.id)) {
          const numbers = pool.take(output);
          places.set(output.id, numbers);
          taken.push([output, numbers]);
          made.set(output.id, output);
        }
      }
      const lowered = lower(operation, numbersOf);
      if (lowered) {
        work.push(...lowered);
      } else {
        others.push(operation.kernel);
        work.push(byOtherMeans(operation, numbersOf, fallback));
      }
      const values = [...operation.inputs.map(([, value]) => value), ...made.values()];
      for (const value of new Map(values.map((one) => [one.id, one])).values()) {
        if (!given.has(value.id) && (lastUse.get(value.id) ?? place) === place) {
          const at = taken.findIndex(([{ id }]) => id === value.id);
          pool.give(...taken[at]!);
          taken.splice(at, 1);
        }
      }
    });
    this.results = wanted.map(numbersOf);
    this.#work = work;
    this.others = others;
    // Another plan may use them: no two run at a time.
    taken.forEach(([value, numbers]) => {
      pool.give(value, numbers);
    });
  }

  run(): void {
    for (const work of this.#work) {
      work();
    }
  }
}

/** The operations that the wanted values need, in order. */
function needs(operations: readonly Operation[], wanted: readonly Value[]): Operation[] {
  const ids = new Set(wanted.map(({ id }) => id));
  return operations
    .toReversed()
    .filter(({ inputs, outputs }) => {
      const isNeeded = outputs.some(({ id }) => ids.has(id));
      if (isNeeded) {
        inputs.forEach(([, { id }]) => ids.add(id));
      }
      return isNeeded;
    })
    .toReversed();
}

function byOtherMeans(operation: Operation, numbersOf: NumbersOf, fallback: Fallback): () => void {
  const inputs = operation.inputs.map(([, value]) => numbersOf(value));
  const outputs = operation.outputs.map(numbersOf);
  return () => {
    fallback(operation, inputs).forEach((numbers, i) => {
      outputs[i]!.set(numbers);
    });
  };
}
