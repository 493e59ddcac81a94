import type { Work } from "./kernel.js";
import type { Operation, Value } from "./value.js";

/** Where numbers are while an operation works. */
export interface Places {
  readonly addressOf: (value: Value) => number;
  /** Room for so many numbers, for this operation alone. */
  readonly scratch: (count: number) => number;
}

/** What does the work of an operation, when it is called. Undefined if no way is known but the backend's own. */
export type Lowered = Work[] | undefined;

export type Lowering = (operation: Operation, places: Places) => Lowered;
