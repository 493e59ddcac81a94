import { shuffledIndices } from "../ground/random.js";

/** Who stands in an assignment that is the same for all. */
const EVERYONE = "everyone";

/**
 * A seed for a student: the same name gives the same one. For "everyone" it is 0.
 *
 * @example
 * seedFor("everyone"); // 0
 */
export function seedFor(student: string): number {
  if (student === EVERYONE) {
    return 0;
  }
  // FNV-1a: names that differ in one letter give unrelated seeds.
  let hash = 0x811c9dc5;
  for (const unit of student.normalize("NFC")) {
    hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  }
  return hash >>> 1;
}

/** A list in an order that is the student's own, so that an answer of another's does not fit. For "everyone" it is as it is. */
export function orderFor<T>(student: string, list: readonly T[]): T[] {
  return student === EVERYONE
    ? [...list]
    : shuffledIndices(list.length, seedFor(student)).map((i) => list[i]!);
}
