import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

type Options = { readonly stdio?: unknown } & Readonly<Record<string, unknown>>;
type Stream = "stdout" | "stderr";

const streams: readonly (readonly [number, Stream])[] = [
  [1, "stdout"],
  [2, "stderr"],
];

/** The options of a child with pipes in place of the kernel's own output, and which they are. */
function withPipes(options: Options): { options: Options; piped: Stream[] } {
  const { stdio } = options;
  const list: unknown[] = Array.isArray(stdio) ? [...(stdio as unknown[])] : [stdio, stdio, stdio];
  const piped: Stream[] = [];
  for (const [fd, name] of streams) {
    if (list[fd] === "inherit" || list[fd] === fd || list[fd] === process[name]) {
      list[fd] = "pipe";
      piped.push(name);
    }
  }
  // Nothing is typed into the terminal of the Jupyter server.
  list[0] = list[0] === "inherit" || list[0] === 0 ? "ignore" : list[0];
  return piped.length > 0 ? { options: { ...options, stdio: list }, piped } : { options, piped };
}

/** What child processes print as if they were the kernel goes to the cell that started them. */
export function hookChildren(): void {
  const prototype = childProcess.ChildProcess.prototype as unknown as {
    spawn: (this: childProcess.ChildProcess, options: Options) => unknown;
  };
  const { spawn } = prototype;
  prototype.spawn = function (given) {
    const { options, piped } = withPipes(given);
    const result = spawn.call(this, options);
    piped.forEach((name) => this[name]?.on("data", (chunk: Buffer) => process[name].write(chunk)));
    return result;
  };
  const { spawnSync, execSync, execFileSync } = childProcess;
  const write = (result: Partial<Record<Stream, Buffer | string | null>>, names: Stream[]): void => {
    names.forEach((name) => process[name].write(result[name] ?? ""));
  };
  /** Only a child that shares the kernel's output is run in another way. */
  const sync =
    (run: (...values: never[]) => unknown, returnsText: boolean) =>
    (...values: unknown[]): unknown => {
      const at = values.findLastIndex(
        (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      );
      const { options, piped } = withPipes((values[at] ?? {}) as Options);
      if (piped.length === 0) {
        return run(...(values as never[]));
      }
      // Those that return what is printed write errors to process.stderr by themselves, unless they are told how.
      const changed = returnsText && piped.includes("stderr") ? { ...options, stdio: undefined } : options;
      const names = returnsText ? piped.filter((name) => name === "stdout") : piped;
      try {
        const result = run(...(values.with(at, changed) as never[]));
        write(returnsText ? { stdout: result as Buffer } : (result as object), names);
        return returnsText && piped.includes("stdout") ? null : result;
      } catch (error) {
        write(error as object, names);
        throw error;
      }
    };
  Object.assign(childProcess, {
    spawnSync: sync(spawnSync, false),
    execSync: sync(execSync, true),
    execFileSync: sync(execFileSync, true),
  });
  syncBuiltinESMExports();
}
