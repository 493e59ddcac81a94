/** Words for a figure's text alternative. */
import { short } from "../ground/format.js";

/** A number in a sentence, or what is there in place of it. */
export function numberText(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? short(value) : "no finite number";
}

/** A legend's name on one line. */
export function onOneLine(name: string): string {
  return name.replaceAll("<br>", " ");
}

/** Things in a row: "a, b and c". */
export function listText(things: readonly string[]): string {
  return things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} and ${things.at(-1)!}`;
}

/** The same with a small letter at its start, to stand within a sentence. */
export function uncapitalized(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
