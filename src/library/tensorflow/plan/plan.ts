import { lower } from "./lower.js";
import type { Work } from "./kernel.js";
import { room } from "./memory.js";
import { type Numbers, type Operation, sizeOf, type Value } from "./value.js";

/** Does an operation by other means: from the numbers of its inputs, those of its outputs. */
export type Fallback = (operation: Operation, inputs: readonly Numbers[]) => readonly Numbers[];

/** Room that no value needs now, by how many numbers it has. */
export class Pool {
  readonly #free = new Map<number, number[]>();

  take(count: number): number {
    return this.#free.get(count)?.pop() ?? room.take(count);
  }

  give(count: number, address: number): void {
    const free = this.#free.get(count);
    if (free) {
      free.push(address);
    } else {
      this.#free.set(count, [address]);
    }
  }

  dispose(): void {
    this.#free.forEach((addresses, count) => {
      addresses.forEach((address) => {
        room.give(address, count);
      });
    });
    this.#free.clear();
  }
}

/** What a plan is made of: all operations, in order, and where the numbers are that are there before it runs. */
export interface PlanSource {
  readonly operations: readonly Operation[];
  /** The addresses of inputs and constants. They keep their place. */
  readonly given: ReadonlyMap<number, number>;
  readonly fallback: Fallback;
}

/**
 * Operations, one after the other, between numbers in memory: no tensor is made on the way. Only what the wanted values need
 * is worked out, and room serves again when nothing needs its numbers any more.
 */
export class Plan {
  readonly #work: readonly Work[];
  readonly results: readonly number[];
  /** Names of the operations that are done by other means. */
  readonly others: readonly string[];

  constructor({ operations, given, fallback }: PlanSource, wanted: readonly Value[], pool: Pool) {
    const needed = needs(operations, wanted);
    const lastUse = new Map<number, number>();
    needed.forEach(({ inputs }, place) => {
      inputs.forEach(([, { id }]) => lastUse.set(id, place));
    });
    wanted.forEach(({ id }) => lastUse.set(id, Infinity));
    const addresses = new Map(given);
    const taken = new Map<number, number>();
    const work: Work[] = [];
    const others: string[] = [];
    const addressOf = ({ id }: Value): number => addresses.get(id)!;
    const giveBack = (id: number): void => {
      pool.give(taken.get(id)!, addresses.get(id)!);
      taken.delete(id);
    };
    needed.forEach((operation, place) => {
      for (const { id, shape } of operation.outputs) {
        if (!addresses.has(id)) {
          taken.set(id, sizeOf(shape));
          addresses.set(id, pool.take(sizeOf(shape)));
        }
      }
      const borrowed: [number, number][] = [];
      const scratch = (count: number): number => {
        const address = pool.take(count);
        borrowed.push([count, address]);
        return address;
      };
      const lowered = lower(operation, { addressOf, scratch });
      borrowed.forEach((one) => {
        pool.give(...one);
      });
      if (lowered) {
        work.push(...lowered);
      } else {
        others.push(operation.kernel);
        work.push(byOtherMeans(operation, addressOf, fallback));
      }
      const ids = [...operation.inputs.map(([, { id }]) => id), ...operation.outputs.map(({ id }) => id)];
      new Set(ids).forEach((id) => {
        if (taken.has(id) && (lastUse.get(id) ?? place) === place) {
          giveBack(id);
        }
      });
    });
    this.results = wanted.map(addressOf);
    this.#work = work;
    this.others = others;
    // Another plan may use it: no two run at a time.
    [...taken.keys()].forEach(giveBack);
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

function byOtherMeans(operation: Operation, addressOf: (value: Value) => number, fallback: Fallback): Work {
  return () => {
    const inputs = operation.inputs.map(([, value]) => room.read(addressOf(value), value));
    fallback(operation, inputs).forEach((numbers, i) => {
      const output = operation.outputs[i]!;
      room.write(addressOf(output), output.dtype, numbers);
    });
  };
}
