/** For tests: something that is added to the library, as somebody would write it who follows the README's table. */

/** A text that goes into a file. */
export interface Change {
  /** From the library's folder. */
  readonly file: string;
  readonly text: string;
  /** The start of the line before which the text goes: of exactly one in the file. Not given: the file is new. */
  readonly before?: string;
}

export interface Addition {
  readonly kind: string;
  /** The row of the README's table. */
  readonly folder: string;
  /** All places that are touched. */
  readonly changes: readonly Change[];
  /**
   * A program that uses the new thing by its public name and checks what comes out: statements of an async function, in which
   * `vg` is the library and `assert` is node:assert/strict.
   */
  readonly use: string;
}
