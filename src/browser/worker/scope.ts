import * as library from "../../library/index.js";
import * as tf from "../tfjs.js";

type Exports = Readonly<Record<string, unknown>>;

/** What cells can import. */
const MODULES: Readonly<Record<string, Exports>> = {
  "vanishing-gradients": library,
  "@tensorflow/tfjs-node": tf,
  "@tensorflow/tfjs": tf,
};

/** Where the variables of all cells are. */
export const scope = Object.create(null) as Record<string, unknown>;

/**
 * Makes variables of these names. They keep their values until the cell assigns new ones.
 *
 * @returns a function that gives one its old value back
 */
export function declare(names: readonly string[]): (name: string) => void {
  const old = new Map(names.map((name) => [name, scope[name]]));
  for (const [name, value] of old) {
    Object.defineProperty(scope, name, { value, writable: true, configurable: true });
  }
  return (name) => {
    scope[name] = old.get(name);
  };
}

/** Gives names what a module exports under others. */
export function bind(exports: Exports, table: Readonly<Record<string, string>>): void {
  for (const [name, from] of Object.entries(table)) {
    const isWhole = from === "*" || from === "=";
    const property = isWhole ? { value: exports, writable: true } : { get: () => exports[from] };
    Object.defineProperty(scope, name, { ...property, configurable: true });
  }
}

/** @throws Error for a module that no page has. */
export function load(specifier: string): Promise<Exports> {
  const exports = MODULES[specifier];
  return exports
    ? Promise.resolve(exports)
    : Promise.reject(
        new Error(
          `There is no module "${specifier}" here: a page has ${Object.keys(MODULES).slice(0, 2).join(" and ")}.`,
        ),
      );
}
