/** What is used of WebAssembly. TypeScript has its types only where there is a browser's window. */
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: { readonly run: Kernel } };
  validate(bytes: Uint8Array): boolean;
}

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A compiled function: of addresses in bytes, lengths and distances. */
export type Kernel = (...given: number[]) => void;

export const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

const VALUE_TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
type ValueType = keyof typeof VALUE_TYPES;

/** A variable of a function that is being written, by its number. */
export interface Local {
  readonly at: number;
  readonly type: ValueType;
}

const SIMD = 0xfd;

/** Instructions by their standard names: what they give, and their bytes. To use another one, add it. */
const INSTRUCTIONS = {
  "f64.load": ["f64", 0x2b],
  "f64.store": ["none", 0x39],
  "f64.add": ["f64", 0xa0],
  "f64.mul": ["f64", 0xa2],
  "f64.div": ["f64", 0xa3],
  "f64.convert_i32_s": ["f64", 0xb7],
  "f64.min": ["f64", 0xa4],
  "f64.max": ["f64", 0xa5],
  "i32.add": ["i32", 0x6a],
  "i32.and": ["i32", 0x71],
  "i32.shr_u": ["i32", 0x76],
  "v128.load": ["v128", SIMD, 0],
  "v128.load32_splat": ["v128", SIMD, 9],
  "v128.load32_zero": ["v128", SIMD, 92],
  "v128.store": ["none", SIMD, 11],
  "v128.store32_lane": ["none", SIMD, 90],
  "v128.store64_lane": ["none", SIMD, 91],
  "v128.and": ["v128", SIMD, 78],
  "v128.or": ["v128", SIMD, 80],
  "v128.xor": ["v128", SIMD, 81],
  "v128.bitselect": ["v128", SIMD, 82],
  "i32x4.eq": ["v128", SIMD, 55],
  "i32x4.ne": ["v128", SIMD, 56],
  "i32x4.lt_s": ["v128", SIMD, 57],
  "i32x4.gt_s": ["v128", SIMD, 59],
  "i32x4.le_s": ["v128", SIMD, 61],
  "i32x4.ge_s": ["v128", SIMD, 63],
  "i32x4.add": ["v128", SIMD, 174],
  "i32x4.sub": ["v128", SIMD, 177],
  "i32x4.shl": ["v128", SIMD, 171],
  "i32x4.shr_s": ["v128", SIMD, 172],
  "i32x4.trunc_sat_f32x4_s": ["v128", SIMD, 248],
  "f32x4.convert_i32x4_s": ["v128", SIMD, 250],
  "f32x4.eq": ["v128", SIMD, 65],
  "f32x4.ne": ["v128", SIMD, 66],
  "f32x4.lt": ["v128", SIMD, 67],
  "f32x4.gt": ["v128", SIMD, 68],
  "f32x4.le": ["v128", SIMD, 69],
  "f32x4.ge": ["v128", SIMD, 70],
  "f32x4.ceil": ["v128", SIMD, 103],
  "f32x4.floor": ["v128", SIMD, 104],
  "f32x4.nearest": ["v128", SIMD, 106],
  "f32x4.abs": ["v128", SIMD, 224],
  "f32x4.neg": ["v128", SIMD, 225],
  "f32x4.sqrt": ["v128", SIMD, 227],
  "f32x4.add": ["v128", SIMD, 228],
  "f32x4.sub": ["v128", SIMD, 229],
  "f32x4.mul": ["v128", SIMD, 230],
  "f32x4.div": ["v128", SIMD, 231],
  "f32x4.min": ["v128", SIMD, 232],
  "f32x4.max": ["v128", SIMD, 233],
  "f64x2.splat": ["v128", SIMD, 20],
  "f64x2.add": ["v128", SIMD, 240],
  "f64x2.mul": ["v128", SIMD, 242],
  "f64x2.extract_lane": ["f64", SIMD, 33],
  "f64x2.replace_lane": ["v128", SIMD, 34],
  "f64x2.promote_low_f32x4": ["v128", SIMD, 95],
  "f32x4.demote_f64x2_zero": ["v128", SIMD, 94],
  "f64x2.convert_low_i32x4_s": ["v128", SIMD, 254],
  "i32x4.trunc_sat_f64x2_s_zero": ["v128", SIMD, 252],
  "i8x16.shuffle": ["v128", SIMD, 13],
} as const satisfies Record<string, readonly [ValueType | "none", ...number[]]>;

export type Instruction = keyof typeof INSTRUCTIONS;

/** Functions that WebAssembly has no instruction for. They are called number by number. */
const CALLED = {
  sin: Math.sin,
  cos: Math.cos,
  pow: Math.pow,
  mod: (a: number, b: number): number => (a < 0 === b < 0 ? a % b : ((a % b) + b) % b),
} as const;
const CALLED_NAMES = Object.keys(CALLED) as (keyof typeof CALLED)[];

/** Whole numbers as WebAssembly writes them: seven bits in each byte. */
function signed(value: number): number[] {
  const [low, rest] = [value & 0x7f, value >> 7];
  const isLast = rest === (low & 0x40 ? -1 : 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (value: string): number[] => list([...value].map((letter) => [letter.charCodeAt(0)]));
const bytesOf = (numbers: Float32Array | Float64Array | Int32Array): number[] => [
  ...new Uint8Array(numbers.buffer),
];

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

  /** The module with this function alone. */
  module(): Uint8Array {
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

/** Functions by what they do: loops that differ in nothing but numbers are one function, which the browser makes fast once. */
const made = new Map<string, Kernel>();

/** The function of that name, written when it is needed first. Its parameters are whole numbers. */
export function kernel(
  name: string,
  parameters: number,
  memory: WebAssemblyMemory,
  write: (code: Code) => void,
): Kernel {
  let run = made.get(name);
  if (!run) {
    const code = new Code(parameters);
    write(code);
    const module = new WebAssembly.Module(code.module());
    run = new WebAssembly.Instance(module, { js: { memory, ...CALLED } }).exports.run;
    made.set(name, run);
  }
  return run;
}

let isKnown: boolean | undefined;

/** Whether WebAssembly works on four numbers at a time: since 2021, in Safari since 2023. */
export function canCompute(): boolean {
  isKnown ??= WebAssembly.validate(probe());
  return isKnown;
}

function probe(): Uint8Array {
  const code = new Code(0);
  code.f32x4(0);
  return code.module();
}
