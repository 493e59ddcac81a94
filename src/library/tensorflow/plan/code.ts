import { bytesOf, list, section, signed, text, unsigned } from "./encoding.js";
import { type Instruction, INSTRUCTIONS, SIMD, VALUE_TYPES, type ValueType } from "./instructions.js";

/** A variable of a function that is being written, by its number. */
export interface Local {
  readonly at: number;
  readonly type: ValueType;
}

/** Functions that WebAssembly has no instruction for. They are called number by number. */
export const CALLED = {
  sin: Math.sin,
  cos: Math.cos,
  pow: Math.pow,
  mod: (a: number, b: number): number => (a < 0 === b < 0 ? a % b : ((a % b) + b) % b),
} as const;
const CALLED_NAMES = Object.keys(CALLED) as (keyof typeof CALLED)[];

/** A function that is being written. What an instruction gives is a new variable; the browser's compiler makes registers of them. */
export class Code {
  readonly #bytes: number[] = [];
  readonly #types: ValueType[] = [];
  readonly parameters: readonly Local[];

  constructor(parameters: number) {
    this.parameters = Array.from({ length: parameters }, (_, at) => ({ at, type: "i32" }));
  }

  /** A variable for the value that was worked out last. */
  #keep(type: ValueType): Local {
    const local: Local = { at: this.parameters.length + this.#types.length, type };
    this.#types.push(type);
    this.#bytes.push(0x21, ...unsigned(local.at));
    return local;
  }

  #push(...locals: readonly Local[]): void {
    locals.forEach(({ at }) => this.#bytes.push(0x20, ...unsigned(at)));
  }

  /** An instruction. Lanes and the like follow its name. */
  op(name: Instruction, values: readonly Local[], ...immediate: readonly number[]): Local {
    const [type, ...bytes] = INSTRUCTIONS[name];
    this.#push(...values);
    this.#bytes.push(...bytes.flatMap((byte, i) => (i === 0 ? [byte] : unsigned(byte))), ...immediate);
    // A store gives nothing; nobody asks for its value.
    return type === "none" ? values[0]! : this.#keep(type);
  }

  load(name: Instruction & `${string}.load${string}`, address: Local, offset = 0): Local {
    return this.op(name, [address], 0, ...unsigned(offset));
  }

  store(
    name: Instruction & `${string}.store${string}`,
    address: Local,
    value: Local,
    offset = 0,
    ...lane: number[]
  ): void {
    this.op(name, [address, value], 0, ...unsigned(offset), ...lane);
  }

  i32(value: number): Local {
    this.#bytes.push(0x41, ...signed(value));
    return this.#keep("i32");
  }

  f64(value: number): Local {
    this.#bytes.push(0x44, ...bytesOf(Float64Array.of(value)));
    return this.#keep("f64");
  }

  /** Four times the same number. */
  f32x4(value: number): Local {
    this.#bytes.push(SIMD, 12, ...bytesOf(new Float32Array(4).fill(value)));
    return this.#keep("v128");
  }

  i32x4(value: number): Local {
    this.#bytes.push(SIMD, 12, ...bytesOf(new Int32Array(4).fill(value)));
    return this.#keep("v128");
  }

  /** A variable of its own, that may change. */
  variable(value: Local): Local {
    this.#push(value);
    return this.#keep(value.type);
  }

  assign(variable: Local, value: Local): void {
    this.#push(value);
    this.#bytes.push(0x21, ...unsigned(variable.at));
  }

  /** Moves an address on, by so many bytes. */
  move(address: Local, distance: Local | number): void {
    const bytes = typeof distance === "number" ? this.i32(distance) : distance;
    this.assign(address, this.op("i32.add", [address, bytes]));
  }

  /** Does something as often as `count` says, which is at least once. */
  repeat(count: Local, body: () => void): void {
    const left = this.variable(count);
    this.#bytes.push(0x03, 0x40);
    body();
    this.assign(left, this.op("i32.add", [left, this.i32(-1)]));
    this.#push(left);
    this.#bytes.push(0x0d, 0, 0x0b);
  }

  /** Does something if a number is not 0. */
  when(condition: Local, body: () => void): void {
    this.#push(condition);
    this.#bytes.push(0x04, 0x40);
    body();
    this.#bytes.push(0x0b);
  }

  /** Does something as often as `count` says, which may be not at all. */
  repeatAny(count: Local, body: () => void): void {
    this.when(count, () => {
      this.repeat(count, body);
    });
  }

  /** Four numbers, each by a function of JavaScript. */
  called(name: keyof typeof CALLED, values: readonly Local[]): Local {
    const shuffled = (value: Local, from: number): Local =>
      this.op("f64x2.promote_low_f32x4", [
        this.op(
          "i8x16.shuffle",
          [value, value],
          ...Array.from({ length: 16 }, (_, i) => (4 * from + i) % 16),
        ),
      ]);
    let result = this.f32x4(0);
    for (const lane of [3, 2, 1, 0]) {
      this.#push(...values.map((value) => this.op("f64x2.extract_lane", [shuffled(value, lane)], 0)));
      this.#bytes.push(0x10, CALLED_NAMES.indexOf(name));
      const one = this.op("f32x4.demote_f64x2_zero", [this.op("f64x2.splat", [this.#keep("f64")])]);
      // One step to the left, and the new number first.
      result = this.op(
        "i8x16.shuffle",
        [one, result],
        ...[0, 1, 2, 3],
        ...Array.from({ length: 12 }, (_, i) => 16 + i),
      );
    }
    return result;
  }

  /** The module with this function alone, as WebAssembly has it. */
  toBytes(): Uint8Array {
    const functionType = (given: readonly ValueType[], gives: readonly ValueType[]): number[] => [
      0x60,
      ...list(given.map((type) => [VALUE_TYPES[type]])),
      ...list(gives.map((type) => [VALUE_TYPES[type]])),
    ];
    const called = Object.values(CALLED);
    const types = [
      functionType(["f64"], ["f64"]),
      functionType(["f64", "f64"], ["f64"]),
      functionType(
        this.parameters.map(({ type }) => type),
        [],
      ),
    ];
    const imports = [
      [...text("js"), ...text("memory"), 0x02, 0x00, 0x01],
      ...called.map(({ length }, i) => [...text("js"), ...text(CALLED_NAMES[i]!), 0x00, length - 1]),
    ];
    const body = [...list(this.#types.map((type) => [1, VALUE_TYPES[type]])), ...this.#bytes, 0x0b];
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, list(types)),
      ...section(2, list(imports)),
      ...section(3, list([[2]])),
      ...section(7, list([[...text("run"), 0x00, called.length]])),
      ...section(10, list([[...unsigned(body.length), ...body]])),
    ]);
  }
}
