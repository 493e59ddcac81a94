import { tf } from "./tf.js";

/** Runs work that returns no tensor, and frees every tensor that it made. */
export function freeing<T>(work: () => T): T {
  let result: T;
  tf.tidy(() => {
    result = work();
  });
  return result!;
}
