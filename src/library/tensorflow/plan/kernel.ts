import { CALLED, Code, type Local } from "./code.js";
import { room } from "./memory.js";
import { type Kernel, WebAssembly } from "./webAssembly.js";

/** What does a piece of work, when it is called. */
export type Work = () => void;

/** Whole numbers that a function is given, by name, one or a list: addresses, distances, how many times. */
type Given = Readonly<Record<string, number | readonly number[]>>;

/** The parameters that hold them. */
type ParametersOf<G extends Given> = {
  readonly [Name in keyof G]: G[Name] extends number ? Local : readonly Local[];
};

/** Functions by what they do: loops that differ in nothing but numbers are one function, which the browser makes fast once. */
const made = new Map<string, Kernel>();

/** Calls the function of that key with these numbers. It is written when it is needed first. */
export function kernel<G extends Given>(
  key: string,
  given: G,
  write: (c: Code, parameters: ParametersOf<G>) => void,
): Work {
  const numbers = Object.values(given).flat();
  let run = made.get(key);
  if (!run) {
    const code = new Code(numbers.length);
    const rest = [...code.parameters];
    const named = Object.entries(given).map(([name, value]) => [
      name,
      typeof value === "number" ? rest.shift() : rest.splice(0, value.length),
    ]);
    write(code, Object.fromEntries(named) as ParametersOf<G>);
    const compiled = new WebAssembly.Module(code.toBytes());
    run = new WebAssembly.Instance(compiled, { js: { memory: room.memory, ...CALLED } }).exports.run;
    made.set(key, run);
  }
  return run.bind(undefined, ...numbers);
}
