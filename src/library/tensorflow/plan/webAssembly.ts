import { Code } from "./code.js";

/** What is used of WebAssembly. TypeScript has its types only where there is a browser's window. */
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    compiled: object,
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

let isKnown: boolean | undefined;

/** Whether WebAssembly works on four numbers at a time: since 2021, in Safari since 2023. */
export function canCompute(): boolean {
  isKnown ??= WebAssembly.validate(probe());
  return isKnown;
}

function probe(): Uint8Array {
  const code = new Code(0);
  code.f32x4(0);
  return code.toBytes();
}
