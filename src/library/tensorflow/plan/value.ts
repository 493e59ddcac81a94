/** A tensor's numbers as the CPU backend holds them. */
export type Numbers = Float32Array | Int32Array | Uint8Array;
export type NumberType = "float32" | "int32" | "bool";

/** What enters or leaves an operation: numbers by their place in a list, in a shape. A reshaped tensor has the same numbers. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: NumberType;
}

/** An operation that a function did. */
export interface Operation {
  readonly kernel: string;
  readonly inputs: readonly (readonly [name: string, value: Value])[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Value[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

const TYPES = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Room for numbers. */
export const makeNumbers = (dtype: NumberType, size: number): Numbers => new TYPES[dtype](size);

export const isNumberType = (dtype: string): dtype is NumberType => Object.hasOwn(TYPES, dtype);

export const typeOf = (numbers: Numbers): NumberType =>
  numbers instanceof Float32Array ? "float32" : numbers instanceof Int32Array ? "int32" : "bool";
