/** How WebAssembly writes things down: https://webassembly.github.io/spec/core/binary. */

/** Whole numbers as WebAssembly writes them: seven bits in each byte. */
export function signed(value: number): number[] {
  const [low, rest] = [value & 0x7f, value >> 7];
  const isLast = rest === (low & 0x40 ? -1 : 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

export const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
export const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
export const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
export const text = (value: string): number[] =>
  list(Array.from(new TextEncoder().encode(value), (byte) => [byte]));
export const bytesOf = (numbers: Float32Array | Float64Array | Int32Array): number[] => [
  ...new Uint8Array(numbers.buffer),
];
