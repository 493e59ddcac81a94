import { quote } from "./format.js";

/**
 * Checks of arguments. Each throws a RangeError that names the function, the argument, its value and what is
 * allowed, as in: buildMlp(): width is 0; it must be a whole number of at least 1.
 */

/** Bounds of a number, both included. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The value, if it is a whole number within the bounds. */
export function requireInteger(owner: string, name: string, value: unknown, bounds: Bounds = {}): number {
  if (!Number.isSafeInteger(value) || !within(value as number, bounds)) {
    fail(owner, name, value, `a whole number${describe(bounds)}`);
  }
  return value as number;
}

/** The value, if it is a finite number within the bounds. */
export function requireNumber(owner: string, name: string, value: unknown, bounds: Bounds = {}): number {
  if (!Number.isFinite(value) || !within(value as number, bounds)) {
    fail(owner, name, value, `a number${describe(bounds)}`);
  }
  return value as number;
}

/** The value, if it is a finite number above 0. */
export function requirePositive(owner: string, name: string, value: unknown): number {
  if (!Number.isFinite(value) || (value as number) <= 0) {
    fail(owner, name, value, "a number above 0");
  }
  return value as number;
}

/** The value, if it is true or false. */
export function requireBoolean(owner: string, name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    fail(owner, name, value, "true or false");
  }
  return value;
}

/** The value, if it is one of those allowed. */
export function requireOneOf<T extends string>(
  owner: string,
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  if (!allowed.includes(value as T)) {
    fail(owner, name, value, `one of ${allowed.map((choice) => `"${choice}"`).join(", ")}`);
  }
  return value as T;
}

/**
 * The keys of a type, each written out once, as in `keysOf<Options>({ seed: true })`: the compiler finds a key that is
 * missing and one that the type does not have.
 */
export function keysOf<T extends object>(keys: { readonly [Key in keyof Required<T>]: true }): (keyof T &
  string)[] {
  return Object.keys(keys) as (keyof T & string)[];
}

/** Throws if a value is no object, or has a property that is not among the known ones: most often a slip of the pen. */
export function requireKnownKeys(
  owner: string,
  name: string,
  value: unknown,
  known: readonly string[],
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(owner, name, value, "an object");
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      const options = known.length > 0 ? known.join(", ") : "none";
      throw new RangeError(`${owner}(): ${name} has no option ${quote(key)}; it has ${options}`);
    }
  }
}

/** The value, if it is a list of at least so many things, without holes (as [1, , 2] has one). */
export function requireList<T>(
  owner: string,
  name: string,
  value: readonly T[],
  of: string,
  least = 0,
): readonly T[] {
  const allowed = `a list of ${least > 0 ? `at least ${least} ` : ""}${of}`;
  const given: unknown = value;
  if (!Array.isArray(given) || value.length < least) {
    fail(owner, name, value, allowed);
  }
  for (let i = 0; i < value.length; i++) {
    if (!(i in value)) {
      throw new RangeError(
        `${owner}(): ${name} has a hole at place ${i}; it must be ${allowed}, one in each place`,
      );
    }
  }
  return value;
}

/** Throws the error all these checks throw. */
export function fail(owner: string, name: string, value: unknown, allowed: string): never {
  throw new RangeError(`${owner}(): ${name} is ${quote(value)}; it must be ${allowed}`);
}

function within(value: number, { min = -Infinity, max = Infinity }: Bounds): boolean {
  return value >= min && value <= max;
}

function describe({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) {
    return ` from ${min} to ${max}`;
  }
  return min !== undefined ? ` of at least ${min}` : max !== undefined ? ` of at most ${max}` : "";
}
