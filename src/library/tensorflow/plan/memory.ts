import { makeNumbers, type Numbers, type NumberType, sizeOf, type Value } from "./value.js";
import { WebAssembly, type WebAssemblyMemory } from "./webAssembly.js";

const PAGE = 65536;
/** Where an array begins, and how far one may be read or written beyond its end: four numbers at a time. */
const STEP = 16;

interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Memory that WebAssembly's functions work in. Parts of it are taken and given back. */
class Room {
  readonly memory: WebAssemblyMemory = new WebAssembly.Memory({ initial: 1 });
  /** What is free, in order. Gaps do not touch. */
  #gaps: Gap[] = [{ start: STEP, end: PAGE }];

  static #bytes(count: number): number {
    return Math.ceil((4 * count) / STEP + 1) * STEP;
  }

  /** The address of room for so many numbers of 32 bits. */
  take(count: number): number {
    const bytes = Room.#bytes(count);
    let at = this.#gaps.findIndex(({ start, end }) => end - start >= bytes);
    if (at < 0) {
      const { byteLength } = this.memory.buffer;
      // A quarter more than there is, so that it need not grow often.
      const pages = Math.ceil(Math.max(bytes, byteLength / 4) / PAGE);
      this.#grow(pages);
      this.#insert({ start: byteLength, end: byteLength + pages * PAGE });
      at = this.#gaps.length - 1;
    }
    const { start, end } = this.#gaps[at]!;
    this.#gaps.splice(at, 1, ...(end - start > bytes ? [{ start: start + bytes, end }] : []));
    return start;
  }

  /** @throws Error if the browser gives no more. */
  #grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch {
      const used = Math.round(this.memory.buffer.byteLength / 1e6);
      throw new Error(
        `the browser gives no more memory than ${used} MB: train fewer or smaller networks at a time`,
      );
    }
  }

  /** Gives room back. */
  give(address: number, count: number): void {
    this.#insert({ start: address, end: address + Room.#bytes(count) });
  }

  #insert({ start, end }: Gap): void {
    const next = this.#gaps.findIndex((gap) => gap.start >= end);
    const at = next < 0 ? this.#gaps.length : next;
    const [before, after] = [this.#gaps[at - 1], this.#gaps[at]];
    const [joinsBefore, joinsAfter] = [before?.end === start, after?.start === end];
    this.#gaps.splice(at - (joinsBefore ? 1 : 0), (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), {
      start: joinsBefore ? before!.start : start,
      end: joinsAfter ? after!.end : end,
    });
  }

  /** The numbers at an address, until memory grows. Truth values are whole numbers there. */
  view(address: number, dtype: NumberType, count: number): Float32Array | Int32Array {
    const View = dtype === "float32" ? Float32Array : Int32Array;
    return new View(this.memory.buffer, address, count);
  }

  write(address: number, dtype: NumberType, numbers: Numbers): void {
    this.view(address, dtype, numbers.length).set(numbers);
  }

  /** A copy of the numbers at an address. */
  read(address: number, { dtype, shape }: Pick<Value, "dtype" | "shape">): Numbers {
    const numbers = makeNumbers(dtype, sizeOf(shape));
    numbers.set(this.view(address, dtype, numbers.length));
    return numbers;
  }
}

/** There is one: all plans work in it, one after the other. */
export const room = new Room();
