/**
 * Tensors of which only the shape is known. A function that is known to do the same whatever its inputs hold need not work out
 * anything to be noted: an operation with such an input gives such an output.
 */
let guessed: WeakSet<object> | undefined;

let zeros = new ArrayBuffer(0);

/** Runs work while operations may leave out what they would work out. */
export function guessing<T>(work: () => T): T {
  guessed = new WeakSet();
  try {
    return work();
  } finally {
    guessed = undefined;
  }
}

/** From now on, while guessing, this tensor's numbers mean nothing. */
export function markGuess({ dataId }: { readonly dataId: object }): void {
  guessed?.add(dataId);
}

/** Whether one of these tensors' numbers mean nothing. */
export function isGuess(tensors: readonly { readonly dataId: object }[]): boolean {
  return guessed !== undefined && tensors.some(({ dataId }) => guessed!.has(dataId));
}

/** Room for numbers that mean nothing. It is the same for all. */
export function meaningless(bytes: number): ArrayBuffer {
  if (zeros.byteLength < bytes) {
    zeros = new ArrayBuffer(bytes);
  }
  return zeros;
}
