/** A number as a reader wants it: counts in full, else three digits, and a power of ten where it is far from 1. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (Number.isInteger(value) && size < 1e9)) {
    return String(value);
  }
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${short(share * 100)} %`;
}

/** Longest text of a value in a message. */
const LONGEST = 100;

/** Most entries of a list or an object that are told. */
const MOST = 10;

/** A value in one line, as an error message has it: cut where it is long. */
export function quote(value: unknown): string {
  const text = describe(value, 2);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} ...` : text;
}

function describe(value: unknown, depth: number): string {
  if (typeof value === "string") {
    return `"${value.length > LONGEST ? `${value.slice(0, LONGEST)} ...` : value}"`;
  }
  if (typeof value === "function") {
    return value.name ? `function ${value.name}` : "a function";
  }
  if (typeof value !== "object" || value === null) {
    return Object.is(value, -0) ? "0" : String(value);
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return depth === 0 ? "[...]" : `[${entriesOf(value as ArrayLike<unknown>, depth).join(", ")}]`;
  }
  const name = nameOfClass(value);
  if (depth === 0 || (name !== "" && name !== "Object")) {
    return name === "" || name === "Object" ? "{...}" : `a ${name}`;
  }
  const entries = Object.entries(value);
  const told = entries.slice(0, MOST).map(([key, entry]) => `${key}: ${describe(entry, depth - 1)}`);
  const parts = entries.length > MOST ? [...told, `... ${entries.length} in all`] : told;
  return parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}

function entriesOf(list: ArrayLike<unknown>, depth: number): string[] {
  const told = Array.from({ length: Math.min(list.length, MOST) }, (_, i) =>
    i in list ? describe(list[i], depth - 1) : "a hole",
  );
  return list.length > MOST ? [...told, `... ${list.length} in all`] : told;
}

function nameOfClass(value: object): string {
  const prototype = Object.getPrototypeOf(value) as {
    readonly constructor?: { readonly name?: unknown };
  } | null;
  const name = prototype?.constructor?.name;
  return typeof name === "string" ? name : "";
}
