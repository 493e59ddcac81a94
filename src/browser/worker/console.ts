import { formatWithOptions } from "node-inspect-extracted";
import { consoleTable } from "./consoleTable.js";
import type { Outputs } from "./outputs.js";

type Print = (stream: "stdout" | "stderr", text: string) => void;
type Method = (...values: unknown[]) => void;

const labelOf = (label: unknown): string => (label === undefined ? "default" : formatWithOptions({}, label));

/** The console's methods, as Node has them, with what they remember. */
export function makeConsole(print: Print, now: () => number): Readonly<Record<string, Method>> {
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  let indent = "";
  const writer =
    (stream: "stdout" | "stderr"): Method =>
    (...values) => {
      const text = formatWithOptions({ colors: false }, ...values);
      print(stream, `${indent}${text.replaceAll("\n", `\n${indent}`)}\n`);
    };
  const [log, warn] = [writer("stdout"), writer("stderr")];
  const group: Method = (...values) => {
    if (values.length > 0) {
      log(...values);
    }
    indent += "  ";
  };
  const passed = (label: unknown, ...values: unknown[]): void => {
    const start = starts.get(labelOf(label));
    if (start === undefined) {
      warn(`No timer '${labelOf(label)}' was started with console.time()`);
    } else {
      log(`${labelOf(label)}: ${(now() - start).toFixed(1)}ms`, ...values);
    }
  };
  return {
    log,
    info: log,
    debug: log,
    dir: (value) => {
      log(value);
    },
    dirxml: log,
    warn,
    error: warn,
    trace: (...values) => {
      warn(`Trace: ${formatWithOptions({ colors: false }, ...values)}`);
    },
    assert: (holds, ...values) => {
      if (!holds) {
        const [first, ...rest] = values;
        warn(
          ...(values.length === 0
            ? ["Assertion failed"]
            : typeof first === "string"
              ? [`Assertion failed: ${first}`, ...rest]
              : ["Assertion failed:", ...values]),
        );
      }
    },
    table: (data, only) => {
      const text = consoleTable(data, only as readonly string[] | undefined);
      log(...(text === undefined ? [data] : ["%s", text]));
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2);
    },
    count: (label) => {
      const count = (counts.get(labelOf(label)) ?? 0) + 1;
      counts.set(labelOf(label), count);
      log(`${labelOf(label)}: ${count}`);
    },
    countReset: (label) => {
      counts.delete(labelOf(label));
    },
    time: (label) => {
      starts.set(labelOf(label), now());
    },
    timeLog: passed,
    timeEnd: (label) => {
      passed(label);
      starts.delete(labelOf(label));
    },
  };
}

/** From now on what the console prints is an output of the cell that runs, or of the one that ran last. */
export function redirectConsole(current: () => Outputs | undefined): void {
  const own = { ...console };
  const print: Print = (stream, text) => {
    const outputs = current();
    if (outputs) {
      outputs.print(stream, text);
    } else {
      own[stream === "stdout" ? "log" : "warn"](text.replace(/\n$/, ""));
    }
  };
  Object.assign(
    console,
    makeConsole(print, () => performance.now()),
  );
}
